"""What an admin is looking for: the filters of a page and of a download, read from a query."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from chatapp.errors import BadPayload
from chatapp.limits import MAX_INTEGER

MAX_FILTER_CHARACTERS = 200


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Each is empty where everything is wanted. `day` is a day in UTC, as the log's times are."""

    room: str = ""
    sender: str = ""
    day: str = ""
    text: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        """Raises `BadPayload` with a sentence for the page."""
        values = {name: query.get(name, "").strip() for name in cls.__struct_fields__}
        for name, value in values.items():
            if len(value) > MAX_FILTER_CHARACTERS:
                raise BadPayload(f"The {name} is too long to look for.")
        _check_day(values["day"])
        return cls(**values)

    @property
    def given(self) -> dict[str, str]:
        """Those that say something, as a query."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

    @property
    def wanted(self) -> dict[str, Any]:
        """The same as `MessageLog.find` takes them."""
        return {
            "rooms": [self.room.casefold()] if self.room else None,
            "sender": self.sender or None,
            "day": self.day or None,
            "text": self.text or None,
        }


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page is: below a record number, above one, around one, or at the newest."""

    before: int | None = None
    after: int | None = None
    around: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Place":
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
