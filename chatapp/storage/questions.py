"""What the index is asked and answers, as it goes from one thread or process to another."""

from typing import Any, TypeAlias

import msgspec

from chatapp.storage.lookup import Counted, Filter
from chatapp.storage.query import Query
from chatapp.storage.reader import Logged, Reader, SearchPage
from chatapp.storage.recovery import Mark


class Search(msgspec.Struct, frozen=True, tag=True):
    """For people: messages that fit."""

    query: Query
    wanted: Filter
    limit: int

    def ask(self, reader: Reader) -> SearchPage:
        return reader.search(self.query, self.wanted, self.limit)


class Find(msgspec.Struct, frozen=True, tag=True):
    """For admins: records as they were logged."""

    wanted: Filter
    query: Query | None
    limit: int

    def ask(self, reader: Reader) -> list[Logged]:
        return reader.find(self.wanted, self.query, self.limit)


class Count(msgspec.Struct, frozen=True, tag=True):
    """For the overview: how many records each hour has."""

    wanted: Filter

    def ask(self, reader: Reader) -> Counted:
        return reader.count(self.wanted)


class Senders(msgspec.Struct, frozen=True, tag=True):
    """For the overview: how many of the newest records each sender has."""

    limit: int

    def ask(self, reader: Reader) -> dict[str, int]:
        return reader.senders(self.limit)


class First(msgspec.Struct, frozen=True, tag=True):
    """For who goes to a day: the seq of a room's first message since then."""

    wanted: Filter

    def ask(self, reader: Reader) -> int | None:
        return reader.first(self.wanted)


Question: TypeAlias = Search | Find | Count | Senders | First
Answer: TypeAlias = SearchPage | list[Logged] | Counted | dict[str, int] | int | None
ANSWERS: dict[type, Any] = {
    Search: SearchPage,
    Find: list[Logged],
    Count: Counted,
    Senders: dict[str, int],
    First: int | None,
}
"""The types of the answers."""


class Asked(msgspec.Struct, frozen=True):
    """For the process of its own: what is wanted, of an index that goes up to there."""

    until: Mark | None
    question: Question | None


class Answered(msgspec.Struct, frozen=True, omit_defaults=True):
    """By the process: up to which number the index goes, and the answer, or what is wrong with
    the log, or with the index.
    """

    n: int = 0
    answer: msgspec.Raw = msgspec.Raw(b"null")
    damage: str | None = None
    failure: str | None = None


READY = b"{}\n"
"""It listens."""
