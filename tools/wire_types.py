"""Writes static/js/wire.d.ts: what goes over the wire, as the page's type checker sees it.

`python -m tools.wire_types`, after a change of chatapp/wire.py or of a value in chatapp/model.py
that is sent. A test says so if it was forgotten.
"""

from pathlib import Path
from typing import Final

import msgspec
from msgspec import inspect

from chatapp import model, wire
from tools.steps import ROOT

FILE: Final = ROOT / "static/js/wire.d.ts"
HEAD: Final = """\
/* What goes over the wire. Made from chatapp/wire.py by `python -m tools.wire_types`; what is
   changed here by hand is lost. */
"""
SENT: Final = sorted(wire.Payload.__subclasses__(), key=lambda payload: payload.__name__)
HEARD: Final = (
    model.Event,
    model.Message,
    wire.RoomInfo,
    wire.Profile,
    wire.ReadOnlyMode,
    wire.Problem,
)
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
    heard = [interface(struct, may_lack=_leaves_defaults_out(struct)) for struct in HEARD]
    sent = [interface(struct, may_lack=True) for struct in SENT]
    return "\n".join([HEAD, *heard, *sent])


def interface(struct: type[msgspec.Struct], *, may_lack: bool) -> str:
    """One struct. `may_lack`: a field that has a default need not be there."""
    lines = [f"export interface {struct.__name__} {{"]
    for field in _described(struct).fields:
        lacks = may_lack and not field.required
        lines.append(f"  {field.encode_name}{'?' if lacks else ''}: {_name(field.type, lacks)};")
    return "\n".join([*lines, "}\n"])


def _described(struct: type[msgspec.Struct]) -> inspect.StructType:
    described = inspect.type_info(struct)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{struct.__name__} is no struct.")
    return described


def _name(kind: inspect.Type, lacks: bool = False) -> str:
    if isinstance(kind, inspect.UnionType):
        kinds = [each for each in kind.types if not (lacks and isinstance(each, inspect.NoneType))]
        return " | ".join(_name(each) for each in kinds)
    if isinstance(kind, inspect.LiteralType):
        return " | ".join(f'"{value}"' for value in kind.values)
    if isinstance(kind, inspect.ListType):
        return f"{_name(kind.item_type)}[]"
    if isinstance(kind, inspect.DictType):
        return f"Record<{_name(kind.key_type)}, {_name(kind.value_type)}>"
    return PLAIN[type(kind)]


def _leaves_defaults_out(struct: type[msgspec.Struct]) -> bool:
    return struct.__struct_config__.omit_defaults


def write(file: Path = FILE) -> None:
    file.write_text(declarations())


if __name__ == "__main__":
    write()
