"""Which part of a log is exported: by room, sender and time."""

from datetime import datetime

import msgspec

from chatapp.model import Event


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """What is not given may be anything. `until` is not included."""

    room: str | None = None
    sender: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def has_room(self, room: str) -> bool:
        return self.room is None or room == self.room

    def has_message(self, event: Event) -> bool:
        if not self.has_room(event.room):
            return False
        if self.sender is not None and event.sender != self.sender:
            return False
        if self.since is not None and datetime.fromisoformat(event.at) < self.since:
            return False
        return self.until is None or datetime.fromisoformat(event.at) < self.until
