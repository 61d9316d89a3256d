"""Which private rooms an agent has read: what it read there, it can write nowhere else.

A row is kept for a day after the last read. It belongs to the bot, not to a session that the client
names: an agent that begins a new one, or comes with another of its tokens, still knows what it has
read. The row is durable before the text is answered.
"""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.model import Person, Room
from chatapp.tables.table import TableStore

TABLE = "agent_reads"
KEPT = timedelta(days=1)
WRITTEN_EVERY = timedelta(hours=1)
"""Writing every read would add a line for each call; a row is kept for so much longer."""


class PrivateRead(msgspec.Struct, frozen=True, kw_only=True):
    """The bot with the id `by` has read this room at a time."""

    by: str
    room: str
    at: str


class PrivateReads:
    def __init__(self, store: TableStore, *, clock: Clock) -> None:
        self._table = store.table(TABLE, PrivateRead)
        self._clock = clock

    def note(self, agent: Person, room: Room) -> Future[None]:
        """The agent reads this room now. Resolved when that is durable."""
        if room.kind == "public":
            return Future.of(None)
        key, now = f"{agent.id}\n{room.name}", self._clock()
        read = self._table.get(key)
        if read and read.at > timestamp(now - WRITTEN_EVERY) and not self._table.is_writing(key):
            return Future.of(None)
        self._forget_old()
        return self._table.put(key, PrivateRead(by=agent.id, room=room.name, at=timestamp(now)))

    def of(self, agent: Person) -> set[str]:
        """The names of the private rooms that the agent has read within the last day."""
        since = timestamp(self._clock() - KEPT - WRITTEN_EVERY)
        rows = [read for _, read in self._table.items() if read.by == agent.id]
        return {read.room for read in rows if read.at >= since}

    def require_free(self, agent: Person, room: Room, titled: Callable[[str], str]) -> None:
        """Raises `NotAllowed` if what the agent has read must not be written in this room."""
        others = sorted(self.of(agent) - {room.name})
        if others:
            raise NotAllowed(
                f"Within the last day you have read {', '.join(map(titled, others))}, which not "
                f"everybody can see. Until a day has passed, you can write drafts only there."
            )

    def forget(self, agent: str) -> None:
        """Remove all rows of the bot with this id."""
        for key, read in self._table.items():
            if read.by == agent:
                self._table.delete(key)

    def _forget_old(self) -> None:
        before = timestamp(self._clock() - KEPT - WRITTEN_EVERY)
        for key, read in self._table.items():
            if read.at < before:
                self._table.delete(key)
