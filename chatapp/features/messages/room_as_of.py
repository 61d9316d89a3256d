"""A room as its people saw it at some moment, page by page, from the index.

`chatapp log show` does the same without one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter

import msgspec

from chatapp.domain.clock import moment_typed, timestamp
from chatapp.domain.errors import BadPayload
from chatapp.domain.model import Event, Message
from chatapp.index.fold import fold
from chatapp.index.reader import LoggedRecord
from chatapp.store.message_log import MessageLog
from chatapp.web.waiting import wait

PAGE_LENGTH = 50
RECORDS_AT_ONCE = 200


class PastRoom(msgspec.Struct, frozen=True):
    """Messages, oldest first. The page before is that of records below the number `older`."""

    messages: list[Message]
    older: int | None


def typed_moment(text: str) -> datetime:
    """A day, which means its end, or a time; in UTC, as the server's pages have all times."""
    try:
        moment = moment_typed(text)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        timestamp(moment + timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        raise BadPayload(f"{text[:60]!r} is no time; it is like 2026-11-01T14:30.") from None
    return moment


def room_as_of(
    log: MessageLog, room: str, moment: datetime, before: int | None, limit: int = PAGE_LENGTH
) -> PastRoom:
    """Up to `limit` messages. Edits, deletions, reactions and votes of later are left out; erased
    texts stay erased."""
    at = timestamp(moment)
    found: list[LoggedRecord] = []
    for logged in _records(log, room, moment, before):
        if logged.record.type == "message":
            found.append(logged)
        if len(found) > limit:
            found.pop()
            return PastRoom(_folded(log, found, at), older=found[-1].n)
    return PastRoom(_folded(log, found, at), older=None)


def _records(
    log: MessageLog, room: str, moment: datetime, before: int | None
) -> Iterator[LoggedRecord]:
    """The room's records up to a moment, newest first."""
    until = moment + timedelta(milliseconds=1)
    while found := wait(log.find(rooms=[room], until=until, before=before, limit=RECORDS_AT_ONCE)):
        yield from found
        before = found[-1].n


def _folded(log: MessageLog, newest_first: list[LoggedRecord], at: str) -> list[Message]:
    return [_as_of(log, logged.record, at) for logged in reversed(newest_first)]


def _as_of(log: MessageLog, event: Event, at: str) -> Message:
    followers = log.followers(event.room, event.seq)
    if event.poll:
        followers = sorted([*followers, *log.votes(event.room, event.seq)], key=_by_seq)
    return fold(event, [each for each in followers if each.at <= at])


_by_seq = attrgetter("seq")
