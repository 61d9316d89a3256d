"""Waiting for a `Pending` in a greenlet that has nothing better to do, such as a web request's."""

from typing import TypeVar

from gevent.event import AsyncResult

from chatapp.pending import Pending

T = TypeVar("T")


def wait(pending: Pending[T]) -> T:
    """The value, when it is there; raises its error. Other greenlets go on meanwhile."""
    if not pending.done:
        arrived: AsyncResult[None] = AsyncResult()
        pending.when_done(lambda _: arrived.set(None))
        arrived.get()
    return pending.result()
