"""The rooms of an import: who can see them, and what they are called here.

A room that is private in the source is private here, with its members who have an account; a
conversation is between the same people. What an earlier import made is known by its id in the
source. A room of the same name that was made here stays another room, because other people may be
in it; only whoever runs the import can say that two are the same.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.groups import between, title_of
from chatapp.domain.limits import (
    MAX_ROOM_NAME_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    MAX_TOPIC_CHARACTERS,
    checked_room_name,
    checked_title,
    checked_topic,
)
from chatapp.domain.model import GENERAL, Room, RoomKind
from chatapp.tables.rerun import rerun
from chatapp.tables.table import Change, TableStore
from chatapp.transfer.imported_rooms import TABLE, room_name_for
from chatapp.transfer.sources.people import ImportedPeople, ImportOrigin, ImportOrigins
from chatapp.transfer.sources.records import SourceRoom
from chatapp.transfer.sources.report import Report

JOINED = "joined"
_ROOM_FOR_NUMBER = 5


class RoomsOfSource:
    """`into` are names of rooms here by the ids or names of rooms there. `head(room)` is the seq of
    a room's last message. `public`: rooms of which the source does not know who is in them are
    public; `private`: no new room is."""

    def __init__(
        self,
        store: TableStore,
        origins: ImportOrigins,
        people: ImportedPeople,
        report: Report,
        *,
        head: Callable[[str], int],
        into: Mapping[str, str],
        wait: Callable[[Future[Any]], Any],
        public: bool = False,
        private: bool = False,
        dry_run: bool = False,
    ) -> None:
        self._rooms = store.table(TABLE, Room)
        self._joined = store.table(JOINED, list[str])
        self._origins = origins
        self._people = people
        self._report = report
        self._head = head
        self._into = {there: checked_room_name(name) for there, name in into.items()}
        self._wait = wait
        self._public = public
        self._private = private
        self._dry_run = dry_run
        self._known: dict[str, str] = {}
        self._planned: set[str] = set()
        self._unjoined: dict[str, set[str]] = {}
        """Ids of the members of public rooms, by the rooms' keys in the table of origins."""
        self._writers: dict[str, dict[str, str]] = {}
        """Of rooms without a list of members: names of those who wrote there, by their ids."""

    @property
    def names(self) -> list[str]:
        """The rooms of this import, but those that were chosen for it."""
        return sorted({*self._known.values()} - {*self._into.values()})

    def get(self, id: str) -> str | None:
        return self._known.get(id)

    def see(self, room: SourceRoom) -> None:
        if room.id in self._known:
            return
        origin = self._origins.get("room", room.id)
        if origin is None:
            self._known[room.id] = name = self._wait(rerun(lambda: self._made(room)))
        else:
            self._report.known_rooms += 1
            self._known[room.id] = name = origin.name
        if room.members is None:
            self._writers.setdefault(name, {})
        elif origin is None or not origin.is_joined:
            self._unjoined[self._origins.key("room", room.id)] = set(self._members(room))

    def wrote(self, room: str, id: str, name: str) -> None:
        """Somebody with an account wrote in this room."""
        writers = self._writers.get(room)
        if writers is not None:
            writers[id] = name

    def finish(self) -> None:
        """Let people into their rooms."""
        if self._dry_run:
            return
        rooms_of: dict[str, set[str]] = {}
        for key, ids in self._unjoined.items():
            origin = self._origins.table.get(key)
            room = origin and self._rooms.get(origin.name)
            if origin and room and room.kind == "public" and room.name != GENERAL:
                for id in ids:
                    rooms_of.setdefault(id, set()).add(room.name)
        for id, names in rooms_of.items():
            self._wait(rerun(lambda id=id, names=names: self._join(id, names)))  # type: ignore[misc]
        for key in self._unjoined:
            if origin := self._origins.table.get(key):
                self._wait(self._origins.table.put(key, replace(origin, is_joined=True)))
        self._unjoined = {}
        for room_name, writers in self._writers.items():
            self._wait(rerun(lambda name=room_name, who=writers: self._admit(name, who)))  # type: ignore[misc]

    def _join(self, id: str, names: set[str]) -> Future[None]:
        before = self._joined.get(id)
        return self._joined.put(id, sorted({*(before or ()), *names}), expected=before)

    def _admit(self, name: str, writers: dict[str, str]) -> Future[None]:
        room = self._rooms.get(name)
        if room is None or room.kind != "private" or room.created_by is not None:
            return Future.of(None)
        return self._rooms.put(name, replace(room, members=writers | room.members), expected=room)

    # Making rooms

    def _made(self, room: SourceRoom) -> Future[str]:
        found = self._found(room)
        name = found.name if isinstance(found, Room) else found
        if self._dry_run:
            if not isinstance(found, Room):
                self._count(room, self._planned_room(room, name))
                self._planned.add(name)
            return Future.of(name)
        kept = self._origins.change("room", room.id, ImportOrigin(name=name))
        if isinstance(found, Room):
            return self._rooms.write(kept).then(lambda _: name)
        return self._written(room, self._planned_room(room, name), kept)

    def _written(self, room: SourceRoom, new: Room, kept: Change) -> Future[str]:
        written = self._rooms.write(self._rooms.change(new.name, new, expected=None), kept)

        def count(_: None) -> str:
            self._count(room, new)
            return new.name

        return written.then(count)

    def _count(self, room: SourceRoom, new: Room) -> None:
        if new.kind == "direct":
            self._report.conversations += 1
        else:
            self._report.rooms[room.name or room.id] = new.name
            self._report.public_rooms += new.kind == "public"

    def _found(self, room: SourceRoom) -> Room | str:
        """The room here, or the name for a new one."""
        chosen = self._into.get(room.id) or self._into.get(room.name)
        if chosen is not None:
            return self._here(chosen) or chosen
        members = self._members(room)
        if room.kind == "direct" and len(members) == len(room.members or ()) > 1:
            rooms = (each for _, each in self._rooms.items())
            return between(members, self._rooms.get, rooms)
        if room.is_general and room.kind == "public" and not self._private:
            general = self._here(GENERAL)
            if general and not self._head(GENERAL):
                return general
        return next(filter(self._is_free, _names_for(room)))

    def _here(self, name: str) -> Room | None:
        """The room with this name; `general` has no row before its first change."""
        return self._rooms.get(name) or (Room(name=name, title=name) if name == GENERAL else None)

    def _is_free(self, name: str) -> bool:
        return name not in self._rooms and name not in self._planned and name != GENERAL

    def _planned_room(self, room: SourceRoom, name: str) -> Room:
        members = self._members(room)
        kind = self._kind(room)
        creator = self._people.get(room.created_by) if room.created_by else None
        is_group = kind == "direct" and len(members) > 2
        title = _line(room.title or room.name, checked_title, MAX_TITLE_CHARACTERS) or name
        if kind == "direct":
            title = title_of(self._all_names(room))
        return Room(
            name=name,
            title=title,
            kind=kind,
            group=is_group,
            topic=_line(room.topic, checked_topic, MAX_TOPIC_CHARACTERS),
            created_by=creator and creator.name,
            owner=creator.id if creator and creator.has_account else None,
            created_at=room.created_at,
            members={} if kind == "public" else members,
            archived=room.is_archived,
        )

    def _kind(self, room: SourceRoom) -> RoomKind:
        if room.kind == "public" and self._private:
            return "private"
        if room.kind == "private" and room.members is None and self._public:
            return "public"
        return room.kind

    def _members(self, room: SourceRoom) -> dict[str, str]:
        """The names of members with an account, by their ids."""
        people = map(self._people.get, room.members or ())
        return {person.id: person.name for person in people if person and person.has_account}

    def _all_names(self, room: SourceRoom) -> list[str]:
        """Of former members, too."""
        return [person.name for person in map(self._people.get, room.members or ()) if person]


def _names_for(room: SourceRoom) -> Iterator[str]:
    """Names here for a room, the likeliest first; without end."""
    name = room_name_for(f"direct-{room.id}" if room.kind == "direct" else room.name)
    yield name
    number = 2
    while True:
        stem = name[: MAX_ROOM_NAME_CHARACTERS - _ROOM_FOR_NUMBER].rstrip("-")
        yield f"{stem}-{number}"
        number += 1


def _line(text: str, check: Callable[[str], str], most: int) -> str:
    """A title or topic as it can be here; empty if it cannot be shown."""
    try:
        return check(" ".join(text.split())[:most])
    except ChatError:
        return ""
