"""`chatapp chat`: a conversation with or without a terminal."""

from chatapp.client.chat import ChatClient
from chatapp.client.terminal import interactive, plain
from chatapp.client.terminal.streams import is_conversation


def run(chat: ChatClient, *, room: str) -> None:
    with chat:
        if is_conversation():
            interactive.run(chat, room)
        else:
            plain.run(chat, room)
