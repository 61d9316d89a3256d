"""Resolves a person's query: `me`, names of rooms and people, and the time zone of days."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person, Room
from chatapp.text.query import QueriedPerson, Query
from chatapp.text.words import begins_a_word

ME = "me"

ShownLike = Callable[[str], Iterable[str]]
"""The names of people whose display name has a word with this beginning."""


def time_zone(name: str | None) -> tzinfo:
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # an invalid path, no such file, or not a zone
        raise BadPayload(f"{name!r} is not a time zone such as Europe/Madrid.") from None


def with_people(query: Query, person: Person, shown_like: ShownLike) -> Query:
    """The query with the names of the people it means."""
    senders = tuple(
        QueriedPerson(person.name)
        if who.typed.lower() == ME
        else QueriedPerson(who.typed, tuple(shown_like(who.typed)))
        for who in query.senders
    )
    return msgspec.structs.replace(query, senders=senders)


def rooms_called(typed: str, rooms: Sequence[Room], person: Person) -> list[Room]:
    """The room with this name, or all with this title, or else those with a word that begins like
    it.

    A direct room has the names of the other people in it as titles, beside its own if it has one.
    """
    key = name_key(typed.removeprefix("@"))
    if named := [room for room in rooms if room.name == key]:
        return named
    titles = [(room, title) for room in rooms for title in _titles(room, person)]
    exact = [room for room, title in titles if name_key(title) == key]
    return exact or [room for room, title in titles if begins_a_word(title, key)]


def _titles(room: Room, person: Person) -> list[str]:
    if room.kind != "direct":
        return [room.title]
    others = [name for name in room.members.values() if name_key(name) != name_key(person.name)]
    return [room.title, *others] if room.named else others
