"""`chatapp chat`: a conversation with or without a terminal."""

import sys

from chatapp.client.chat import ChatClient
from chatapp.client.terminal import interactive
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.exits import exit_code
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.streams import is_conversation
from chatapp.domain.errors import BadPayload
from chatapp.standard_streams import input_lines


def run(chat: ChatClient, *, room: str, bell: bool) -> None:
    with chat:
        if is_conversation():
            interactive.run(chat, room, bell=bell)
        else:
            _run_plain(chat, room)


def _run_plain(chat: ChatClient, room: str) -> None:
    """Lines in, lines out, until the input ends. Exits with the code of the last error."""
    with Conversation(
        chat,
        room,
        Transcript(colour=False, address_of=chat.address_of),
        show=_show,
        complain=_complain,
        over=chat.close,
    ) as conversation:
        try:
            for line in input_lines():
                if not conversation.enter(line.rstrip("\n")):
                    break
        except BadPayload:
            conversation.finish()  # execute earlier lines first
            raise
        conversation.finish()
    if conversation.failure is not None:
        sys.exit(exit_code(conversation.failure))


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"chatapp: {text}\n")
