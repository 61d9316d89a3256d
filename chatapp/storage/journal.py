"""Many appends, one fdatasync: how drafts become durable lines, in order, off the event loop.

    owner's thread                              writer thread
    append(draft) ── queue
    next turn: form one batch of all that
      queued: numbers, hashes, bytes ─────────▶ write, fdatasync: no lock of the interpreter held
    append(draft) ── queue                        │
    settle ◀──────────────────────────────────────┘
      start the next batch, then resolve

What needs the files to itself for a moment (a rewriting's last step) is done `between` two
batches, on the same thread; what is appended meanwhile waits for the next batch.

Whatever is appended while a batch is on its way is the next batch: the slower the disk, the
larger the batches. One batch is under way at a time, so a batch that fails has used no number.
Answering a large batch can take longer than the disk takes to write one. Then what came in
meanwhile is sent on its way before all are answered, and the disk is not left idle.

An owner without an event loop (a command, a test) gives no `deliver`; then there is no
thread, and `append` returns when the record is durable.
"""

import logging
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from chatapp.errors import ChatError, ReadOnly, Unavailable
from chatapp.pending import Pending
from chatapp.storage.errors import DiskFailed, DiskFull
from chatapp.storage.format import Tip
from chatapp.storage.writer import Spot, Writer

logger = logging.getLogger(__name__)

D = TypeVar("D")
V = TypeVar("V")
T = TypeVar("T")

BATCH_RECORDS = 2_000
"""At most so many records share a batch: some 600 KB, a few milliseconds of encoding."""
WORTH_A_BATCH = 8
"""So many records are written before all of the last batch are answered."""
RETRY_SECONDS = 1.0
"""So long after a full disk the next append is let through, to see whether there is room."""


class Batch(Generic[V]):
    """Lines on their way to the disk, the values that they stand for, and who waits for them."""

    __slots__ = ("lines", "outcome", "pendings", "seconds", "tip", "values")

    def __init__(self, lines: list[bytes], values: list[V], tip: Tip) -> None:
        self.lines = lines
        self.values = values
        self.tip = tip
        self.pendings: list[Pending[V]] = []
        self.seconds = 0.0
        self.outcome: Spot | DiskFull | DiskFailed | None = None


class Step(Generic[T]):
    """Something else than a batch that is done by the writer thread, and who waits for it."""

    __slots__ = ("do", "error", "pending", "value")

    def __init__(self, do: Callable[[Writer], T]) -> None:
        self.do = do
        self.pending: Pending[T] = Pending()
        self.error: Exception | None = None
        self.value: T


Form = Callable[[Sequence[D], Tip], Batch[V]]
"""Makes a batch of drafts that follows the tip. Changes nothing: the batch may yet fail."""
Written = Callable[[Batch[V], Spot], None]
"""Told of each durable batch before those who wait for it: readers see it from now on."""
Deliver = Callable[[Callable[[], None]], None]
"""Calls a function on the owner's thread, soon. May be used from any thread."""


class Journal(Generic[D, V]):
    """An append-only file of numbered lines. All methods are for the owner's thread."""

    def __init__(
        self,
        writer: Writer,
        tip: Tip,
        *,
        form: Form[D, V],
        written: Written[V],
        deliver: Deliver | None,
    ) -> None:
        self.tip = tip
        self.refusal: ChatError | None = None
        self.refused: Callable[[], None] = _nobody
        self._writer = writer
        self._form = form
        self._written = written
        self._deliver = deliver
        self._queue: list[tuple[D, Pending[V]]] = []
        self._under_way: Batch[V] | Step[Any] | None = None
        self._steps: list[Step[Any]] = []
        self._scheduled = False
        self._closed = False
        self._for_good = False
        self._retry_at = 0.0
        self._to_write: SimpleQueue[Batch[V] | Step[Any] | None] = SimpleQueue()
        self._done: SimpleQueue[Batch[V] | Step[Any]] = SimpleQueue()
        self._thread: Thread | None = None
        if deliver:
            self._thread = Thread(target=self._write_batches, name="log writer", daemon=True)
            self._thread.start()

    def append(self, draft: D) -> Pending[V]:
        """Resolved when the record is durable; fails with ReadOnly or Unavailable."""
        pending: Pending[V] = Pending()
        if (self._closed or self.refusal) and (refusal := self._refuses()):
            pending.fail(refusal)
            return pending
        self._queue.append((draft, pending))
        self._go_on()
        return pending

    def between(self, do: Callable[[Writer], T]) -> Pending[T]:
        """Done with the files by the writer thread while no batch is under way.

        Fails with what it raises; the journal goes on all the same.
        """
        step = Step(do)
        if self._closed:
            step.pending.fail(Unavailable("The server is stopping."))
            return step.pending
        self._steps.append(step)
        self._go_on()
        return step.pending

    def look_for_room(self) -> Pending[bool]:
        """Whether there is room on the disk; nothing is refused any more for the lack of it."""
        return self.between(lambda writer: writer.has_room()).then(self._found_room)

    def _found_room(self, has_room: bool) -> bool:
        if has_room and not self._for_good:
            self.refusal = None
        return has_room

    def flush(self) -> None:
        """Waits until all that was appended is durable or refused."""
        while self._under_way or self._queue or self._steps:
            if self._under_way is None:
                self._begin()
            else:
                self._settle(self._done.get())
        self._writer.sync_if_lazy()

    def close(self) -> None:
        """Flushes, and refuses from now on. Raises nothing: what failed was nacked."""
        if self._closed:
            return
        self.flush()
        self._closed = True
        if self._thread:
            self._to_write.put(None)
            self._thread.join()
        self._writer.close()

    def _refuses(self) -> ChatError | None:
        if self._closed:
            return Unavailable("The server is stopping.")
        if self.refusal and (self._for_good or time.monotonic() < self._retry_at):
            return self.refusal
        return None

    def _go_on(self) -> None:
        if self._deliver is None:
            self._begin()
        elif self._under_way is None and not self._scheduled:
            self._scheduled = True
            self._deliver(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        while True:
            try:
                self._settle(self._done.get_nowait())
            except Empty:
                break
        if (self._queue or self._steps) and self._under_way is None:
            self._begin()

    def _begin(self) -> None:
        """Sends on its way what is next: a step, or a batch of what is queued."""
        if self._steps:
            self._send(self._steps.pop(0))
            return
        taken, self._queue = self._queue[:BATCH_RECORDS], self._queue[BATCH_RECORDS:]
        try:
            batch = self._form([draft for draft, _ in taken], self.tip)
        except Exception:  # what is under way, and who waits for it, must not suffer from this
            logger.exception("A batch could not be formed")
            refusal = Unavailable("This could not be written down.")
            for _, pending in taken:
                _answer(pending.fail, refusal)
            return
        batch.pendings = [pending for _, pending in taken]
        self._send(batch)

    def _send(self, work: Batch[V] | Step[Any]) -> None:
        self._under_way = work
        if self._thread:
            self._to_write.put(work)
        else:
            self._do(work)
            self._settle(work)

    def _do(self, work: Batch[V] | Step[Any]) -> None:
        if isinstance(work, Batch):
            self._write(work)
            return
        try:
            work.value = work.do(self._writer)
        except Exception as error:  # told to who asked for it
            work.error = error

    def _write(self, batch: Batch[V]) -> None:
        started = time.perf_counter()
        try:
            batch.outcome = self._writer.write(b"".join(batch.lines), self.tip.n + 1)
        except (DiskFull, DiskFailed) as failure:
            batch.outcome = failure
        batch.seconds = time.perf_counter() - started

    def _write_batches(self) -> None:
        """The writer thread."""
        assert self._deliver is not None  # noqa: S101 - there is no thread without it
        while work := self._to_write.get():
            self._do(work)
            self._done.put(work)
            self._deliver(self._turn)

    def _settle(self, work: Batch[V] | Step[Any]) -> None:
        self._under_way = None
        if isinstance(work, Step):
            self._settle_step(work)
        elif isinstance(work.outcome, Spot):
            self._settle_batch(work, work.outcome)
        else:
            self._nack(work)

    def _settle_step(self, step: Step[Any]) -> None:
        self._begin_next()
        if step.error is None:
            _answer(step.pending.resolve, step.value)
        else:
            _answer(step.pending.fail, step.error)

    def _settle_batch(self, batch: Batch[V], spot: Spot) -> None:
        self.refusal = None
        self.tip = batch.tip
        self._written(batch, spot)
        self._begin_next()
        rested_at = time.perf_counter() + batch.seconds
        for pending, value in zip(batch.pendings, batch.values, strict=True):
            try:
                pending.resolve(value)
            except Exception:
                logger.exception("What waited for a record failed")
            if len(self._queue) >= WORTH_A_BATCH and self._has_rested(rested_at):
                self._begin()

    def _begin_next(self) -> None:
        """So that the disk works while answers are given. Without a thread, who appends begins."""
        if (self._queue or self._steps) and self._deliver:
            self._begin()

    def _has_rested(self, rested_at: float) -> bool:
        """Whether the disk has nothing to do, and has rested for as long as it worked."""
        return (
            self._under_way is None and self._thread is not None and time.perf_counter() > rested_at
        )

    def _nack(self, batch: Batch[V]) -> None:
        """Refuses the batch and all that queued behind it: their order is part of the promise."""
        if isinstance(batch.outcome, DiskFailed):
            self._for_good = True
            self.refusal = ReadOnly("The disk is failing: nothing new is accepted, reading works.")
        else:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self.refusal = ReadOnly(
                f"The server cannot write to its disk ({batch.outcome}): "
                "nothing new is accepted, reading works."
            )
        queued, self._queue = self._queue, []
        for pending in [*batch.pendings, *(pending for _, pending in queued)]:
            _answer(pending.fail, self.refusal)
        self.refused()


def _nobody() -> None:
    """Wants to know when something was refused."""


def _answer(settle: Callable[[V], None], outcome: V) -> None:
    """Tells one who waits. If they fail at that, the next ones hear it all the same."""
    try:
        settle(outcome)
    except Exception:
        logger.exception("What waited for a record failed")
