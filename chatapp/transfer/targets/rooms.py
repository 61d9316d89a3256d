"""The rooms of an export for another chat: what they are called there, and who is in them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from chatapp.domain.model import GENERAL, Room, RoomKind
from chatapp.log.progress import Progress
from chatapp.tables.stored_rows import stored_rows
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.folded_messages import FoldedMessages, RoomSpan
from chatapp.transfer.targets.losses import Losses
from chatapp.transfer.targets.people import TargetPeople, TargetPerson, free_name, username_for


class TargetRoom(msgspec.Struct, frozen=True, kw_only=True):
    """`here` is the name of the room in the log, `name` the one there. `at` is when it was created,
    or else the time of its first message; None of an empty room."""

    here: str
    name: str
    title: str
    kind: RoomKind
    topic: str = ""
    creator: TargetPerson | None = None
    members: tuple[TargetPerson, ...] = ()
    archived: bool = False
    at: str | None = None

    @property
    def is_general(self) -> bool:
        return self.here == GENERAL


def people_and_rooms(
    data: Path,
    extract: ExportFilter,
    progress: Progress,
    gathered: FoldedMessages,
    losses: Losses,
    *,
    general: str,
    most: int,
) -> tuple[TargetPeople, dict[str, "TargetRoom"]]:
    """Those of an export; the rooms by their names here."""
    people = TargetPeople(data / "directory")
    if extract == ExportFilter():
        people.see_accounts()
    people.see_writers(data / "messages", extract, progress)
    found = TargetRooms(data / "directory", extract, gathered.rooms(), general=general, most=most)
    losses.count("deleted rooms", found.left_out)
    return people, {room.here: room for room in found.with_members(people)}


class TargetRooms:
    """Deleted rooms are left out. A room of the log of which nothing else is known is private,
    because nobody can say who may read it. `most` is how many people a conversation can have there;
    a larger one, or a second one of the same people, is a private room."""

    def __init__(
        self, directory: Path, extract: ExportFilter, spans: Iterable[RoomSpan], *, general: str,
        most: int,
    ) -> None:  # fmt: skip
        rows = stored_rows(directory, "rooms", Room)
        rows.setdefault(GENERAL, Room(name=GENERAL, title=GENERAL))
        self._joined = stored_rows(directory, "joined", list[str])
        self._general = general
        self._most = most
        self._since = {span.room: span.first_at for span in spans}
        whole = extract == ExportFilter()
        wanted = dict.fromkeys([*(rows if whole else ()), *self._since])
        self.left_out = sum(1 for name in wanted if name in rows and rows[name].deleted_at)
        self._rooms = [
            rows.get(name) or Room(name=name, title=name, kind="private")
            for name in sorted(wanted)
            if name not in rows or not rows[name].deleted_at
        ]

    def with_members(self, people: TargetPeople) -> Iterator[TargetRoom]:
        """Their members are in the export from then on."""
        members_of = self._joined_members()
        taken = {self._general}
        conversations: set[frozenset[str]] = set()
        for room in self._rooms:
            ids = room.members or dict.fromkeys(members_of.get(room.name, ()), "")
            members = tuple(
                people.see(id, name) for id, name in ids.items() if name or people.has(id)
            )
            kind = room.kind
            among = frozenset(member.id for member in members)
            if kind == "direct" and (among in conversations or not 0 < len(among) <= self._most):
                kind = "private"
            elif kind == "direct":
                conversations.add(among)
            yield TargetRoom(
                here=room.name,
                name=self._name(room, taken),
                title=room.title,
                kind=kind,
                topic=room.topic,
                creator=people.see(room.owner, room.created_by or "") if room.owner else None,
                members=members,
                archived=room.archived,
                at=room.created_at or self._since.get(room.name),
            )

    def _name(self, room: Room, taken: set[str]) -> str:
        if room.name == GENERAL:
            return self._general
        return free_name(channel_name_for(room.name), taken)

    def _joined_members(self) -> dict[str, list[str]]:
        members: dict[str, list[str]] = {}
        for id, rooms in self._joined.items():
            for room in rooms:
                members.setdefault(room, []).append(id)
        return members


def channel_name_for(room: str) -> str:
    """The name in a-z, 0-9, `_` and `-`."""
    return re.sub(r"[.-]+", "-", username_for(room))
