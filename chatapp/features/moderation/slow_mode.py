"""Slow mode: in some rooms, a person waits between two messages.

Their last message in the log decides, whichever process appended it. How long ago that was is
measured by a monotonic clock, from the moment when this process heard of it: clocks of machines
differ, and may be put back. What was appended before this process started, or so long ago that it
is forgotten, is looked up in the log, where it has the time of a wall clock.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from chatapp.domain.errors import RateLimited
from chatapp.domain.model import Event, Person, Room
from chatapp.domain.rights import may_change_room

MAX_HEARD = 20_000
"""How many people's last messages are remembered; of others, the log is asked."""

LastPost = Callable[[Person, str], datetime | None]
"""When a person posted last in the room of this name, by the log."""


class SlowMode:
    def __init__(
        self,
        last_post: LastPost = lambda _person, _room: None,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._last_post = last_post
        self._now = now
        self._monotonic = monotonic
        self._heard: OrderedDict[tuple[str, str], float] = OrderedDict()
        """When a person last posted in a room, on the monotonic clock."""

    def applies(self, person: Person, room: Room) -> bool:
        """Admins and the room's creator need not wait, nor does anybody in a direct room."""
        is_slow = room.slow_seconds > 0 and room.kind != "direct"
        return is_slow and not may_change_room(person, room)

    def hear(self, event: Event, _origin: str | None = None) -> None:
        """An event that is in the log now."""
        is_said = event.type == "message" and event.system is None and event.moved_from is None
        if is_said and event.by:
            self._note(event.room, event.by, self._monotonic())

    def check(self, person: Person, room: Room) -> None:
        """Raises `RateLimited` if this person posted in this room a moment ago."""
        if not self.applies(person, room):
            return
        heard = self._heard.get((room.name, person.id))
        if heard is None:
            heard = self._looked_up(person, room)
        wait = heard + room.slow_seconds - self._monotonic()
        if wait > 0:
            raise RateLimited(
                f"{room.title} is in slow mode; write again in {wait:.0f} s.",
                retry_after=round(wait, 1),
            )

    def _looked_up(self, person: Person, room: Room) -> float:
        """A wall clock that was put back since makes nobody wait longer than slow mode does."""
        last = self._last_post(person, room.name)
        ago = room.slow_seconds if last is None else max(0.0, self._now() - last.timestamp())
        heard = self._monotonic() - ago
        self._note(room.name, person.id, heard)
        return heard

    def _note(self, room: str, id: str, heard: float) -> None:
        self._heard[room, id] = heard
        self._heard.move_to_end((room, id))
        if len(self._heard) > MAX_HEARD:
            self._heard.popitem(last=False)
