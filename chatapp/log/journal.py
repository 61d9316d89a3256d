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
import math
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from chatapp.domain.errors import ChatError, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.log.errors import DiskFailed, DiskFull, FilesChanged
from chatapp.log.format import ChainHead
from chatapp.log.writer import SegmentOffset, Writer

logger = logging.getLogger(__name__)

D = TypeVar("D")
V = TypeVar("V")
A = TypeVar("A")
T = TypeVar("T")

BATCH_RECORDS = 2_000
"""At most so many records share a batch: some 600 KB, a few milliseconds of encoding."""
WORTH_A_BATCH = 8
"""So many records are written before all of the last batch are answered."""
RETRY_SECONDS = 1.0
"""So long after a full disk the next append is let through, to see whether there is room."""


class Work:
    """What the writer thread does at a time; a journal of another kind may have other work."""

    __slots__ = ()


class Batch(Work, Generic[V]):
    """Lines on their way to the disk, the values that they stand for, and who waits for them."""

    __slots__ = ("lines", "outcome", "seconds", "taken", "tip", "values")

    def __init__(self, lines: list[bytes], values: list[V], tip: ChainHead) -> None:
        self.lines = lines
        self.values = values
        self.tip = tip
        self.taken: list[tuple[Any, Future[Any]]] = []
        """Each draft, and who waits for it."""
        self.seconds = 0.0
        self.outcome: SegmentOffset | DiskFull | DiskFailed | None = None


class Joined(Future[A]):
    """Of a draft that goes into the same batch as the draft before it: both are durable, or
    neither."""

    __slots__ = ()


def share_of(queue: Sequence[tuple[Any, Future[Any]]], most: int) -> int:
    """How many of these drafts share the next batch: up to `most`, and what is joined to them."""
    count = min(most, len(queue))
    while count < len(queue) and isinstance(queue[count][1], Joined):
        count += 1
    return count


class WriterTask(Work, Generic[T]):
    """Something else than a batch that is done by the writer thread, and who waits for it."""

    __slots__ = ("do", "error", "pending", "value")

    def __init__(self, do: Callable[[Writer], T]) -> None:
        self.do = do
        self.pending: Future[T] = Future()
        self.error: Exception | None = None
        self.value: T


Form = Callable[[Sequence[D], ChainHead], Batch[V]]
"""Makes a batch of drafts that follows the tip. Changes nothing: the batch may yet fail."""
Written = Callable[[Batch[V], SegmentOffset], None]
"""Told of each durable batch before those who wait for it: readers see it from now on."""
Answer = Callable[[D, V], A]
"""Makes of a draft and its durable value what those who wait for it get. Raises nothing."""
Deliver = Callable[[Callable[[], None]], None]
"""Calls a function on the owner's thread, soon. May be used from any thread."""


class Journal(Generic[D, V, A]):
    """An append-only file of numbered lines. All methods are for the owner's thread."""

    def __init__(
        self,
        writer: Writer,
        tip: ChainHead,
        *,
        form: Form[D, V],
        written: Written[V],
        answer: Answer[D, V, A],
        deliver: Deliver | None,
    ) -> None:
        self.tip = tip
        self.refusal: ChatError | None = None
        self.refused: Callable[[], None] = _nobody
        self.replaced: Callable[[], None] = _nobody
        """Called when others have another history than the files here: only a start mends that."""
        self.is_over = False
        self._writer = writer
        self._form = form
        self._written = written
        self._answer = answer
        self._deliver = deliver
        self._queue: list[tuple[D, Future[A]]] = []
        self._under_way: Work | None = None
        self._steps: list[WriterTask[Any]] = []
        self._scheduled = False
        self._closed = False
        self._is_looking = False
        self._retry_at = -math.inf
        self._to_write: SimpleQueue[Work | None] = SimpleQueue()
        self._done: SimpleQueue[Work] = SimpleQueue()
        self._thread: Thread | None = None
        if deliver:
            self._thread = Thread(target=self._write_batches, name="log writer", daemon=True)
            self._thread.start()

    def append(self, draft: D, pending: Future[A] | None = None) -> Future[A]:
        """Resolved when the record is durable; fails with ReadOnly or Unavailable.

        `pending` is what is resolved and given back; None makes one.
        """
        pending = pending or Future()
        if (self._closed or self.refusal) and (refusal := self._refuses()):
            pending.fail(refusal)
            return pending
        self._queue.append((draft, pending))
        self._go_on()
        return pending

    def append_all(self, drafts: Sequence[tuple[D, Future[A]]]) -> None:
        """Append drafts that share a batch: all of them become durable, or none does. The futures
        but the first are `Joined`."""
        if (self._closed or self.refusal) and (refusal := self._refuses()):
            for _, pending in drafts:
                pending.fail(refusal)
            return
        self._queue += drafts
        self._go_on()

    def catch_up(self) -> Future[None]:
        """Resolved when what was durable until now, by whomever, is here; also if that cannot be
        asked now."""
        return Future.of(None)

    def between(self, do: Callable[[Writer], T]) -> Future[T]:
        """Done with the files by the writer thread while no batch is under way.

        Fails with what it raises; the journal goes on all the same.
        """
        step = WriterTask(do)
        if self._closed:
            step.pending.fail(Unavailable("The server is stopping."))
            return step.pending
        self._steps.append(step)
        self._go_on()
        return step.pending

    def look_for_room(self) -> Future[bool]:
        """Whether there is room on the disk; nothing is refused any more for the lack of it."""
        return self.between(lambda writer: writer.has_room()).then(self._found_room)

    def _found_room(self, has_room: bool) -> bool:
        if has_room and not self.is_over:
            self.refusal = None
        return has_room

    def look_at_files(self) -> None:
        """Takes nothing more from the moment on that somebody else has touched the files."""
        if not (self._closed or self.is_over or self._is_looking):
            self._is_looking = True
            self.between(Writer.look).add_done_callback(self._looked)

    def _looked(self, asked: Future[None]) -> None:
        self._is_looking = False
        try:
            asked.result()
        except FilesChanged as changed:
            self._refuse(changed)
            self.refused()
        except OSError as error:
            logger.warning("The files of the log cannot be looked at (%s)", error)

    def end(self, refusal: ChatError) -> None:
        """Takes nothing more before the next start, for what happened to another journal."""
        self.is_over, self.refusal = True, refusal

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
        if self.refusal and (self.is_over or time.monotonic() < self._retry_at):
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
        count = share_of(self._queue, BATCH_RECORDS)
        taken, self._queue = self._queue[:count], self._queue[count:]
        try:
            batch = self._form([draft for draft, _ in taken], self.tip)
        except Exception:  # what is under way, and who waits for it, must not suffer from this
            logger.exception("A batch could not be formed")
            refusal = Unavailable("This could not be saved.")
            for _, pending in taken:
                _settle(pending.fail, refusal)
            return
        batch.taken = taken
        self._send(batch)

    def _send(self, work: Work) -> None:
        self._under_way = work
        if self._thread:
            self._to_write.put(work)
        else:
            self._do(work)
            self._settle(work)

    def _do(self, work: Work) -> None:
        if isinstance(work, Batch):
            self._write(work)
        elif isinstance(work, WriterTask):
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

    def _settle(self, work: Work) -> None:
        self._under_way = None
        if isinstance(work, WriterTask):
            self._settle_step(work)
        elif isinstance(work, Batch) and isinstance(work.outcome, SegmentOffset):
            self._settle_batch(work, work.outcome)
        elif isinstance(work, Batch):
            self._nack(work)

    def _settle_step(self, step: WriterTask[Any]) -> None:
        self._begin_next()
        if step.error is None:
            _settle(step.pending.resolve, step.value)
        else:
            _settle(step.pending.fail, step.error)

    def _settle_batch(self, batch: Batch[V], spot: SegmentOffset) -> None:
        self.refusal = None
        self.tip = batch.tip
        self._written(batch, spot)
        self._begin_next()
        rested_at = time.perf_counter() + batch.seconds
        for (draft, pending), value in zip(batch.taken, batch.values, strict=True):
            try:
                pending.resolve(self._answer(draft, value))
            except Exception:
                logger.exception("What waited for a record failed")
            if len(self._queue) >= WORTH_A_BATCH and self._has_rested(rested_at):
                self._begin()

    def _begin_next(self) -> None:
        """So that the disk works while answers are given. Without a thread, who appends begins."""
        if self._under_way is None and (self._queue or self._steps) and self._deliver:
            self._begin()

    def _has_rested(self, rested_at: float) -> bool:
        """Whether the disk has nothing to do, and has rested for as long as it worked."""
        return (
            self._under_way is None and self._thread is not None and time.perf_counter() > rested_at
        )

    def _nack(self, batch: Batch[V]) -> None:
        """Refuses the batch and all that queued behind it: their order is part of the promise."""
        refusal = self._refuse(batch.outcome)
        queued, self._queue = self._queue, []
        for _, pending in [*batch.taken, *queued]:
            _settle(pending.fail, refusal)
        self.refused()

    def _refuse(self, failure: SegmentOffset | DiskFull | DiskFailed | None) -> ReadOnly:
        """From now on, and for good unless the disk was only full."""
        if isinstance(failure, FilesChanged):
            why = "Files of the server were deleted or changed"
            if not self.is_over:
                logger.error("%s Nothing new is accepted any more.", failure)
        elif isinstance(failure, DiskFailed):
            why = "The disk is failing"
        else:
            why = f"The server cannot write to its disk ({failure})"
            self._retry_at = time.monotonic() + RETRY_SECONDS
        self.is_over = self.is_over or isinstance(failure, DiskFailed)
        self.refusal = ReadOnly(f"{why}: nothing new is accepted, reading works.")
        return self.refusal


def _nobody() -> None:
    """Wants to know."""


def _settle(settle: Callable[[V], None], outcome: V) -> None:
    """Tells one who waits. If they fail at that, the next ones hear it all the same."""
    try:
        settle(outcome)
    except Exception:
        logger.exception("What waited for a record failed")
