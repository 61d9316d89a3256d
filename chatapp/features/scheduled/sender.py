"""Sends scheduled messages when their time has come: each once, by the process with the lease.

    due ── claim the row ── post, with the cid `sched:<id>` ── remove the row

A crash between any two steps leaves the row, and whoever has the lease then does all of it again:
the log has the cid, so it stays one message. It is posted as its author, by the rules of that
moment. If they refuse it, the row stays with the reason, and its author is told. What only needs
patience, such as slow mode or a full disk, is tried again.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import (
    ChatError,
    NotAllowed,
    RateLimited,
    ReadOnly,
    Unavailable,
)
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Person
from chatapp.features.scheduled.rows import ScheduledRow, ScheduledRows
from chatapp.ports import Lease
from chatapp.protocol.requests import Post
from chatapp.protocol.values import RefusedPost
from chatapp.tables.table import Conflict

AGAIN_SECONDS = 10.0
"""After something failed that has nothing to do with the message."""

logger = logging.getLogger(__name__)

T = TypeVar("T")
PostAs = Callable[[Person, Post], Future[Appended]]
Tell = Callable[[str, ScheduledRow, ScheduledRow | None], object]


class ScheduledSender:
    """`post(person, post)` posts by all rules; `person(id)` has an account; `tell(id, old, new)`
    says what became of a row; `later(seconds, step)` runs `step` in a greenlet of its own."""

    def __init__(
        self,
        rows: ScheduledRows,
        *,
        post: PostAs,
        person: Callable[[str], Person | None],
        tell: Tell,
        lease: Lease,
        later: Later,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._post = post
        self._person = person
        self._tell = tell
        self._lease = lease
        self._clock = clock
        self._due = DueTimes(self._ring, clock=clock, later=later, is_on=lambda: lease.is_held)
        self._sending: set[str] = set()

    def start(self) -> None:
        """Send what is due, and from now on what becomes due."""
        self._rows.table.on_change(self._changed)
        self._lease.on_taken(self._look_at_all)
        self._look_at_all()

    # Times

    def _look_at_all(self) -> None:
        """Another process may have claimed some of them, and be gone."""
        for id, row in self._rows.table.items():
            if row.refused is None:
                self._due.set(id, row.at)
        self._due.look()

    def _changed(self, id: str, _old: ScheduledRow | None, new: ScheduledRow | None) -> None:
        is_waiting = new is not None and new.refused is None and not new.sending
        self._due.set(id, new.at if new and is_waiting else None)

    def _ring(self, id: str, _at: str) -> None:
        row = self._rows.table.get(id)
        if row and row.is_due(self._clock()) and id not in self._sending:
            self._send(id, row)

    # Sending

    def _send(self, id: str, row: ScheduledRow) -> None:
        self._sending.add(id)
        claimed = replace(row, sending=True)
        claim = _tried(lambda: self._rows.change(id, row, claimed))
        posted = claim.chain(lambda _: _tried(lambda: self._posted(id, row)))
        posted.add_done_callback(lambda done: self._settle(id, claimed, done))

    def _posted(self, id: str, row: ScheduledRow) -> Future[Appended]:
        person = self._person(row.by)
        if person is None:
            raise NotAllowed("There is no such account any more.")
        return self._post(person, row.post(cid=f"sched:{id}"))

    def _settle(self, id: str, row: ScheduledRow, posted: Future[Appended]) -> None:
        error = posted.error
        if error is None:
            self._conclude(id, row, None)
        elif isinstance(error, Conflict):  # changed meanwhile
            self._again(id, 0)
        elif isinstance(error, RateLimited):
            self._release(id, row, error.retry_after or AGAIN_SECONDS)
        elif isinstance(error, ChatError) and not isinstance(error, Unavailable | ReadOnly):
            refused = RefusedPost(code=error.code, message=error.message)
            self._conclude(id, row, replace(row, sending=False, refused=refused))
        else:
            logger.warning("A scheduled message in %r is tried again: %r", row.room, error)
            self._again(id, AGAIN_SECONDS)

    def _conclude(self, id: str, row: ScheduledRow, now: ScheduledRow | None) -> None:
        """The end of it, for the row and for its author."""

        def concluded(written: Future[None]) -> None:
            if written.error is None:
                self._sending.discard(id)
                self._tell(id, row, now)
            else:
                self._again(id, AGAIN_SECONDS)

        _tried(lambda: self._rows.change(id, row, now)).add_done_callback(concluded)

    def _release(self, id: str, row: ScheduledRow, seconds: float) -> None:
        """It may be changed until the next try."""
        released = replace(row, sending=False, at=self._in(seconds))
        written = _tried(lambda: self._rows.change(id, row, released))
        written.add_done_callback(lambda _: self._again(id, seconds))

    def _again(self, id: str, seconds: float) -> None:
        self._sending.discard(id)
        self._due.set(id, self._in(seconds))

    def _in(self, seconds: float) -> str:
        return timestamp(self._clock() + timedelta(seconds=seconds))


def _tried(step: Callable[[], Future[T]]) -> Future[T]:
    """What a step gives, or its error."""
    try:
        return step()
    except Exception as error:
        failed: Future[T] = Future()
        failed.fail(error)
        return failed
