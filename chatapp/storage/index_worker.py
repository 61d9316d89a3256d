"""The index beside the event loop: a thread that has it take records in and answer questions.

One after the other, so that who asks never meets one who writes. The work itself is done by a
process of its own where there is one (index_process.py), otherwise by the thread.
"""

import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

import msgspec

from chatapp.pending import Pending
from chatapp.storage.errors import IndexFailed, StorageError
from chatapp.storage.index_process import IndexProcess
from chatapp.storage.indexing import Chunk, Indexing
from chatapp.storage.journal import Deliver
from chatapp.storage.questions import Answer, Question
from chatapp.storage.reader import Reader

IDLE_SECONDS = 300.0
"""Who asks nothing for so long needs no process, which takes some 40 MB."""

logger = logging.getLogger(__name__)


class Outcome(msgspec.Struct, frozen=True):
    """Up to which number the index goes (0 where nothing was to be taken in), and the answer."""

    n: int
    answer: Answer | None


class _Task(msgspec.Struct, frozen=True):
    question: Question | None
    behind: Chunk | None
    outcome: Pending[Outcome]


class _Step(msgspec.Struct, frozen=True):
    do: Callable[[], None]
    done: Pending[None]


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
        self._queue: SimpleQueue[_Task | _Step | None] = SimpleQueue()
        self._thread: Thread | None = None
        if deliver:
            self._thread = Thread(target=self._work, args=[deliver], name="log index", daemon=True)
            self._thread.start()

    def ask(self, question: Question | None, behind: Chunk | None) -> Pending[Outcome]:
        """The answer of an index that has taken in `behind`.

        Fails with IndexFailed where the index cannot be used, with StorageError where the log
        is damaged.
        """
        task = _Task(question, behind, Pending())
        if self._thread:
            self._queue.put(task)
        else:
            self._settle(task)()
        return task.outcome

    def between(self, do: Callable[[], None]) -> Pending[None]:
        """Something else, done when what was asked before is answered."""
        step = _Step(do, Pending())
        if self._thread:
            self._queue.put(step)
        else:
            do()
            step.done.resolve(None)
        return step.done

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
            if isinstance(task, _Step):
                task.do()
                deliver(partial(task.done.resolve, None))
            else:
                deliver(self._settle(task))
        self._end_process()

    def _next(self) -> _Task | _Step | None:
        while True:
            try:
                return self._queue.get(timeout=IDLE_SECONDS)
            except Empty:
                self._end_process()

    def _end_process(self) -> None:
        if self.process:
            self.process.stop()

    def _settle(self, task: _Task) -> Callable[[], None]:
        """Does it; what it gives tells those who wait."""
        try:
            return partial(task.outcome.resolve, self._do(task))
        except sqlite3.Error as error:
            return partial(task.outcome.fail, IndexFailed(str(error)))
        except (StorageError, OSError) as error:
            return partial(task.outcome.fail, error)

    def _do(self, task: _Task) -> Outcome:
        if self.process and self.process.is_ready:
            until = task.behind.mark if task.behind else None
            if answered := self.process.ask(task.question, until):
                return Outcome(*answered)
        n = self.indexing.take_in(task.behind) if task.behind else 0
        return Outcome(n, task.question.ask(self.reader) if task.question else None)


def _nothing() -> None:
    pass
