"""Waits for a `Future` in a greenlet, such as that of a web request; and the other way round."""

from collections.abc import Callable
from typing import TypeVar

import gevent
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


def in_greenlet(step: Callable[[], T]) -> Future[T]:
    """What `step` gives or raises: it runs in a greenlet of its own, and may wait."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            value = step()
        except Exception as error:
            outcome.fail(error)
        else:
            outcome.resolve(value)

    gevent.spawn(run)
    return outcome
