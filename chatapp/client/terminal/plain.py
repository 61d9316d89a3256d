"""`chatapp chat` without a terminal: lines in, lines out, until the input ends."""

import sys

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.exits import exit_code
from chatapp.client.terminal.render import Transcript


def run(chat: ChatClient, room: str) -> None:
    """Ends with the exit code of the last thing that went wrong."""
    with Conversation(
        chat, room, Transcript(colour=False), show=_show, complain=_complain, over=chat.close
    ) as conversation:
        for line in sys.stdin:
            if not conversation.enter(line.rstrip("\n")):
                break
        conversation.finish()
    if conversation.failure is not None:
        sys.exit(exit_code(conversation.failure))


def _show(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"chatapp: {text}\n")
