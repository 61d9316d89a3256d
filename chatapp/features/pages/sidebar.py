"""The sidebar as the server writes it: rooms in sections, sorted and folded as the person likes.

static/js/models/rooms/sections.js has the same rules, and takes over from there; tests/page
compares both. Folding and sorting are a wish of one browser, in a cookie, so that the first paint
agrees: `rooms.activity_direct.name.folded`.
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import Literal, cast, get_args

import msgspec
from msgspec.structs import replace

from chatapp.domain.model import GENERAL
from chatapp.features.rooms.memberships import is_muted
from chatapp.protocol.values import RoomInfo

MANY_ROOMS = 25
"""With more rooms, people see only their own."""

Sort = Literal["own", "name", "activity"]
SectionName = Literal["unread", "favourites", "rooms", "direct"]
SECTIONS: tuple[SectionName, ...] = get_args(SectionName)
DEFAULT_SORTS: dict[str, Sort] = {"direct": "activity"}
COOKIE = "sidebar"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    name: SectionName
    rooms: list[RoomInfo]
    sort: Sort
    is_folded: bool


class Layout(msgspec.Struct, frozen=True):
    """What a person has chosen for the sections, by their names: words such as `folded`."""

    chosen: dict[str, list[str]] = {}

    @classmethod
    def of_cookie(cls, cookie: str) -> "Layout":
        sections = (section.split(".") for section in cookie.split("_"))
        return cls({name: words for name, *words in sections})

    def sort(self, section: str) -> Sort:
        sorts = [word for word in self.chosen.get(section, ()) if word in get_args(Sort)]
        return cast(Sort, sorts[0]) if sorts else DEFAULT_SORTS.get(section, "own")

    def is_folded(self, section: str) -> bool:
        return "folded" in self.chosen.get(section, ())


def sections(
    listed: Sequence[RoomInfo],
    opened: RoomInfo | None,
    layout: Layout,
    title: Callable[[RoomInfo], str],
) -> list[Section]:
    """All sections in their order, also those without rooms. The open room stands at home: it is
    about to be read."""
    rooms: dict[str, list[RoomInfo]] = {name: [] for name in SECTIONS}
    for room in listed:
        is_new = calling(room) > 0 and not (opened and room.name == opened.name)
        rooms["unread" if is_new else home_of(room)].append(room)
    return [
        Section(
            name=name,
            rooms=in_order(rooms[name], name, layout.sort(name), title),
            sort=layout.sort(name),
            is_folded=layout.is_folded(name),
        )
        for name in SECTIONS
    ]


def listed_rooms(rooms: Sequence[RoomInfo], here: RoomInfo) -> tuple[list[RoomInfo], int]:
    """The rooms that the sidebar lists, and how many others there are: of many, only those that the
    person is in, or wants, or is called in. Closed and archived ones are listed while open."""
    is_here = {room.name: room.name == here.name for room in rooms}
    present = [room for room in rooms if is_here[room.name] or not (room.archived or room.closed)]
    if len(present) <= MANY_ROOMS:
        return present, 0
    listed = [
        room
        for room in present
        if room.joined or room.favourite or calling(room) > 0 or is_here[room.name]
    ]
    return listed, len(present) - len(listed)


def as_heard(room: RoomInfo, now: str) -> RoomInfo:
    """With the level that holds at this time."""
    return replace(room, level="nothing") if is_muted(room.muted_until, now) else room


def calling(room: RoomInfo) -> int:
    """How many messages of a room the person wants to be told of."""
    if room.level == "nothing":
        return 0
    return room.unread if room.joined and room.level == "all" else room.mentions


def home_of(room: RoomInfo) -> SectionName:
    """The section where a room stands if there is nothing new in it."""
    if room.favourite:
        return "favourites"
    return "direct" if room.kind == "direct" else "rooms"


def in_order(
    rooms: list[RoomInfo], section: SectionName, sort: Sort, title: Callable[[RoomInfo], str]
) -> list[RoomInfo]:
    by_name = sorted(rooms, key=lambda room: title(room).casefold())
    if section == "unread":
        return sorted(
            by_name, key=lambda room: (room.mentions > 0, room.last_at or ""), reverse=True
        )
    if sort == "activity":
        return sorted(by_name, key=lambda room: room.last_at or "", reverse=True)
    return sorted(by_name, key=own_place) if sort == "own" else by_name


def own_place(room: RoomInfo) -> tuple[float, bool]:
    """Rooms that the person has moved, then `general`, then the others."""
    return inf if room.place is None else room.place, room.name != GENERAL
