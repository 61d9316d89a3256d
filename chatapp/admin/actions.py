"""Actions of admins on rooms and messages in the console.

Each action has a reason and is written to the audit log, and open pages are updated at once.
Admins see every room here, as they see every record of the log.
"""

from collections.abc import Callable

from chatapp.domain.future import Future
from chatapp.domain.limits import checked_reason
from chatapp.domain.model import Event, Person, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import require_admin
from chatapp.features.messages.manager import MessageManager
from chatapp.features.rooms.manager import RoomManager
from chatapp.protocol.requests import Delete, Update


class EveryRoom:
    """Finds rooms without any restriction."""

    def __init__(self, rooms: RoomManager) -> None:
        self._rooms = rooms

    def visible_to(self, _person: Person) -> list[Room]:
        return self._rooms.all()

    def find(self, _person: Person, name: str) -> Room:
        return self._rooms.any(name)


class AdminActions:
    """`tell_room(room)` sends a changed room to the people who can see it."""

    def __init__(
        self,
        rooms: RoomManager,
        messages: MessageManager,
        note: Note,
        *,
        tell_room: Callable[[Room], object],
    ) -> None:
        self.rooms = rooms
        self._messages = messages
        self._note = note
        self._tell_room = tell_room

    def tell_viewing(self, room: Room) -> Future[None]:
        """Tell a room's members that an admin has read it."""
        return self.rooms.viewed(room).then(self._tell_room).then(lambda _: None)

    def change_room(self, admin: Person, update: Update, reason: str) -> Future[None]:
        """Archive a room, make it read-only or slow, or undo this."""
        require_admin(admin)
        reason = checked_reason(reason)
        changed = self.rooms.change(self.rooms.any(update.room), update)
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

    def delete_room(self, admin: Person, name: str, reason: str) -> Future[None]:
        """Delete a room for everyone. Its messages stay in the log, and its name stays taken."""
        require_admin(admin)
        deleted = self.rooms.drop(admin, self.rooms.any(name), checked_reason(reason))
        return deleted.then(self._tell_room).then(lambda _: None)

    def delete_message(self, admin: Person, room: str, seq: int, reason: str) -> Future[None]:
        """Delete a message; one that is already deleted does not change."""
        reason = checked_reason(reason)
        deleted = self._messages.delete(admin, Delete(room=room, seq=seq))

        def note(event: Event | None) -> None:
            if event is not None:
                self._note(admin.name, "delete", room=room, seq=seq, reason=reason)

        return deleted.then(note)
