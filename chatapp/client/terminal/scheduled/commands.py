"""`/later` and `/scheduled` of `chatapp chat`."""

import re
from collections.abc import Callable
from datetime import datetime

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.scheduled.moments import moment_of
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    needed,
)
from chatapp.domain.errors import NotFound
from chatapp.domain.visible import visible
from chatapp.protocol.values import Scheduled

SHOWN_CHARACTERS = 60

_LATER = re.compile(r"(?:\"(?P<quoted>[^\"]+)\"|(?P<word>\S+))\s+(?P<text>.+)", re.DOTALL)


def _now() -> datetime:
    return datetime.now().astimezone()


class ScheduledCommands:
    def __init__(
        self, chat: ChatClient, rooms: KnownRooms, now: Callable[[], datetime] = _now
    ) -> None:
        self._chat = chat
        self._rooms = rooms
        self._now = now
        self.commands: dict[str, SlashCommand] = {
            "later": self._later,
            "scheduled": self._scheduled,
        }

    def _later(self, rest: str, context: CommandContext) -> str:
        found = _LATER.fullmatch(needed(rest))
        if found is None:
            raise WrongArguments
        at = moment_of(found["quoted"] or found["word"], self._now())
        kept = self._chat.schedule(context.room, found["text"], at=at, thread=context.thread)
        return f"It will be sent {shown_time(kept.at)}."

    def _scheduled(self, rest: str, _context: CommandContext) -> str:
        scheduled = self._chat.scheduled()
        if not rest:
            lines = [
                f"{number}. {scheduled_line(each, self._rooms.shown(each.room))}"
                for number, each in enumerate(scheduled, start=1)
            ]
            return "\n".join(lines) or "You have no scheduled messages."
        cancel = re.fullmatch(r"cancel\s+([0-9]{1,3})", rest)
        if cancel is None:
            raise WrongArguments
        number = int(cancel[1])
        if not 1 <= number <= len(scheduled):
            raise NotFound(f"There is no scheduled message {number}.")
        self._chat.unschedule(scheduled[number - 1].id)
        return "It was cancelled."


def shown_time(at: str) -> str:
    """`2026-12-01 09:00`, in the zone of this machine."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def scheduled_line(scheduled: Scheduled, room: str) -> str:
    """`2026-12-01 09:00 general: Good morning`"""
    text = " ".join(scheduled.text.split())[:SHOWN_CHARACTERS]
    what = text or ", ".join(file.name for file in scheduled.files)
    why = f" (not sent: {scheduled.refused.message})" if scheduled.refused else ""
    return visible(f"{shown_time(scheduled.at)} {room}: {what}{why}")
