"""A value that is not available yet.

A message is acked when it is durable, which means waiting for a disk. The handler must not wait,
because the connection's next event has to be read. So `post()` returns a `Future`, and the caller
adds a callback.

It is created, resolved and read on one thread, that of the event loop, so it needs no lock. It is
not a `concurrent.futures.Future`, because those take two locks for each of the hundred thousand
messages of a busy minute.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Future(Generic[T]):
    """A value or an error, available now or later.

    Callbacks run in the order in which they were added; immediately if it is already done.
    """

    __slots__ = ("_callbacks", "_error", "_value", "done")

    _callbacks: tuple[Callable[["Future[T]"], object], ...]

    def __init__(self) -> None:
        self.done = False
        self._error: Exception | None = None
        self._callbacks = ()

    @classmethod
    def of(cls, value: T) -> "Future[T]":
        """A future that is already done, with this value."""
        pending = cls()
        pending.resolve(value)
        return pending

    def resolve(self, value: T) -> None:
        self._value = value
        self._settle()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._settle()

    def result(self) -> T:
        """The value; raises the error if it failed. Call it only when `done`."""
        if not self.done:
            raise RuntimeError("this value is still pending")
        if self._error is not None:
            raise self._error
        return self._value

    @property
    def has_failed(self) -> bool:
        return self._error is not None

    @property
    def error(self) -> Exception | None:
        """Why it failed; None if it has not."""
        return self._error

    def add_done_callback(self, callback: "Callable[[Future[T]], object]") -> None:
        if self.done:
            callback(self)
        else:
            self._callbacks += (callback,)

    def then(self, step: Callable[[T], U]) -> "Future[U]":
        """A future with the result of `step(value)`. Errors skip the step."""
        following: Future[U] = Future()

        def carry_on(settled: "Future[T]") -> None:
            if settled._error is not None:
                following.fail(settled._error)
                return
            try:
                value = step(settled._value)
            except Exception as error:
                following.fail(error)
            else:
                following.resolve(value)

        self.add_done_callback(carry_on)
        return following

    def chain(self, step: Callable[[T], "Future[U]"]) -> "Future[U]":
        """A future that settles like the one that `step(value)` returns. Errors skip the step."""
        following: Future[U] = Future()

        def carry_on(settled: "Future[Future[U]]") -> None:
            if settled._error is not None:
                following.fail(settled._error)
            else:
                settled._value.pass_on(following)

        self.then(step).add_done_callback(carry_on)
        return following

    def pass_on(self, other: "Future[T]") -> None:
        """Settle `other` as this one is settled."""

        def carry_on(settled: "Future[T]") -> None:
            if settled._error is not None:
                other.fail(settled._error)
            else:
                other.resolve(settled._value)

        self.add_done_callback(carry_on)

    def map_error(self, tell: Callable[[Exception], Exception]) -> "Future[T]":
        """A future with the same value; an error is replaced by the result of `tell(error)`."""
        following: Future[T] = Future()

        def carry_on(settled: "Future[T]") -> None:
            if settled._error is not None:
                following.fail(tell(settled._error))
            else:
                following.resolve(settled._value)

        self.add_done_callback(carry_on)
        return following

    def _settle(self) -> None:
        self.done = True
        callbacks, self._callbacks = self._callbacks, ()
        self._call_back(iter(callbacks))

    def _call_back(self, callbacks: "Iterator[Callable[[Future[T]], object]]") -> None:
        """An error of one callback is raised after the others have run."""
        try:
            for callback in callbacks:
                callback(self)
        except Exception:
            self._call_back(callbacks)
            raise


def all_of(futures: Sequence[Future[T]]) -> Future[list[T]]:
    """A future with the values of all, once all are done; fails with the first error of them."""
    outcome, left = Future[list[T]](), len(futures)

    def settle(_: Future[T]) -> None:
        nonlocal left
        left -= 1
        if left:
            return
        failed = next((each for each in futures if each.error), None)
        if failed and failed.error:
            outcome.fail(failed.error)
        else:
            outcome.resolve([each.result() for each in futures])

    for future in futures:
        future.add_done_callback(settle)
    if not futures:
        outcome.resolve([])
    return outcome
