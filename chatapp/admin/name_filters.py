"""Template functions that show rooms, people and actions by readable names instead of those in the
log."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from flask import Blueprint

from chatapp.domain.errors import NoSuchRoom
from chatapp.domain.model import Event, Room
from chatapp.web.languages import Words, words_of_reader

UNKNOWN = "–"


def add_names(admin: Blueprint, find: Callable[[str], Room], shown: Callable[[str], str]) -> None:
    """Adds `room_called(name)`, `person_called(name)` and `told(event)` for templates. `find(name)`
    is the room with this name; `shown(name)` is a person's display name."""

    def room_called(name: str) -> str:
        """The room's title, `Direct message of Ana and Björn`, or its name if there is no such
        room."""
        try:
            room = find(name)
        except NoSuchRoom:
            return name
        if room.kind != "direct":
            return room.title
        return words_of_reader()("admin.direct", names=_listed(map(shown, room.members.values())))

    @admin.context_processor
    def names() -> dict[str, object]:
        return {
            "room_called": room_called,
            "person_called": shown,
            "told": lambda event: told(event, room_called),
        }


def told(event: Event, room_called: Callable[[str], str]) -> tuple[str, str]:
    """An entry of the audit log as a sentence, and the details that are not in the sentence."""
    t = words_of_reader()
    details = _details(event)
    key = f"admin.act.{event.room}"
    places = t.places(key) if key in t else set()
    values = {place: details.get(place, UNKNOWN) for place in places}
    if "room" in values:
        values["room"] = room_called(str(values["room"]))
    return t(key, **values) if key in t else "", _rest(details, places)


def _details(event: Event) -> dict[str, Any]:
    try:
        return msgspec.json.decode(event.text or "{}", type=dict[str, Any])
    except msgspec.DecodeError:
        return {"text": event.text}


def _rest(details: dict[str, Any], said: set[str]) -> str:
    return " · ".join(f"{name}: {value}" for name, value in details.items() if name not in said)


def _listed(names: Iterable[str]) -> str:
    """`Ana, Björn and Cleo`."""
    t: Words = words_of_reader()
    everybody = sorted(names, key=str.casefold)
    if not everybody:
        return UNKNOWN
    *others, last = everybody
    return t("list.and", first=", ".join(others), last=last) if others else last
