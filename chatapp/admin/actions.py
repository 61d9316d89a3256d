"""Actions of admins on rooms and messages in the console.

Each action has a reason and is written to the audit log, and open pages are updated at once.
Admins see every room here, as they see every record of the log.
"""

from collections.abc import Callable

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.limits import checked_reason
from chatapp.domain.model import Event, FileInfo, Message, Person, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import require_admin
from chatapp.features.messages.manager import MessageManager
from chatapp.features.rooms.manager import RoomManager
from chatapp.protocol.requests import Delete, Update

CHANGES = (
    "title",
    "topic",
    "archived",
    "read_only",
    "slow_seconds",
    "threads",
    "previews",
    "pinning",
)
"""What an `Update` changes."""


class EveryRoom:
    """Finds rooms without any restriction."""

    def __init__(self, rooms: RoomManager) -> None:
        self._rooms = rooms

    def visible_to(self, _person: Person) -> list[Room]:
        return self._rooms.all()

    def find(self, _person: Person, name: str) -> Room:
        return self._rooms.any(name)


class AdminActions:
    """`tell_room(room)` sends a changed room to the people who can see it. `remove_bytes(ids)`
    removes the bytes of files that no message has any more. `require_not_held(room)` raises an
    error if nothing may be removed from a room."""

    def __init__(
        self,
        rooms: RoomManager,
        messages: MessageManager,
        note: Note,
        *,
        tell_room: Callable[[Room], object],
        remove_bytes: Callable[[list[str]], object] = lambda _ids: None,
        require_not_held: Callable[[str], None] = lambda _room: None,
    ) -> None:
        self.rooms = rooms
        self._messages = messages
        self._note = note
        self._tell_room = tell_room
        self._remove_bytes = remove_bytes
        self._require_not_held = require_not_held

    def tell_viewing(self, room: Room) -> Future[None]:
        """Tell a room's members that an admin has read it."""
        return self.rooms.viewed(room).then(self._tell_room).then(lambda _: None)

    def change_room(self, admin: Person, update: Update, reason: str) -> Future[None]:
        """Rename a room, change its topic, archive it, make it read-only or slow, or undo this.
        The audit log has what is different afterwards."""
        require_admin(admin)
        reason, room = checked_reason(reason), self.rooms.any(update.room)
        wanted = msgspec.structs.asdict(update)
        differing = {
            name: wanted[name]
            for name in CHANGES
            if wanted[name] is not None and wanted[name] != getattr(room, name)
        }
        if not differing:
            return Future.of(None)
        changed = self.rooms.change(room, Update(room=room.name, **differing))
        self._note(admin.name, "room", room=room.name, **differing, reason=reason)
        return changed.then(self._tell_room).then(lambda _: None)

    def add_member(self, admin: Person, room: str, name: str, reason: str) -> Future[None]:
        """Add somebody to a private room."""
        require_admin(admin)
        reason = checked_reason(reason)
        added = self.rooms.add_member(self.rooms.any(room), name)
        self._note(admin.name, "add-member", room=room, name=name, reason=reason)
        return added.then(self._tell_room).then(lambda _: None)

    def remove_member(self, admin: Person, room: str, name: str, reason: str) -> Future[None]:
        """Remove somebody from a private room."""
        require_admin(admin)
        reason = checked_reason(reason)
        removed = self.rooms.remove_member(self.rooms.any(room), name)
        self._note(admin.name, "remove-member", room=room, name=name, reason=reason)
        return removed.then(self._tell_room).then(lambda _: None)

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

    def remove_file(
        self, admin: Person, message: Message, file: FileInfo, reason: str
    ) -> Future[None]:
        """Remove a file from a message, which stays and says so; of a deleted message, too."""
        reason = checked_reason(reason)
        room, seq = message.room, message.seq
        self._require_not_held(room)
        same = [each.id for each in message.files or (file,) if each.sha256 == file.sha256]
        removed = self._messages.remove_file(admin, Delete(room=room, seq=seq), file)

        def note(event: Event | None) -> None:
            if event is not None:
                self._note(admin.name, "remove-file", room=room, seq=seq, reason=reason)
            self._remove_bytes(same)

        return removed.then(note)
