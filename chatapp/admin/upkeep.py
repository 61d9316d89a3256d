"""What admins do to rooms and messages from the console.

Each act has a reason and is noted in the audit log, and pages that are open hear of it at
once. Admins see every room here, as they see every record of the log.
"""

from collections.abc import Callable, Set
from typing import Protocol

from chatapp.limits import checked_reason
from chatapp.model import Event, Person, Room
from chatapp.notes import Note
from chatapp.pending import Pending
from chatapp.wire import Delete, Update


class Rooms(Protocol):
    """All rooms, whoever may see them."""

    def all(self) -> list[Room]: ...
    def any(self, name: str) -> Room: ...
    def change(self, room: Room, update: Update) -> Pending[Room]: ...


class Messages(Protocol):
    """Deletes messages, in any room."""

    def delete(self, person: Person, joined: Set[str], delete: Delete) -> Pending[Event | None]: ...


class EveryRoom:
    """Finds rooms as somebody does who may see them all."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def visible_to(self, _person: Person) -> list[Room]:
        return self._rooms.all()

    def find(self, _person: Person, name: str) -> Room:
        return self._rooms.any(name)


class Upkeep:
    """`tell_event(event)` and `tell_room(room)` bring the news to those who may know."""

    def __init__(
        self,
        rooms: Rooms,
        messages: Messages,
        note: Note,
        *,
        tell_event: Callable[[Event], object],
        tell_room: Callable[[Room], object],
    ) -> None:
        self._rooms = rooms
        self._messages = messages
        self._note = note
        self._tell_event = tell_event
        self._tell_room = tell_room

    def rooms(self) -> list[Room]:
        """Every room, by name."""
        return self._rooms.all()

    def room(self, name: str) -> Room:
        return self._rooms.any(name)

    def change_room(self, admin: Person, update: Update, reason: str) -> Pending[None]:
        """Archive a room, make it read-only or slow, or undo that."""
        reason = checked_reason(reason)
        changed = self._rooms.change(self._rooms.any(update.room), update)
        self._note(
            admin.name,
            "room",
            room=update.room,
            archived=update.archived,
            read_only=update.read_only,
            slow_seconds=update.slow_seconds,
            reason=reason,
        )
        return changed.then(self._tell_room).then(lambda _: None)

    def delete_message(self, admin: Person, room: str, seq: int, reason: str) -> Pending[None]:
        """Take a message's text away; what is gone already stays as it is."""
        reason = checked_reason(reason)
        deleted = self._messages.delete(admin, {room}, Delete(room=room, seq=seq))

        def tell(event: Event | None) -> None:
            if event is not None:
                self._note(admin.name, "delete", room=room, seq=seq, reason=reason)
                self._tell_event(event)

        return deleted.then(tell)
