"""`/poll`, `/vote`, `/votes` and `/close-poll` of `chatapp chat`."""

import re
import shlex
from collections.abc import Callable
from datetime import datetime

import msgspec

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.polls.lines import poll_lines, poll_state, result_line
from chatapp.client.terminal.scheduled.moments import moment_of
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    needed,
)
from chatapp.domain.errors import BadPayload, NotFound
from chatapp.domain.model import Message, Poll

LOOKED_AT = 50
"""The newest messages, among which the last poll is."""
QUOTES = str.maketrans("“”„«»", '"""""')


class WrittenPoll(msgspec.Struct, frozen=True):
    """A poll as it was typed."""

    question: str
    options: list[str]
    flags: dict[str, bool]
    until: str | None


class PollCommands:
    """`timeout`: how long a poll waits for a connection."""

    def __init__(
        self,
        chat: ChatClient,
        *,
        timeout: float,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._chat = chat
        self._timeout = timeout
        self._now = now
        self.commands: dict[str, SlashCommand] = {
            "poll": self._ask,
            "vote": self._vote,
            "votes": self._votes,
            "close-poll": self._close,
        }

    def _ask(self, rest: str, context: CommandContext) -> str:
        poll = written_poll(rest)
        self._chat.poll(
            context.room,
            poll.question,
            poll.options,
            multiple=poll.flags["several"],
            anonymous=poll.flags["anonymous"],
            hidden=poll.flags["hidden"],
            closes_at=moment_of(poll.until, self._now()) if poll.until else None,
            thread=context.thread,
            timeout=self._timeout,
        )
        return ""

    def _vote(self, rest: str, context: CommandContext) -> str:
        seq, typed = self._number(rest, context)
        if typed == "none":
            chosen = []
        elif re.fullmatch(r"[0-9]{1,2}(?:[\s,]+[0-9]{1,2})*", typed):
            chosen = [int(number) - 1 for number in re.findall("[0-9]+", typed)]
        else:
            raise WrongArguments
        poll = self._poll(context.room, seq).poll
        if poll and not all(0 <= place < len(poll.options) for place in chosen):
            raise BadPayload(f"The options of #{seq} are 1 to {len(poll.options)}.")
        self._chat.vote(context.room, seq, chosen)
        return self._standing(self._poll(context.room, seq))

    def _votes(self, rest: str, context: CommandContext) -> str:
        seq, more = self._number(rest, context)
        if not more:
            return self._standing(self._poll(context.room, seq))
        if not re.fullmatch("[0-9]{1,2}", more) or more == "0":
            raise WrongArguments
        names: list[str] = []
        after: int | None = 0
        while after is not None:
            page = self._chat.voters(context.room, seq, int(more) - 1, after=after)
            names += page.names
            after = page.after
        return ", ".join(names) or f"Nobody has voted for option {more} of #{seq}."

    def _close(self, rest: str, context: CommandContext) -> str:
        seq, more = self._number(rest, context)
        if more:
            raise WrongArguments
        closed = self._chat.close_poll(context.room, seq)
        if closed is None or closed.poll is None:
            return f"The poll #{seq} is closed already."
        return f"The poll #{seq} is closed: {result_line(closed.poll)}"

    def _number(self, rest: str, context: CommandContext) -> tuple[int, str]:
        """The number of a poll, the last one in the room without any, and the rest of the line."""
        found = re.fullmatch(r"#([0-9]{1,15})(?:\s+(.*))?", rest, re.DOTALL)
        if found:
            return int(found[1]), (found[2] or "").strip()
        newest = self._chat.history(context.room, limit=LOOKED_AT).messages
        polls = [message.seq for message in newest if message.poll]
        if not polls:
            raise NotFound("There is no poll here; give its number, such as #12.")
        return polls[-1], rest.strip()

    def _poll(self, room: str, seq: int) -> Message:
        for message in self._chat.history(room, around=seq, limit=1).messages:
            if message.seq == seq and message.poll:
                return message
        raise BadPayload(f"Message #{seq} is no poll.")

    def _standing(self, message: Message) -> str:
        poll: Poll | None = message.poll
        return "\n".join([*poll_lines(poll), poll_state(message.seq, poll)]) if poll else ""


def written_poll(typed: str) -> WrittenPoll:
    """`"Lunch?" "Pizza" "Salad" --several --anonymous --hidden --until "tomorrow 9:00"`"""
    try:
        words = shlex.split(needed(typed).translate(QUOTES))
    except ValueError:
        raise BadPayload("A quotation mark is missing.") from None
    flags = dict.fromkeys(("several", "anonymous", "hidden"), False)
    said: list[str] = []
    until = None
    remaining = iter(words)
    for word in remaining:
        flag = word.removeprefix("--").removeprefix("—")
        if flag == word:
            said.append(word)
        elif flag in flags:
            flags[flag] = True
        elif flag == "until":
            until = next(remaining, None)
            if until is None:
                raise WrongArguments
        else:
            raise WrongArguments
    if len(said) < 3:
        raise WrongArguments
    return WrittenPoll(said[0], said[1:], flags, until)
