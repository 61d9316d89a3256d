"""Selects the part of a log to export: by room, sender and time."""

from datetime import datetime
from functools import lru_cache

import msgspec

from chatapp.domain.errors import NoSuchRoom, NotFound
from chatapp.domain.limits import name_key
from chatapp.domain.model import Event

_key = lru_cache(maxsize=4096)(name_key)
"""Size of the cache of names: nearly every name in a log occurs repeatedly."""


class ExportFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A missing criterion matches everything. `until` is exclusive. Names match in any spelling."""

    room: str | None = None
    sender: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def has_room(self, room: str) -> bool:
        return self.room is None or _key(room) == _key(self.room)

    def has_sender(self, sender: str) -> bool:
        return self.sender is None or _key(sender) == _key(self.sender)

    def has_message(self, event: Event) -> bool:
        if not self.has_room(event.room) or not self.has_sender(event.sender):
            return False
        if self.since is not None and datetime.fromisoformat(event.at) < self.since:
            return False
        return self.until is None or datetime.fromisoformat(event.at) < self.until


class Occurrence:
    """Checks that the log has the filter's room and person, on any day."""

    def __init__(self, extract: ExportFilter) -> None:
        self._extract = extract
        self._has_room = extract.room is None
        self._has_sender = extract.sender is None

    def see(self, event: Event) -> None:
        self._has_room = self._has_room or self._extract.has_room(event.room)
        self._has_sender = self._has_sender or self._extract.has_sender(event.sender)

    def check(self) -> None:
        """Raises NoSuchRoom or NotFound for a name that never occurs: it is probably mistyped."""
        if not self._has_room:
            raise NoSuchRoom(f"There are no messages in a room called {self._extract.room!r}.")
        if not self._has_sender:
            raise NotFound(f"Nobody called {self._extract.sender!r} has written anything.")
