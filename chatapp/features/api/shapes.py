"""What a request has of an event's payload: some fields from its address, the others from its query
or its body.

Both are structs made of the event's own, so that a request is checked as an event is, and described
by the same types.
"""

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.errors import BadPayload


class Shape:
    """`payload` is an event's type. The fields `of_path` are in the address, and `elsewhere` are
    those that the client does not give. With `in_query`, the rest are in the query. `renamed` says
    what a field is called in the address."""

    def __init__(
        self,
        payload: type[msgspec.Struct],
        of_path: tuple[str, ...] = (),
        elsewhere: tuple[str, ...] = (),
        *,
        in_query: bool = False,
        renamed: Mapping[str, str] = {},
    ) -> None:
        fields = {field.name: field for field in msgspec.structs.fields(payload)}
        self._payload = payload
        name = payload.__name__
        self.path = msgspec.defstruct(
            f"{name}Path",
            [(each, _without_null(fields[each].type)) for each in of_path],
            frozen=True,
            rename=renamed,
        )
        rest = [each for each in fields if each not in (*of_path, *elsewhere)]
        self.rest = msgspec.defstruct(
            f"{name}Query" if in_query else f"{name}Body" if of_path else name,
            [_field(fields[each], in_query=in_query) for each in rest],
            frozen=True,
            kw_only=True,
            forbid_unknown_fields=True,
            namespace={"__doc__": payload.__doc__},
        )
        self.names = tuple(rest)
        self._lists = {each for each in rest if _is_list(fields[each].type)}
        self._decode = msgspec.json.Decoder(self.rest).decode

    def of_query(self, path: dict[str, str], query: dict[str, list[str]], **given: Any) -> Any:
        """The payload of a GET; raises `BadPayload`."""
        several = [name for name, values in query.items() if len(values) > 1]
        if twice := next((name for name in several if name not in self._lists), None):
            raise BadPayload(f"The query has {twice!r} more than once.")
        values = {
            name: values if name in self._lists else values[0] for name, values in query.items()
        }
        try:
            rest = msgspec.convert(values, self.rest, strict=False)
        except msgspec.ValidationError as error:
            raise BadPayload(f"The query is invalid: {error}.") from None
        return self._joined(path, rest, given)

    def of_body(self, path: dict[str, str], raw: bytes, **given: Any) -> Any:
        """The payload of anything else; raises `BadPayload`."""
        try:
            rest = self._decode(raw or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadPayload(f"The payload is invalid: {error}.") from None
        return self._joined(path, rest, given)

    def _joined(self, path: dict[str, str], rest: Any, given: dict[str, Any]) -> Any:
        for name in self.names:
            value = getattr(rest, name)
            if value is not UNSET:
                given[name] = value
        if path:
            try:
                there = msgspec.convert(path, self.path, strict=False)
            except msgspec.ValidationError as error:
                raise BadPayload(f"The address is invalid: {error}.") from None
            for name in there.__struct_fields__:
                given[name] = getattr(there, name)
        return self._payload(**given)


def _field(field: msgspec.structs.FieldInfo, *, in_query: bool) -> Any:
    if in_query and not field.required:
        return field.encode_name, _without_null(field.type) | UnsetType, UNSET
    if field.required:
        return field.encode_name, field.type
    if field.default_factory is not msgspec.NODEFAULT:
        return field.encode_name, field.type, msgspec.field(default_factory=field.default_factory)
    return field.encode_name, field.type, field.default


def _without_null(type: Any) -> Any:
    """An address has no null: a field is there, or it is not."""
    if get_origin(type) in (Union, types.UnionType):
        return Union[tuple(each for each in get_args(type) if each is not types.NoneType)]  # noqa: UP007
    return type


def _is_list(type: Any) -> bool:
    return any(get_origin(each) is list for each in _plain(type))


def _plain(type: Any) -> list[Any]:
    """The alternatives of a type, without what is said about them."""
    if get_origin(type) in (Union, types.UnionType):
        return [part for each in get_args(type) for part in _plain(each)]
    return _plain(type.__origin__) if hasattr(type, "__metadata__") else [type]
