"""Runs the slash commands of bots, and knows their names for completion and for /help.

The server is asked for the names when somebody needs them, and again after half a minute.
"""

import contextlib
import time

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.commands import InputLine
from chatapp.client.terminal.slash_commands import CommandContext
from chatapp.domain.errors import BadPayload, ChatError, NotFound
from chatapp.domain.visible import visible
from chatapp.protocol.pushes import CommandAnswer
from chatapp.protocol.values import OfferedCommand

FRESH_SECONDS = 30.0
ASK_SECONDS = 3.0
NO_SUCH_EVENT = "There is no event of this name."
"""What an older server answers."""


class BotCommands:
    """Any thread may use it, except that which reads from the server."""

    def __init__(self, chat: ChatClient) -> None:
        self._chat = chat
        self._known: dict[str, tuple[float, list[OfferedCommand]]] = {}
        """Of each room, and when it was asked for."""

    def offered(self, room: str) -> list[OfferedCommand]:
        """The commands of a room; those that are known, while the server does not answer."""
        asked_at, known = self._known.get(room, (float("-inf"), []))
        if time.monotonic() - asked_at < FRESH_SECONDS or not self._chat.is_connected:
            return known
        with contextlib.suppress(ChatError):  # of an older server, or of one that is away
            known = self._chat.commands(room, timeout=ASK_SECONDS)
        self._known[room] = time.monotonic(), known
        return known

    def run(self, line: InputLine, context: CommandContext) -> None:
        """Raises `BadPayload` if no bot has the command, or the server has no such commands."""
        try:
            self._chat.run_command(context.room, line.command, line.rest, thread=context.thread)
        except (NotFound, BadPayload) as refused:
            if isinstance(refused, BadPayload) and refused.message != NO_SUCH_EVENT:
                raise
            raise BadPayload(
                f"There is no command /{line.command}; /help lists all commands. "
                f"To post it as text, type //{line.command}."
            ) from None


def usages(commands: list[OfferedCommand]) -> dict[str, str]:
    """What can be typed, with what it does and whose it is."""
    return {
        visible(f"/{one.name} {one.hint}".rstrip()): visible(what_it_does(one)) for one in commands
    }


def what_it_does(command: OfferedCommand) -> str:
    """`Puts it there (deploy-bot)`"""
    return f"{command.description} ({command.owner})".strip()


def answer_text(answer: CommandAnswer, shown: str, where: str | None) -> str:
    """`shown` is the name of the bot, `where` the room if it is not the one that is open."""
    place = f" in {where}" if where else ""
    return f"{shown} answers your /{answer.name}{place}, and only you see it:\n{answer.text}"
