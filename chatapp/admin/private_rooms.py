"""Private rooms and direct messages in the console: closed until an admin gives a reason.

Admins read public rooms without a reason. Any other room is left out of listings, downloads and
people's pages until an admin asks for it and gives a reason. This is written to the audit log, and
the room is then open to that browser for a while. Its members are told if the owner has enabled
that.

A room that exists only in the log, such as one left by an interrupted import, is closed too.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from chatapp.domain.errors import NoSuchRoom, NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_reason
from chatapp.domain.model import Person, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import require_admin
from chatapp.features.accounts.sign_in.sessions import session_id
from chatapp.tables.table import Table

OPEN_SECONDS = 15 * 60


class Viewings:
    def __init__(
        self,
        rooms: Callable[[], Iterable[Room]],
        note: Note,
        *,
        rooms_in_log: Callable[[], Set[str]],
        tell: Callable[[Room], object],
        opened: Table[float],
        now: Callable[[], float],
    ) -> None:
        """`rooms()` are all rooms; `rooms_in_log()` are the names of rooms in the log; `tell(room)`
        tells the room's members. `opened` has until when a room is open to a browser, in Unix
        seconds, as `now()` gives them."""
        self._rooms = rooms
        self._note = note
        self._rooms_in_log = rooms_in_log
        self._tell = tell
        self._now = now
        self._opened = opened

    def public(self) -> list[str]:
        return [room.name for room in self._rooms() if room.kind == "public"]

    def is_open(self, cookie: Mapping[str, Any], room: str) -> bool:
        """Whether the admin with this session may read the room now."""
        if room in self.public():
            return True
        return (self._opened.get(_key(cookie, room)) or 0.0) > self._now()

    def named(self, typed: str) -> str:
        """The name of the room with this name or title, in any spelling."""
        name = typed.strip().removeprefix("#").casefold()
        if self._exists(name):
            return name
        titled = (room.name for room in self._rooms() if room.title.casefold() == name)
        return next(titled, name)

    def where(self, cookie: Mapping[str, Any], typed: str) -> list[str] | None:
        """The rooms to search with this filter, which may be empty; None means all rooms.

        Raises `Closed` for a closed room.
        """
        if typed:
            name = self.named(typed)
            self.require_open(cookie, name)
            return [name]
        public = self.public()
        return None if self._rooms_in_log() <= set(public) else public

    def require_open(self, cookie: Mapping[str, Any], room: str) -> None:
        if self._exists(room) and not self.is_open(cookie, room):
            raise Closed(room)

    def open(
        self, admin: Person, cookie: Mapping[str, Any], room: str, reason: str
    ) -> Future[None]:
        """Open a room to this browser, for the reason given."""
        require_admin(admin)
        reason = checked_reason(reason)
        if not self._exists(room):
            raise NoSuchRoom(f"There is no room called {room[:60]!r}.")
        for key, until in self._opened.items():
            if until <= self._now():
                self._opened.delete(key)
        browser, outcome = _key(cookie, room), Future[None]()

        def noted(note: Future[Any]) -> None:
            if note.error is not None:
                outcome.fail(note.error)
                return
            until = self._now() + OPEN_SECONDS
            self._opened.put(browser, until).then(opened).pass_on(outcome)

        def opened(_: None) -> None:
            for each in self._rooms():
                if each.name == room:
                    self._tell(each)

        self._note(admin.name, "view", room=room, reason=reason).add_done_callback(noted)
        return outcome

    def _exists(self, room: str) -> bool:
        return room in self._rooms_in_log() or any(each.name == room for each in self._rooms())


class Closed(NotAllowed):
    """A private room that the admin has not opened."""

    def __init__(self, room: str) -> None:
        super().__init__(
            "This room is private. To read it, give a reason on its page in the console."
        )
        self.room = room


def _key(cookie: Mapping[str, Any], room: str) -> str:
    """A browser's session, by its public id, and a room."""
    return f"{session_id(str(cookie.get('sid', '')))}\n{room}"
