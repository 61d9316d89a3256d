"""The index beside the event loop: a thread that has it take records in and answer questions.

One after the other, so that who asks never meets one who writes. The work itself is done by a
process of its own where there is one (index_process.py), otherwise by the thread.
"""

import sqlite3
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import msgspec

from chatapp.pending import Pending
from chatapp.storage.errors import IndexFailed
from chatapp.storage.index_process import IndexProcess
from chatapp.storage.indexing import Chunk, Indexing
from chatapp.storage.journal import Deliver
from chatapp.storage.questions import Answer, Question
from chatapp.storage.reader import Reader

IDLE_SECONDS = 300.0
"""Who asks nothing for so long needs no process, which takes some 40 MB."""

T = TypeVar("T")


class Outcome(msgspec.Struct, frozen=True):
    """Up to which number the index goes (0 where nothing was to be taken in), and the answer."""

    n: int
    answer: Answer


class _Task(msgspec.Struct, frozen=True):
    do: Callable[[], Any]
    outcome: Pending[Any]

    def settle(self) -> Callable[[], None]:
        """Does it; what it gives tells those who wait."""
        try:
            return partial(self.outcome.resolve, self.do())
        except sqlite3.Error as error:
            return partial(self.outcome.fail, IndexFailed(str(error)))
        except Exception as error:  # told to who waits; the next task has its turn all the same
            return partial(self.outcome.fail, error)


class IndexWorker:
    """`ask`, `between`, and `stop` are for the owner's thread. Without `deliver` it has no other
    thread, and what is asked is answered when `ask` returns.
    """

    def __init__(
        self,
        indexing: Indexing,
        reader: Reader,
        deliver: Deliver | None,
        process: IndexProcess | None = None,
    ) -> None:
        """`reader` has an empty tail, and is this worker's own."""
        self.indexing = indexing
        self.reader = reader
        self.process = process
        self._queue: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread: Thread | None = None
        if deliver:
            self._thread = Thread(target=self._work, args=[deliver], name="log index", daemon=True)
            self._thread.start()

    def ask(self, question: Question | None, behind: Chunk | None) -> Pending[Outcome]:
        """The answer of an index that has taken in `behind`.

        Fails with IndexFailed where the index cannot be used, with StorageError where the log
        is damaged.
        """
        return self.between(partial(self._answer, question, behind))

    def between(self, do: Callable[[], T]) -> Pending[T]:
        """Something else, done when what was asked before is answered."""
        task = _Task(do, Pending())
        if self._thread:
            self._queue.put(task)
        else:
            task.settle()()
        return task.outcome

    def work_alone(self) -> Pending[None]:
        """Without the process, which does not know what is being erased, until `work_together`."""
        return self.between(self.process.pause if self.process else _nothing)

    def work_together(self) -> None:
        if self.process:
            self.process.resume()

    def stop(self) -> None:
        """Answers what was asked, and ends. The index is not closed."""
        if self._thread:
            self._queue.put(None)
            self._thread.join()
        self.reader.close()

    def _work(self, deliver: Deliver) -> None:
        while task := self._next():
            deliver(task.settle())
        self._end_process()

    def _next(self) -> _Task | None:
        while True:
            try:
                return self._queue.get(timeout=IDLE_SECONDS)
            except Empty:
                self._end_process()

    def _end_process(self) -> None:
        if self.process:
            self.process.stop()

    def _answer(self, question: Question | None, behind: Chunk | None) -> Outcome:
        if self.process and self.process.listens():
            until = behind.mark if behind else None
            if answered := self.process.ask(question, until):
                return Outcome(*answered)
        n = self.indexing.take_in(behind) if behind else 0
        return Outcome(n, question.ask(self.reader) if question else None)


def _nothing() -> None:
    pass
