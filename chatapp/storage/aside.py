"""A step in a thread of its own, for what takes a while and must not keep the event loop."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import TypeVar

from chatapp.pending import Pending
from chatapp.storage.journal import Deliver

T = TypeVar("T")


def aside(step: Callable[[], T], deliver: Deliver | None) -> Pending[T]:
    """What comes of it; without `deliver`, it is done here and now."""
    pending: Pending[T] = Pending()

    def work() -> None:
        try:
            value = step()
        except Exception as error:  # told to who waits
            tell(partial(pending.fail, error))
        else:
            tell(partial(pending.resolve, value))

    def tell(news: Callable[[], None]) -> None:
        if deliver is None:
            news()
        else:
            deliver(news)

    if deliver is None:
        work()
    else:
        Thread(target=work, name="log aside", daemon=True).start()
    return pending
