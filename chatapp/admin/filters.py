"""Filters of listings and downloads, read from a URL's query."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import MAX_INTEGER

MAX_FILTER_CHARACTERS = 200


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """An empty field matches everything. `day` is in UTC, like the log's times."""

    room: str = ""
    sender: str = ""
    day: str = ""
    text: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """Read the filters; raises `BadPayload` with a sentence for the page."""
        values = {name: query.get(name, "").strip() for name in cls.__struct_fields__}
        for name, value in values.items():
            if len(value) > MAX_FILTER_CHARACTERS:
                raise BadPayload(f"The {name} is too long.")
        _check_day(values["day"])
        return cls(**values)

    @property
    def given(self) -> dict[str, str]:
        """The filters that are set, as a query string."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters as arguments of `MessageLog.find`."""
        return self.within([self.room.casefold()] if self.room else None)

    def within(self, rooms: Sequence[str] | None) -> dict[str, Any]:
        """The filters as arguments of `MessageLog.find`, for these rooms (None: all)."""
        return {
            "rooms": rooms,
            "sender": self.sender or None,
            "day": self.day or None,
            "text": self.text or None,
        }


class RecordLocation(msgspec.Struct, frozen=True, kw_only=True):
    """The position of a page: before, after or around a record number, or at the newest record."""

    before: int | None = None
    after: int | None = None
    around: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "RecordLocation":
        return cls(**{name: _number(query, name) for name in cls.__struct_fields__})


def _check_day(day: str) -> None:
    if not day:
        return
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
            raise ValueError
        date.fromisoformat(day)
    except ValueError:
        raise BadPayload(f"{day!r} is not a day; it must be like 2026-11-22.") from None


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > MAX_INTEGER:
        raise BadPayload(f"{name}={text!r} is not the number of a record.")
    return int(text)
