"""The index's own thread, which adds records and answers queries beside the event loop.

It works on one task at a time, so a query never sees a half-finished write. SQLite releases the
interpreter lock while it searches and writes, so the event loop continues meanwhile.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

import msgspec

from chatapp.domain.future import Future
from chatapp.index.indexing import Chunk, Indexing
from chatapp.index.reader import Reader
from chatapp.index.schema import shows_damage
from chatapp.log.errors import IndexFailed
from chatapp.log.journal import Deliver

T = TypeVar("T")
Question = Callable[[Reader], T]


class Outcome(msgspec.Struct, Generic[T], frozen=True):
    """The number of the last indexed record (0 if nothing was added), and the answer."""

    n: int
    answer: T


class ThreadTask(msgspec.Struct, frozen=True):
    """A task for another thread, and its outcome."""

    do: Callable[[], Any]
    outcome: Future[Any]

    def settle(self) -> Callable[[], None]:
        """Run the task; the returned function settles `outcome`, on the owner's thread."""
        try:
            return partial(self.outcome.resolve, self.do())
        except sqlite3.Error as error:
            return partial(self.outcome.fail, IndexFailed(str(error), damaged=shows_damage(error)))
        except Exception as error:  # the caller gets any error; the next task still runs
            return partial(self.outcome.fail, error)


class IndexWorker:
    """`ask`, `between`, and `stop` are for the owner's thread. Without `deliver` there is no other
    thread, and `ask` returns a settled future."""

    def __init__(self, indexing: Indexing, reader: Reader, deliver: Deliver | None) -> None:
        """`reader` has an empty tail, and belongs to this worker only."""
        self.indexing = indexing
        self.reader = reader
        self._queue: SimpleQueue[ThreadTask | None] = SimpleQueue()
        self._thread: Thread | None = None
        if deliver:
            self._thread = Thread(target=self._work, args=[deliver], name="log index", daemon=True)
            self._thread.start()

    def ask(self, question: Question[T], behind: Chunk | None) -> Future[Outcome[T]]:
        """The answer of an index that has added `behind`.

        Fails with IndexFailed if the index cannot be used, with StorageError if the log is damaged.
        """
        return self.between(partial(self._answer, question, behind))

    def between(self, do: Callable[[], T]) -> Future[T]:
        """Run another task when earlier questions are answered."""
        task = ThreadTask(do, Future())
        if self._thread:
            self._queue.put(task)
        else:
            task.settle()()
        return task.outcome

    def stop(self) -> None:
        """Answer pending questions, and stop. The index is not closed."""
        if self._thread:
            self._queue.put(None)
            self._thread.join()
        self.reader.close()

    def _work(self, deliver: Deliver) -> None:
        while task := self._queue.get():
            deliver(task.settle())

    def _answer(self, question: Question[T], behind: Chunk | None) -> Outcome[T]:
        n = self.indexing.take_in(behind) if behind else 0
        return Outcome(n, question(self.reader))
