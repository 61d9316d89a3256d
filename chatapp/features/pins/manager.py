"""Pinning messages of a room, and the list of them.

Pinning and unpinning are lines of the chat, from which the index and clients learn what is pinned.
What is deleted or moved to another room is not pinned any more; what is erased stays, without its
text.
"""

from collections.abc import Callable
from typing import Protocol

from chatapp.domain.errors import NotAllowed, NotFound, QuotaReached
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_PINS
from chatapp.domain.model import Draft, Person, Room, SystemLine
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import require_joined, require_may_pin
from chatapp.domain.subjects import deletion_of, pins_of
from chatapp.features.messages.decisions import Decisions, Unneeded, unless_unneeded
from chatapp.features.messages.finding import message_in, require_undeleted
from chatapp.ports import MessageStore
from chatapp.protocol.answers import PinsPage
from chatapp.protocol.requests import ListPins, PinMessage
from chatapp.protocol.values import PinnedMessage

PINS_LIMIT = 20


class RoomFinder(Protocol):
    """Finds the rooms that a person can see; other rooms cannot be found."""

    def find(self, person: Person, name: str) -> Room: ...


class PinManager:
    """`is_in(id, room)`: whether a person is a member of a room. `check_change(person, room)`
    raises an error if they may not change anything there now, `check_stay(person)` if they would
    not come in any more. Managers of one log share their `decisions`."""

    def __init__(
        self,
        log: MessageStore,
        *,
        rooms: RoomFinder,
        check_change: Callable[[Person, Room], None],
        is_in: Callable[[str, Room], bool],
        decisions: Decisions,
        pace: PersonPace | None,
        check_stay: Callable[[Person], None] = lambda _person: None,
    ) -> None:
        self._log = log
        self._rooms = rooms
        self._check_change = check_change
        self._is_in = is_in
        self._decisions = decisions
        self._pace = pace
        self._check_stay = check_stay

    def seqs(self, room: str) -> list[int]:
        """The pinned messages of a room, the one that was pinned last first."""
        return [pin.seq for pin in self._log.pins(room)]

    def page(self, person: Person, wanted: ListPins) -> PinsPage:
        room = self._rooms.find(person, wanted.room).name
        pins = self._log.pins(room)
        if wanted.after is not None:
            pins = [pin for pin in pins if f"{pin.line:016d}" < wanted.after]
        limit = wanted.limit or PINS_LIMIT
        found = [(pin, self._log.message(room, pin.seq)) for pin in pins[:limit]]
        return PinsPage(
            pins=[
                PinnedMessage(seq=pin.seq, pinned_by=pin.sender, pinned_at=pin.at, message=message)
                for pin, message in found
                if message is not None
            ],
            after=f"{pins[limit - 1].line:016d}" if len(pins) > limit else None,
        )

    def pin(self, person: Person, wanted: PinMessage) -> Future[None]:
        """Pin a message, or no longer; done when the line is in the log. What is so already stays,
        without another line."""
        room = self._rooms.find(person, wanted.room).name
        what = "pinned" if wanted.on else "unpinned"
        line = Draft(
            room=room,
            sender=person.name,
            by=person.id,
            text=f"{person.name} {what} a message",
            system=SystemLine(what=what, seqs=[wanted.seq]),
        )
        message = Draft(room=room, sender=person.name, type="delete", target=wanted.seq)
        rests_on = pins_of(room), deletion_of(message)

        def append() -> Future[None]:
            if not self._is_needed(person, wanted):
                return Future.of(None)
            if self._pace is not None:
                self._pace.check(person)
            appended = self._log.append(line, again=again, rests_on=rests_on)
            return unless_unneeded(appended).then(lambda _: None)

        def again() -> None:
            self._check_stay(person)
            if not self._is_needed(person, wanted):
                raise Unneeded("Someone else has done this already.")

        return self._decisions.make(pins_of(room), rests_on, append)

    def _is_needed(self, person: Person, wanted: PinMessage) -> bool:
        room = self._rooms.find(person, wanted.room)
        require_joined(room, self._is_in(person.id, room))
        require_may_pin(person, room)
        self._check_change(person, room)
        pinned = self.seqs(room.name)
        if wanted.on and wanted.seq not in pinned:
            self._require_message(room, wanted.seq)
            if len(pinned) >= MAX_PINS:
                raise QuotaReached(f"{MAX_PINS} messages are pinned here; unpin one first.")
        return wanted.on != (wanted.seq in pinned)

    def _require_message(self, room: Room, seq: int) -> None:
        message = message_in(room, seq, self._log)
        if message.system is not None:
            raise NotAllowed("The chat wrote this line; it cannot be pinned.")
        require_undeleted(message)
        if message.erased_at is not None:
            raise NotFound("That message has been erased.")
