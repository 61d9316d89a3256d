"""What the console reads of the log: pages of records, or all of them, page by page."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from chatapp.admin.filters import Filters, Place
from chatapp.model import Event, Message
from chatapp.pending import Pending
from chatapp.storage import Counted, Logged
from chatapp.waiting import wait

PAGE_LENGTH = 50
STREAM_LENGTH = 500


class LogReader(Protocol):
    """What the console needs of the message log."""

    def find(
        self,
        *,
        rooms: Sequence[str] | None = None,
        sender: str | None = None,
        day: str | None = None,
        text: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = PAGE_LENGTH,
    ) -> Pending[list[Logged]]: ...

    def count(self, *, since: datetime, after: int) -> Pending[Counted]: ...
    def senders(self, *, limit: int) -> Pending[dict[str, int]]: ...
    def events(self, room: str, *, after: int, limit: int) -> list[Event]: ...
    def head(self, room: str) -> int: ...
    def heads(self) -> dict[str, int]: ...
    def message(self, room: str, seq: int) -> Message | None: ...


class Listing(msgspec.Struct, frozen=True):
    """A page of records, newest first. `older` and `newer`: from which record on there is more."""

    rows: Sequence[Logged]
    older: int | None
    newer: int | None


def listing(log: LogReader, filters: Filters, place: Place) -> Listing:
    if place.around is not None:
        return _around(log, filters, place.around)
    if place.after is not None:
        found = wait(log.find(**filters.wanted, after=place.after, limit=PAGE_LENGTH + 1))
        if len(found) > PAGE_LENGTH:
            rows = found[1:]
            return Listing(rows, older=rows[-1].n, newer=rows[0].n)
        place = Place()
    found = wait(log.find(**filters.wanted, before=place.before, limit=PAGE_LENGTH + 1))
    rows = found[:PAGE_LENGTH]
    return Listing(
        rows,
        older=rows[-1].n if len(found) > PAGE_LENGTH else None,
        newer=rows[0].n if rows and place.before is not None else None,
    )


def _around(log: LogReader, filters: Filters, n: int) -> Listing:
    """What came before and after a record."""
    half = PAGE_LENGTH // 2
    newer = wait(log.find(**filters.wanted, after=n, limit=half + 1))
    older = wait(log.find(**filters.wanted, before=n + 1, limit=half + 1))
    rows = [*newer[-half:], *older[:half]]
    return Listing(
        rows,
        older=rows[-1].n if len(older) > half else None,
        newer=rows[0].n if len(newer) > half else None,
    )


def everything(log: LogReader, filters: Filters) -> Iterator[Logged]:
    """All that the filters find, as of now: what is written meanwhile is newer than the start."""
    before = None
    while found := wait(log.find(**filters.wanted, before=before, limit=STREAM_LENGTH)):
        yield from found
        before = found[-1].n
