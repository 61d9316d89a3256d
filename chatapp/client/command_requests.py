"""The client's requests about slash commands: for bots that have them, and for people who run them.

They are methods of `ChatClient`, kept apart as those of `requests.py` are.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

from chatapp.domain.limits import checked_cid, checked_command_name, checked_room_name, checked_text
from chatapp.protocol import events
from chatapp.protocol.answers import StartedCommand
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.requests import (
    AddCommand,
    AnswerCommand,
    ListCommands,
    RemoveCommand,
    RunCommand,
    TakeCommand,
)
from chatapp.protocol.values import OfferedCommand

P = TypeVar("P")
A = TypeVar("A")

CID_BYTES = 12


class CommandRequests(ABC):
    @abstractmethod
    def _ask(self, event: ClientEvent[P, A], payload: P, **options: Any) -> A:
        """Send the event and wait for its answer."""

    def commands(
        self, room: str | None = None, *, timeout: float | None = None
    ) -> list[OfferedCommand]:
        """The slash commands of bots in a room that you can see, by name. Without a room, those
        that you, a bot, have registered."""
        wanted = ListCommands(room=None if room is None else checked_room_name(room))
        return self._ask(events.COMMANDS, wanted, timeout=timeout).commands

    def run_command(
        self,
        room: str,
        name: str,
        text: str = "",
        *,
        thread: int | None = None,
        cid: str | None = None,
    ) -> StartedCommand:
        """Run `/name text` in a room that you have joined; returns when a program has taken it.
        Raises `NoAnswer` if none does within three seconds: then it has not run. What the program
        answers in private comes as a `CommandAnswer` to `on_event`; what it posts, as messages. The
        same `cid` is the same run.
        """
        wanted = RunCommand(
            room=checked_room_name(room),
            name=name,
            text=text,
            thread=thread,
            cid=secrets.token_hex(CID_BYTES) if cid is None else checked_cid(cid),
        )
        return self._ask(events.RUN_COMMAND, wanted)

    # For bots

    def add_command(
        self,
        name: str,
        *,
        hint: str = "",
        description: str = "",
        rooms: Sequence[str] | None = None,
        posted: bool = False,
    ) -> None:
        """Register a slash command, or change one of yours. `hint` says what may follow the name.
        It is offered in these `rooms`, or with None in all that you are in. If it is `posted`, what
        people type is also their message. Raises `NameTaken` if the command is another's.
        """
        wanted = AddCommand(
            name=checked_command_name(name),
            hint=hint,
            description=description,
            rooms=None if rooms is None else list(rooms),
            posted=posted,
        )
        self._ask(events.ADD_COMMAND, wanted)

    def remove_command(self, name: str) -> None:
        """Remove a slash command of yours."""
        self._ask(events.REMOVE_COMMAND, RemoveCommand(name=name), again=False)

    def take_command(self, id: str, mark: str) -> None:
        """Take a `CommandCall` that came to `on_event`, within three seconds. `mark` is a text of
        your own, by which a repetition is known; raises `NotAllowed` if another connection of your
        account was faster, `NotFound` if it is too late."""
        self._ask(events.TAKE_COMMAND, TakeCommand(id=id, mark=mark))

    def answer_command(self, id: str, text: str) -> None:
        """Answer a command that you have taken, within half an hour, so that only who has typed it
        sees the answer. It is not kept: who is offline by then does not get it."""
        self._ask(events.ANSWER_COMMAND, AnswerCommand(id=id, text=checked_text(text)), again=False)
