"""Rules run again when another process has changed what they were decided on.

A write that was decided on values that have changed fails with `Conflict`, and has not happened. By
then, this process sees the new values. So the rule decides again: it writes, or it says what stands
against it now, such as that a name is taken. Every request, page and command runs its rules this
way; in a chat of one process, nothing ever conflicts.

What a rule does besides writing to tables, it does once (`once`): what an admin does is one record
of the audit log, however often it had to be decided.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar, overload

from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future
from chatapp.tables.table import Conflict

T = TypeVar("T")

TRIES = 5


@overload
def rerun(decide: Callable[[], Future[T]], tries: int = ...) -> Future[T]: ...
@overload
def rerun(decide: Callable[[], T | Future[T]], tries: int = ...) -> T | Future[T]: ...
def rerun(decide: Callable[[], Any], tries: int = TRIES) -> Any:
    """What `decide()` gives or raises. If that is `Conflict`, it is called again, so many times in
    all; then it is `Unavailable`. If it gives a `Future`, it must not wait for anything itself."""
    return _rerun(_Decision(decide).run, tries)


def once(key: Hashable, do: Callable[[], T]) -> T:
    """What `do()` gives. A rule that runs again gets what its first try got, if it asks for the
    same by `key`."""
    decision = _running.get()
    return do() if decision is None else decision.once(key, do)


def _rerun(run: Callable[[], Any], tries: int) -> Any:
    while tries:
        tries -= 1
        try:
            decided = run()
        except Conflict:
            continue
        return _rerun_later(decided, run, tries) if isinstance(decided, Future) else decided
    raise Unavailable("Someone else changed this at the same moment. Try again.")


def _rerun_later(decided: Future[T], run: Callable[[], T | Future[T]], tries: int) -> Future[T]:
    outcome: Future[T] = Future()

    def settle(done: Future[T]) -> None:
        if isinstance(done.error, Conflict):
            settled = done.error.settled or Future.of(None)
            settled.add_done_callback(lambda _: _decide_into(outcome, lambda: _rerun(run, tries)))
        else:
            done.pass_on(outcome)

    decided.add_done_callback(settle)
    return outcome


def _decide_into(outcome: Future[T], decide: Callable[[], T | Future[T]]) -> None:
    try:
        decided = decide()
    except Exception as error:
        outcome.fail(error)
        return
    if isinstance(decided, Future):
        decided.pass_on(outcome)
    else:
        outcome.resolve(decided)


class _Decision:
    """What is done once, though `decide` runs several times. Within another decision, it is part of
    that one."""

    def __init__(self, decide: Callable[[], Any]) -> None:
        self._decide = decide
        self._outer = _running.get()
        self._done: dict[Hashable, Any] = self._outer._done if self._outer else {}
        self._asked: Counter[Hashable] = Counter(self._outer._asked if self._outer else ())
        """How often this try has asked for each key."""
        self._asked_before = self._asked.copy()

    def run(self) -> Any:
        self._asked = self._asked_before.copy()
        before = _running.set(self)
        try:
            return self._decide()
        finally:
            _running.reset(before)
            if self._outer:
                self._outer._asked |= self._asked

    def once(self, key: Hashable, do: Callable[[], T]) -> T:
        self._asked[key] += 1
        place = key, self._asked[key]
        if place not in self._done:
            self._done[place] = do()
        done: T = self._done[place]
        return done


_running: ContextVar[_Decision | None] = ContextVar("the decision that runs now", default=None)
