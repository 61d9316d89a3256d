"""Reads the log for the console: a page of records, or all of them page by page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from chatapp.admin.filters import RecordLocation
from chatapp.index.reader import LoggedRecord
from chatapp.store.message_log import MessageLog
from chatapp.web.waiting import wait

Wanted = Mapping[str, Any]
"""The arguments of `MessageLog.find`."""

PAGE_LENGTH = 50
STREAM_LENGTH = 500


class Listing(msgspec.Struct, frozen=True):
    """A page of records, newest first. `older` and `newer` are where the neighbouring pages
    begin."""

    rows: Sequence[LoggedRecord]
    older: int | None
    newer: int | None


def listing(log: MessageLog, wanted: Wanted, place: RecordLocation) -> Listing:
    if place.around is not None:
        return _around(log, wanted, place.around)
    if place.after is not None:
        found = wait(log.find(**wanted, after=place.after, limit=PAGE_LENGTH + 1))
        if len(found) > PAGE_LENGTH:
            rows = found[1:]
            return Listing(rows, older=rows[-1].n, newer=rows[0].n)
        place = RecordLocation()
    found = wait(log.find(**wanted, before=place.before, limit=PAGE_LENGTH + 1))
    rows = found[:PAGE_LENGTH]
    return Listing(
        rows,
        older=rows[-1].n if len(found) > PAGE_LENGTH else None,
        newer=rows[0].n if rows and place.before is not None else None,
    )


def _around(log: MessageLog, wanted: Wanted, n: int) -> Listing:
    """The records before and after a record."""
    half = PAGE_LENGTH // 2
    newer = wait(log.find(**wanted, after=n, limit=half + 1))
    older = wait(log.find(**wanted, before=n + 1, limit=half + 1))
    rows = [*newer[-half:], *older[:half]]
    return Listing(
        rows,
        older=rows[-1].n if len(older) > half else None,
        newer=rows[0].n if len(newer) > half else None,
    )


def everything(log: MessageLog, wanted: Wanted) -> Iterator[LoggedRecord]:
    """All matching records up to now; records that are written meanwhile are left out."""
    before = None
    while found := wait(log.find(**wanted, before=before, limit=STREAM_LENGTH)):
        yield from found
        before = found[-1].n
