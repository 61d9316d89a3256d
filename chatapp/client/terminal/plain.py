"""`chatapp chat` without a terminal: lines in, lines out, until the input ends."""

import sys

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.render import Transcript


def run(chat: ChatClient, room: str) -> None:
    """Raises the last thing that went wrong, so that the exit code tells of it."""
    transcript = Transcript(colour=False)
    with Conversation(chat, room, transcript, show=_show, over=chat.close) as conversation:
        for line in sys.stdin:
            if not conversation.enter(line.rstrip("\n")):
                break
        conversation.finish()
    if conversation.failure is not None:
        raise conversation.failure


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
