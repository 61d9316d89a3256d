"""A body for each request, for people who read the description: its required fields, filled in, or
what was `CHOSEN` where these say nothing."""

import types
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from chatapp.protocol import requests
from chatapp.protocol.events import TEXT_OR_POST

OF_FIELDS = {
    "at": "2027-01-31T09:30:00Z",
    "colour": "teal",
    "emoji": "👍",
    "epoch": "…",
    "file": "FILE",
    "id": "ID",
    "name": "ana",
    "query": "tea",
    "reason": "noise",
    "room": "general",
    "seconds": 60,
    "text": "hello",
    "title": "Tea",
    "to_room": "kitchen",
}
CHOSEN: dict[Any, dict[str, Any]] = {
    TEXT_OR_POST: {"text": "hello"},
    requests.Create: {"room": "kitchen"},
    requests.MoveMessages: {"room": "general", "seqs": [2], "to_thread": 1},
    requests.ListPeople: {"room": "general"},
    requests.Schedule: {"room": "general", "text": "hello", "at": OF_FIELDS["at"]},
    requests.SetNotifications: {"keywords": ["tea"]},
    requests.Status: {"emoji": "☕", "text": "Tea"},
    requests.Prefs: {"room": "general", "favourite": True},
    requests.Update: {"room": "kitchen", "topic": "Tea"},
    requests.ChangeProfile: {"display_name": "Ana"},
    requests.Ban: {"name": "ana", "reason": "noise"},
}


def example_of(type: Any) -> dict[str, Any]:
    if type in CHOSEN:
        return CHOSEN[type]
    needed = [field for field in msgspec.structs.fields(type) if field.required]
    if not needed and "text" in type.__struct_fields__:
        return {"text": OF_FIELDS["text"]}
    return {field.name: _value(field.name, field.type) for field in needed}


def _value(name: str, type: Any) -> Any:
    if get_origin(type) in (Union, types.UnionType):
        return _value(name, get_args(type)[0])
    if hasattr(type, "__metadata__"):
        return _value(name, type.__origin__)
    if get_origin(type) is Literal:
        return get_args(type)[0]
    if get_origin(type) is list:
        return [_value(name.removesuffix("s"), get_args(type)[0])]
    if type is bool:
        return True
    return OF_FIELDS.get(name, 1 if type is int else "…")
