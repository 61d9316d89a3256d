"""`/status` of `chatapp chat`: `/status 🌴 Vacation until 2026-12-24`."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, get_args

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.scheduled.moments import moment_of
from chatapp.client.terminal.slash_commands import CommandContext, SlashCommand
from chatapp.client.terminal.statuses.lines import status_line
from chatapp.domain.emoji import one_emoji
from chatapp.protocol.values import State

CLEAR, OUT = "clear", "out"
WORDS = (*get_args(State), CLEAR, OUT)
"""What completion offers."""

_END = re.compile(r"(?:(?P<text>.*?)\s+)?(?:until\s+(?P<until>.+)|for\s+(?P<span>[0-9]+\s*[mhdw]))")


class Typed(NamedTuple):
    emoji: str
    text: str
    until: datetime | None
    out_of_office: bool


def parsed(rest: str, now: datetime) -> Typed:
    """`[out] [EMOJI] [TEXT] [until TIME | for 2h]`; raises BadPayload."""
    first, _, more = rest.partition(" ")
    is_out = first == OUT
    text, until = (more if is_out else rest).strip(), None
    if end := _END.fullmatch(text):
        until = moment_of(end["until"] or f"+{end['span']}", now)
        text = end["text"] or ""
    first, _, more = text.partition(" ")
    emoji = first if one_emoji(first) else ""
    return Typed(emoji, more.strip() if emoji else text, until, is_out)


def _now() -> datetime:
    return datetime.now().astimezone()


class StatusCommands:
    def __init__(self, chat: ChatClient, now: Callable[[], datetime] = _now) -> None:
        self._chat = chat
        self._now = now
        self.commands: dict[str, SlashCommand] = {"status": self._status}

    def _status(self, rest: str, _context: CommandContext) -> str:
        state: State | None = next((each for each in get_args(State) if each == rest), None)
        if state is not None:
            self._chat.status(state)
            return f"You are {state} now."
        if not rest:
            return self._own()
        if rest == CLEAR:
            self._chat.status(text="")
            return "Your status was cleared."
        typed = parsed(rest, self._now())
        status = self._chat.status(**typed._asdict())
        return f"Your status is now {status_line(status)}." if status else self._own()

    def _own(self) -> str:
        [*profiles] = self._chat.people([self._chat.name or ""])
        status = profiles[0].status if profiles else None
        return f"Your status is {status_line(status)}." if status else "You have no status."
