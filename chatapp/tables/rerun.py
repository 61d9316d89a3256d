"""Rules run again when another process has changed what they were decided on.

A write that was decided on values that have changed fails with `Conflict`, and has not happened. By
then, this process sees the new values. So the rule decides again: it writes, or it says what stands
against it now, such as that a name is taken. Every request, page and command runs its rules this
way; in a chat of one process, nothing ever conflicts.
"""

from collections.abc import Callable
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
    while tries:
        tries -= 1
        try:
            decided = decide()
        except Conflict:
            continue
        return _rerun_later(decided, decide, tries) if isinstance(decided, Future) else decided
    raise Unavailable("Somebody else changed this at the same moment. Try again.")


def _rerun_later(decided: Future[T], decide: Callable[[], T | Future[T]], tries: int) -> Future[T]:
    outcome: Future[T] = Future()

    def settle(done: Future[T]) -> None:
        if isinstance(done.error, Conflict):
            settled = done.error.settled or Future.of(None)
            settled.add_done_callback(lambda _: _decide_into(outcome, lambda: rerun(decide, tries)))
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
