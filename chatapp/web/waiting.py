"""Waits for a `Future` in a greenlet, such as that of a web request."""

from typing import TypeVar

from gevent.event import AsyncResult

from chatapp.domain.future import Future

T = TypeVar("T")


def wait(pending: Future[T]) -> T:
    """The future's value; raises its error. Other greenlets run meanwhile."""
    if not pending.done:
        arrived: AsyncResult[None] = AsyncResult()
        pending.add_done_callback(lambda _: arrived.set(None))
        arrived.get()
    return pending.result()
