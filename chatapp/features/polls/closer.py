"""Closes polls when their time has come: each once, by the process with the lease.

Which polls wait is in the index. A poll that is closed already is left alone, so a crash does no
harm, and two processes that both have the lease for a moment close a poll once: the log decides.
"""

import logging
from functools import partial
from typing import Protocol

from chatapp.domain.clock import Clock, moment_of, timestamp
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Event
from chatapp.domain.polls import closing_time, is_closing
from chatapp.index.polls.lookup import OpenPoll
from chatapp.ports import Lease

AGAIN_SECONDS = 10.0
"""After a poll could not be closed, as on a full disk."""

logger = logging.getLogger(__name__)


class ClosablePolls(Protocol):
    def close_due(self, room: str, seq: int) -> Future[Event | None]: ...


class WaitingPolls(Protocol):
    def waiting_polls(self) -> list[OpenPoll]: ...


class PollCloser:
    """`later(seconds, step)` runs `step` on the event loop's thread. Begins with `start()`, and
    hears the feed from then on."""

    def __init__(
        self,
        log: WaitingPolls,
        polls: ClosablePolls,
        *,
        lease: Lease,
        clock: Clock,
        later: Later,
    ) -> None:
        self._log = log
        self._polls = polls
        self._lease = lease
        self._later = later
        self._due = DueTimes(self._close, clock=clock, later=later, is_on=lambda: lease.is_held)

    def start(self) -> None:
        self._lease.on_taken(self._due.look)
        self._look_at_all()

    def hear(self, event: Event, _origin: str | None) -> None:
        """A subscriber of the feed."""
        if moment := closing_time(event):
            self._due.set(_key(event.room, event.seq), timestamp(moment))
        elif event.type == "delete" or is_closing(event):
            self._due.set(_key(event.room, event.target or 0), None)

    def _look_at_all(self) -> None:
        try:
            waiting = self._log.waiting_polls()
        except ChatError as error:
            logger.warning("Polls do not close by themselves yet: %s", error)
            self._later(AGAIN_SECONDS, self._look_at_all)
            return
        for poll in waiting:
            self._due.set(_key(poll.room, poll.seq), timestamp(moment_of(poll.closes_at)))
        self._due.look()

    def _close(self, key: str, at: str) -> None:
        room, _, seq = key.rpartition("\n")
        try:
            closing = self._polls.close_due(room, int(seq))
        except ChatError as error:
            closing = Future()
            closing.fail(error)
        closing.add_done_callback(partial(self._settle, key, at))

    def _settle(self, key: str, at: str, closing: Future[Event | None]) -> None:
        if closing.error is not None:
            logger.warning("A poll is closed later: %s", closing.error)
            self._later(AGAIN_SECONDS, lambda: self._due.set(key, at))


def _key(room: str, seq: int) -> str:
    return f"{room}\n{seq}"
