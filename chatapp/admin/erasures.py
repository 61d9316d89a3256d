"""Taking a person's texts, or one message's, out of the log for good, while the chat goes on.

What is asked for is kept in the directory until it is done: a server that was stopped in the
middle does it at its next start. One is done after the other; the same one asked for twice
while it waits is one.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from chatapp.clock import timestamp
from chatapp.errors import BadPayload, ChatError
from chatapp.limits import checked_reason
from chatapp.model import Person
from chatapp.notes import Note
from chatapp.pending import Pending
from chatapp.processes import ProcessFailed
from chatapp.storage import StorageError, Wanted
from chatapp.table import Directory, Table

TABLE = "erasures"

logger = logging.getLogger(__name__)

Told = Callable[[int, int], None]
"""`told(lines, erased)` hears how far it is."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for, by whom, and what became of it."""

    wanted: Wanted
    by: str
    asked_at: str
    state: Literal["waiting", "done", "failed"] = "waiting"
    erased: int = 0
    ended_at: str | None = None
    problem: str | None = None

    @property
    def what(self) -> str:
        """In words."""
        if self.wanted.seq is not None:
            return f"message {self.wanted.seq} in {self.wanted.room}"
        return f"everything {self.wanted.sender} wrote"


class Progress(msgspec.Struct):
    """How far the one is that is being done."""

    key: str
    lines: int = 0
    erased: int = 0


class Erasures:
    """`erase(wanted, when, told)` does it, and gives how many texts are gone; `spawn(step)` lets
    a step run by itself.
    """

    def __init__(
        self,
        store: Directory,
        note: Note,
        *,
        erase: Callable[[Wanted, str, Told], int],
        spawn: Callable[[Callable[[], None]], object],
        clock: Callable[[], datetime],
    ) -> None:
        self._table = Table(store, TABLE, Erasure)
        self._note = note
        self._erase = erase
        self._spawn = spawn
        self._clock = clock
        self._failed: set[tuple[str, str]] = set()
        """On a full disk not even that can be written down; the next start tries again."""
        self.progress: Progress | None = None

    def start(self) -> None:
        """Goes on with what was not done when the server stopped."""
        self._work()

    def ask_for_person(
        self, admin: Person, name: str, *, confirm: str, reason: str
    ) -> Pending[None]:
        """Everything that somebody of this name has written up to now."""
        if confirm != name:
            raise BadPayload("Type the name exactly, to erase everything they wrote.")
        return self._ask(admin, f"name:{name}", Wanted(sender=name), reason)

    def ask_for_message(self, admin: Person, room: str, seq: int, reason: str) -> Pending[None]:
        """A message, and what it said before it was edited."""
        return self._ask(admin, f"message:{room}:{seq}", Wanted(room=room, seq=seq), reason)

    def all(self) -> list[tuple[str, Erasure]]:
        """With their keys, the newest first."""
        return sorted(self._table.items(), key=lambda one: one[1].asked_at, reverse=True)

    def _ask(self, admin: Person, key: str, wanted: Wanted, reason: str) -> Pending[None]:
        reason = checked_reason(reason)
        known = self._table.latest(key)
        if known is not None and self._waits(key, known):
            return Pending.of(None)
        self._note(
            admin.name, "erase", name=wanted.sender, room=wanted.room, seq=wanted.seq, reason=reason
        )
        asked_at = timestamp(self._clock())
        kept = self._table.put(key, Erasure(wanted=wanted, by=admin.name, asked_at=asked_at))
        return kept.then(lambda _: self._work())

    def _waits(self, key: str, erasure: Erasure) -> bool:
        """It is going to be done, and not begun."""
        if erasure.state != "waiting" or (key, erasure.asked_at) in self._failed:
            return False
        return self.progress is None or self.progress.key != key

    def _work(self) -> None:
        if self.progress is not None:
            return
        waiting = [(key, one) for key, one in self.all() if self._waits(key, one)]
        if waiting:
            key, erasure = waiting[-1]
            self.progress = Progress(key)
            self._spawn(lambda: self._do(key, erasure))

    def _do(self, key: str, erasure: Erasure) -> None:
        progress = self.progress = Progress(key)

        def told(lines: int, erased: int) -> None:
            progress.lines, progress.erased = lines, erased

        ended: dict[str, object]
        try:
            erased = self._erase(erasure.wanted, timestamp(self._clock()), told)
            ended = {"state": "done", "erased": erased}
            self._note(erasure.by, "erased", texts=erased, what=erasure.what)
        except (ProcessFailed, ChatError, StorageError, OSError) as error:
            logger.error("What was to be erased (%s) is not: %s", erasure.what, error)
            self._failed.add((key, erasure.asked_at))
            ended = {"state": "failed", "problem": str(error)}
        if self._table.latest(key) == erasure:
            ended_at = timestamp(self._clock())
            self._table.put(key, msgspec.structs.replace(erasure, ended_at=ended_at, **ended))
        self.progress = None
        self._work()
