"""Search in a thread of its own: a common word takes milliseconds, and the event loop has none."""

import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread

import msgspec

from chatapp.errors import Unavailable
from chatapp.pending import Pending
from chatapp.storage.errors import StorageError
from chatapp.storage.journal import Deliver
from chatapp.storage.reader import SearchPage

logger = logging.getLogger(__name__)

Search = Callable[[], SearchPage]


class _Asked(msgspec.Struct, frozen=True):
    search: Search
    answer: Pending[SearchPage]


class _Between(msgspec.Struct, frozen=True):
    step: Callable[[], None]
    done: Pending[None]


class Searching:
    """Answers one search after the other. `ask` and `stop` are for the owner's thread."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._asked: SimpleQueue[_Asked | _Between | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="log search", daemon=True)
        self._thread.start()

    def ask(self, search: Search) -> Pending[SearchPage]:
        answer: Pending[SearchPage] = Pending()
        self._asked.put(_Asked(search, answer))
        return answer

    def between(self, step: Callable[[], None]) -> Pending[None]:
        """Done by the thread when the searches before it are answered."""
        done: Pending[None] = Pending()
        self._asked.put(_Between(step, done))
        return done

    def stop(self) -> None:
        self._asked.put(None)
        self._thread.join()

    def _work(self) -> None:
        while asked := self._asked.get():
            if isinstance(asked, _Between):
                asked.step()
                self._deliver(partial(asked.done.resolve, None))
                continue
            try:
                page = asked.search()
            except (sqlite3.Error, StorageError):
                logger.exception("A search failed")
                refusal = Unavailable("Search does not work at the moment.")
                self._deliver(partial(asked.answer.fail, refusal))
            else:
                self._deliver(partial(asked.answer.resolve, page))
