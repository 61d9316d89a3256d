"""Writes static/js/wire.d.ts: what goes over the wire, as the page's type checker sees it.

`python -m tools.wire_types`, after a change of chatapp/protocol/ or of a value in
chatapp/domain/model.py that is sent. A test says so if it was forgotten.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect

from chatapp.protocol.answers import Problem, Refusal
from chatapp.protocol.events import EVENTS
from chatapp.protocol.pushes import PUSHES
from chatapp.protocol.requests import Payload
from chatapp.protocol.values import RoomInfo
from tools.steps import ROOT

FILE: Final = ROOT / "static/js/wire.d.ts"
HEAD: Final = """\
/* What goes over the wire. Made from chatapp/protocol/ by `python -m tools.wire_types`; changes
   made by hand are lost. */
"""
TABLES: Final = {
    "Requests": {event.name: event.request for event in EVENTS.values()},
    "Answers": {event.name: event.answer for event in EVENTS.values()},
    "Pushes": PUSHES,
}
ALSO_SENT: Final = (Problem, Refusal, RoomInfo)
PLAIN: Final[dict[type[inspect.Type], str]] = {
    inspect.StrType: "string",
    inspect.DateTimeType: "string",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.BoolType: "boolean",
    inspect.NoneType: "null",
}


def declarations() -> str:
    """The whole file."""
    tables = [table(name, kinds) for name, kinds in TABLES.items()]
    return "\n".join([HEAD, *tables, *(interface(struct) for struct in _structs())])


def table(name: str, kinds: Mapping[str, Any]) -> str:
    """The types by the names of events."""
    lines = [f"  {event}: {_name(inspect.type_info(kind))};" for event, kind in kinds.items()]
    return "\n".join([f"export interface {name} {{", *lines, "}\n"])


def interface(struct: type[msgspec.Struct]) -> str:
    """One struct. What a client sends may lack each field that has a default; what it hears lacks
    those that are never sent, or not where they have their default."""
    is_sent_whole = not (issubclass(struct, Payload) or struct.__struct_config__.omit_defaults)
    lines = [f"export interface {struct.__name__} {{"]
    for field in _described(struct).fields:
        lacks = not field.required and not (is_sent_whole and _has_default(field))
        kind = _name(field.type, lacks=lacks and _has_default(field))
        lines.append(f"  {field.encode_name}{'?' if lacks else ''}: {kind};")
    return "\n".join([*lines, "}\n"])


def _structs() -> list[type[msgspec.Struct]]:
    """Each that is sent, by name."""
    found: dict[str, type[msgspec.Struct]] = {}
    wanted = [kind for kinds in TABLES.values() for kind in kinds.values()] + [*ALSO_SENT]
    for kind in wanted:
        for struct in _within(inspect.type_info(kind)):
            found[struct.__name__] = struct
    return [found[name] for name in sorted(found)]


def _within(kind: inspect.Type) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, inspect.StructType):
        yield kind.cls
        for field in kind.fields:
            yield from _within(field.type)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _within(each)
    elif isinstance(kind, inspect.ListType):
        yield from _within(kind.item_type)


def _described(struct: type[msgspec.Struct]) -> inspect.StructType:
    described = inspect.type_info(struct)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{struct.__name__} is no struct.")
    return described


def _name(kind: inspect.Type, *, lacks: bool = False) -> str:
    if isinstance(kind, inspect.UnionType):
        kinds = [each for each in kind.types if not (lacks and isinstance(each, inspect.NoneType))]
        return " | ".join(_name(each) for each in kinds)
    if isinstance(kind, inspect.LiteralType):
        return " | ".join(f'"{value}"' for value in kind.values)
    if isinstance(kind, inspect.ListType):
        item = _name(kind.item_type)
        return f"({item})[]" if " | " in item else f"{item}[]"
    if isinstance(kind, inspect.DictType):
        return f"Record<{_name(kind.key_type)}, {_name(kind.value_type)}>"
    if isinstance(kind, inspect.StructType):
        return kind.cls.__name__
    return PLAIN[type(kind)]


def _has_default(field: inspect.Field) -> bool:
    """Those that have none and are not required are `UNSET` where they are not there."""
    return (field.default, field.default_factory) != (msgspec.NODEFAULT, msgspec.NODEFAULT)


def write(file: Path = FILE) -> None:
    file.write_text(declarations())


if __name__ == "__main__":
    write()
