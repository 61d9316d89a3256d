"""An answer that is not there yet.

A message is acked when it is durable, and durable means waiting for a disk. The door that
took it must not wait too: the next event of the same connection wants to be read. So
`post()` returns a `Pending`, and whoever wants the value says what to do with it.

Made, resolved and read on one thread, the event loop's; it needs no lock. It is not a
`concurrent.futures.Future` because those take two locks for each of the hundred thousand
messages of a busy minute.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


class Pending(Generic[T]):
    """A value or an error, now or later.

    Callbacks run in the order in which they were added, at once where the outcome is there.
    """

    __slots__ = ("_callbacks", "_error", "_value", "done")

    _callbacks: tuple[Callable[["Pending[T]"], object], ...]

    def __init__(self) -> None:
        self.done = False
        self._error: Exception | None = None
        self._callbacks = ()

    @classmethod
    def of(cls, value: T) -> "Pending[T]":
        """A pending value that is there already."""
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
        """The value; raises the error where there is one. Ask only when `done`."""
        if not self.done:
            raise RuntimeError("this value is still pending")
        if self._error is not None:
            raise self._error
        return self._value

    def when_done(self, callback: "Callable[[Pending[T]], object]") -> None:
        if self.done:
            callback(self)
        else:
            self._callbacks += (callback,)

    def then(self, step: Callable[[T], U]) -> "Pending[U]":
        """What `step` makes of the value, when it comes. An error passes by the step."""
        following: Pending[U] = Pending()

        def carry_on(settled: "Pending[T]") -> None:
            if settled._error is not None:
                following.fail(settled._error)
                return
            try:
                value = step(settled._value)
            except Exception as error:
                following.fail(error)
            else:
                following.resolve(value)

        self.when_done(carry_on)
        return following

    def otherwise(self, tell: Callable[[Exception], Exception]) -> "Pending[T]":
        """The same value; in the place of an error comes what `tell` makes of it."""
        following: Pending[T] = Pending()

        def carry_on(settled: "Pending[T]") -> None:
            if settled._error is not None:
                following.fail(tell(settled._error))
            else:
                following.resolve(settled._value)

        self.when_done(carry_on)
        return following

    def _settle(self) -> None:
        self.done = True
        callbacks, self._callbacks = self._callbacks, ()
        for callback in callbacks:
            callback(self)
