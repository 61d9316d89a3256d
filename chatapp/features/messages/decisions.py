"""Decisions about the same subject, one after another.

Whether a message may be deleted, or a person in slow mode may post, follows from what is in the
log. So such a decision waits until an earlier one about the same subject is in the log, or has
failed. Everything else is decided at once.
"""

from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Event
from chatapp.domain.subjects import Subject

T = TypeVar("T")


class Unneeded(NotFound):
    """Another process has made the same change of a message meanwhile. Nobody is told this."""


class Decisions:
    """Those that are not in the log yet. All managers of one log share them; otherwise two admins
    who delete a message at the same time, one in the chat and one in the console, would leave two
    tombstones."""

    def __init__(self) -> None:
        self._pending: dict[Subject, Future[Any]] = {}

    def make(
        self, subject: Subject, rests_on: Collection[Subject], decide: Callable[[], Future[T]]
    ) -> Future[T]:
        """What `decide()` gives or raises, after all decisions about the subjects that it rests on.
        It must not wait for anything itself."""
        before = next(filter(None, map(self._pending.get, rests_on)), None)
        if before is not None:
            outcome: Future[T] = Future()
            before.add_done_callback(lambda _: self._make_into(outcome, subject, rests_on, decide))
            return outcome
        decided = decide()
        if not decided.done:
            self._pending[subject] = decided
            decided.add_done_callback(lambda _: self._forget(subject, decided))
        return decided

    def _make_into(
        self,
        outcome: Future[T],
        subject: Subject,
        rests_on: Collection[Subject],
        decide: Callable[[], Future[T]],
    ) -> None:
        try:
            made = self.make(subject, rests_on, decide)
        except Exception as error:
            outcome.fail(error)
        else:
            made.pass_on(outcome)

    def _forget(self, subject: Subject, decided: Future[Any]) -> None:
        if self._pending.get(subject) is decided:
            del self._pending[subject]


def unless_unneeded(appended: Future[Appended]) -> Future[Event | None]:
    """The event; None where another process was faster."""
    outcome: Future[Event | None] = Future()

    def settle(_: Future[Appended]) -> None:
        if isinstance(appended.error, Unneeded):
            outcome.resolve(None)
        elif appended.error is not None:
            outcome.fail(appended.error)
        else:
            outcome.resolve(cast(Event, appended.result().event))

    appended.add_done_callback(settle)
    return outcome
