"""A journal that several processes append to, each with its own copy of the files.

The lines are kept by a `Stream` (stream.py), a database, where one process at a time has its turn.
In a turn, the writer thread copies what the others appended, forms a batch that follows it, and
commits it (stream_copy.py). So all copies are the same to the byte, numbered and chained as those
of a single process, and everything that reads a journal works on the copy: the index, history,
search, `chatapp log verify`.

    owner's thread              writer thread                        stream
    append(draft) ── queue
                 ──────────────▶ begin a turn ──────────────────────▶ lock the head
                                 copy the lines of others ◀────────── lines after our tip
                                 form: numbers, hashes, bytes
                                 commit ────────────────────────────▶ durable, unlock
                                 copy the own lines
    followed(others) ◀────────── in the order of the lines
    written(own), answers ◀─────

A batch whose commit may or may not have happened, because the stream was lost meanwhile, is looked
for after our tip in the next turn: it is there, byte for byte, or it was not committed.

Exactly once. A copy has every line, so nobody has to ask the stream whether a message is there
already. What is there when a round begins, the owner knows, and looks at each draft once more
before it sends the round (`sent_before`); what others appended since, the round has copied before
it forms its batch (`Former.form`).

Rules. Whether a message may be posted follows from tables, which have a journal of their own, and
which other processes change. So a draft names the last line of the tables that it was checked
after. If a later one has changed the rules, the draft is not appended in this turn: it waits, and
so do all behind it, until this process has followed the tables; then it is checked again. Nobody
changes the rules while a turn lasts. So nothing is appended under rules that were over.

Some rules look at the journal itself: a message is deleted once, and people in slow mode wait
after their last message. Drafts that rest on such a subject wait and are checked again in the same
way, if another process has appended a line about it.

Erasures. An erasure has a number and a place in the stream: it is about the lines up to there. Each
copy ends a segment at that place, so that what is erased is in finished segments, and the owner
erases it while the journal goes on (`lacking`). So all copies have the same files before and after.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chatapp.domain.errors import ChatError, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.log.errors import DiskFailed, DiskFull
from chatapp.log.format import ChainHead
from chatapp.log.journal import (
    BATCH_RECORDS,
    RETRY_SECONDS,
    Answer,
    Deliver,
    Journal,
    Work,
    Written,
    share_of,
)
from chatapp.log.manifest import DecidedErasure
from chatapp.log.stream import (
    NO_ANSWER,
    Forked,
    Former,
    Outdated,
    Repeated,
    Stream,
    StreamLost,
)
from chatapp.log.stream_copy import Round, StreamCopy
from chatapp.log.writer import Writer

logger = logging.getLogger(__name__)

D = TypeVar("D")
V = TypeVar("V")
A = TypeVar("A")


class SharedJournal(Journal[D, V, A]):
    """`followed(batch, offset)` hears of the batches of others; `repeated(draft, where)` makes the
    answer for a draft that is there already, and `sent_before(draft, pending)` does if this process
    has followed it since the draft was appended. `tables` is the journal of the tables that have
    the rules, and `renewed(draft)` the draft when it was checked again; it raises what stands
    against it."""

    def __init__(
        self,
        writer: Writer,
        tip: ChainHead,
        *,
        stream: Stream,
        former: Former[D, V],
        written: Written[V],
        followed: Written[V],
        answer: Answer[D, V, A],
        repeated: Callable[[D, Repeated], A],
        sent_before: Callable[[D, Future[A]], A | None] = lambda _draft, _pending: None,
        deliver: Deliver | None,
        tables: "SharedJournal[Any, Any, Any] | None" = None,
        renewed: Callable[[D], D] = lambda draft: draft,
        erasures: Sequence[DecidedErasure] = (),
    ) -> None:
        self._stream = stream
        self._tables = tables
        self._renewed = renewed
        self._held: list[tuple[D, Future[A]]] | None = None
        """What waits for the tables to be followed; None while nothing does."""
        self._reaching: list[tuple[int, Future[None]]] = []
        self._catching_up: list[Future[None]] = []
        """Of those for whom the next round is the first that begins after they asked."""
        self._copy: StreamCopy[D, V, A] = StreamCopy(
            writer, tip, stream=stream, former=former, erasures=erasures
        )
        self._followed = followed
        self._repeated = repeated
        self._sent_before = sent_before
        self.lacking: deque[DecidedErasure] = deque()
        """What the owner has to erase in the copy, in this order."""
        self.lacks: Callable[[], object] = lambda: None
        """Called when there is more of that."""
        self._deciding: dict[int, Future[int]] = {}
        self._must_follow = False
        self._is_lost = False
        """Whether the stream did not answer the last time that something was appended."""
        super().__init__(writer, tip, form=_never, written=written, answer=answer, deliver=deliver)
        self._catch_up()
        if deliver:
            stream.listen(lambda: deliver(self.follow))

    def _catch_up(self) -> None:
        """Copy all that is there, before the owner goes on. Raises StreamLost, Forked and what the
        disk refuses."""
        is_behind = True
        while is_behind:
            round: Round[D, V, A] = Round([])
            self._copy.go_round(round)
            if round.error is not None:
                self._closed = True
                super().close()
                self._stream.close()
                raise round.error
            self._settle_round(round)
            is_behind = round.is_behind

    def append(self, draft: D, pending: Future[A] | None = None) -> Future[A]:
        waiting = self._round_under_way() if self._held is None else self._held
        if self._closed or self.refusal or waiting is None:
            return super().append(draft, pending)
        pending = pending or Future()
        waiting.append((draft, pending))
        return pending

    def append_all(self, drafts: Sequence[tuple[D, Future[A]]]) -> None:
        waiting = self._round_under_way() if self._held is None else self._held
        if self._closed or self.refusal or waiting is None:
            super().append_all(drafts)
        else:
            waiting.extend(drafts)  # At once: the writer thread sees all of them, or none.

    def _round_under_way(self) -> deque[tuple[D, Future[A]]] | None:
        """What comes late for it, if there is one that appends."""
        under_way = self._under_way
        return under_way.late if isinstance(under_way, Round) and under_way.taken else None

    def _found_room(self, has_room: bool) -> bool:
        return super()._found_room(has_room) if not self._is_lost else False

    def reach(self, n: int) -> Future[None]:
        """Resolved when this process has followed the stream up to a number. Fails with StreamLost
        if that cannot be asked."""
        reached: Future[None] = Future()
        if self.tip.n >= n:
            reached.resolve(None)
            return reached
        if self._closed or self.is_over:
            reached.fail(StreamLost("It is closed."))
            return reached
        self._reaching.append((n, reached))
        self.follow()
        return reached

    def catch_up(self) -> Future[None]:
        caught_up: Future[None] = Future()
        if self._closed or self.is_over:
            caught_up.resolve(None)
            return caught_up
        self._catching_up.append(caught_up)
        self.follow()
        return caught_up

    def follow(self) -> None:
        """Copy what others have appended."""
        if self._closed or self.is_over:
            return
        if self._under_way is None:
            self._send(Round([]))
        else:
            self._must_follow = True

    def decide_erasure(self, wanted: dict[str, Any], at: str) -> Future[int]:
        """All copies will erase these texts, up to now. Gives the number of the erasure, when it is
        in `lacking`; fails with ReadOnly if the stream is lost."""

        def decide(_: Writer) -> int:
            try:
                return self._stream.decide_erasure(wanted, at)
            except StreamLost as lost:
                raise ReadOnly(NO_ANSWER) from lost

        reached: Future[int] = Future()

        def decided(deciding: Future[int]) -> None:
            if deciding.error:
                reached.fail(deciding.error)
            else:
                self._deciding[deciding.result()] = reached
                self.follow()

        self.between(decide).add_done_callback(decided)
        return reached

    def end(self, refusal: ChatError) -> None:
        super().end(refusal)
        self._refuse_held(refusal)

    def flush(self) -> None:
        """Also copies what others have appended until now, if there is no thread that follows."""
        super().flush()
        if not (self._thread or self._closed):
            self._send(Round([]))

    def close(self) -> None:
        if not self._closed:
            super().close()
            self._refuse_held(Unavailable("The server is stopping."))
            self._stream.close()

    def _send(self, work: Work) -> None:
        if isinstance(work, Round):
            self._must_follow = False  # It copies what others have appended until now.
            work.awaited, self._catching_up = self._catching_up, []
        super()._send(work)

    def _begin(self) -> None:
        if self._steps:
            self._send(self._steps.pop(0))
            return
        count = share_of(self._queue, BATCH_RECORDS)
        taken, self._queue = self._queue[:count], self._queue[count:]
        self._send(Round([each for each in taken if not self._answered(*each)]))

    def _answered(self, draft: D, pending: Future[A]) -> bool:
        """Another process was faster with a draft, and has its answer."""
        try:
            answer = self._sent_before(draft, pending)
        except ChatError as error:
            pending.fail(error)
            return True
        if answer is not None:
            pending.resolve(answer)
        return answer is not None

    # The writer thread

    def _do(self, work: Work) -> None:
        if isinstance(work, Round):
            self._copy.go_round(work)
        else:
            super()._do(work)

    # The owner's thread

    def _settle(self, work: Work) -> None:
        if isinstance(work, Round):
            self._under_way = None
            self._must_follow |= work.is_behind
            self._settle_round(work)
            if work.is_behind:
                self._catching_up += work.awaited
            else:
                for caught_up in work.awaited:
                    caught_up.resolve(None)
        else:
            super()._settle(work)
        self._follow_again()

    def _settle_round(self, round: Round[D, V, A]) -> None:
        self._queue[:0] = round.late
        rules = self._hold_outdated(round) if round.error is None else None
        self._settle_copied(round)
        if rules is not None and self._tables:
            self._tables.reach(rules).add_done_callback(self._check_held)
        self._settle_reaching(round.error)
        if isinstance(round.error, StreamLost) and not round.taken:
            self._begin_next()  # Nobody waits for it; the next round copies what this one did not.
            return
        if round.error is not None:
            self._fail(round, round.error)
            return
        self._is_lost = False
        if not self.is_over:
            self.refusal = None
        self._begin_next()
        for (draft, pending), verdict in zip(round.taken, round.verdicts, strict=True):
            try:
                if isinstance(verdict, Outdated):
                    continue
                if isinstance(verdict, Exception):
                    pending.fail(verdict)
                elif verdict is not None:
                    pending.resolve(self._repeated(draft, verdict))
            except Exception:
                logger.exception("What waited for a record failed")

    def _settle_copied(self, round: Round[D, V, A]) -> None:
        for batch, offset, is_own in round.batches:
            if is_own:
                self._settle_batch(batch, offset)
            else:
                self.tip = batch.tip
                self._followed(batch, offset)
        if round.erasures:
            self.lacking += round.erasures
            self.lacks()
        for erasure in round.erasures:
            if decided := self._deciding.pop(erasure.number, None):
                decided.resolve(erasure.number)

    def _settle_reaching(self, error: Exception | None) -> None:
        waiting, self._reaching = self._reaching, []
        for n, reached in waiting:
            if self.tip.n >= n:
                reached.resolve(None)
            elif error is not None:
                reached.fail(error)
            else:
                self._reaching.append((n, reached))
                self._must_follow = True

    # Rules

    def _hold_outdated(self, round: Round[D, V, A]) -> int | None:
        """Keep what has to be checked again, with all behind it: their order is part of the
        promise. Returns the line of the tables after which that can be done."""
        outdated = [
            (taken, verdict.n)
            for taken, verdict in zip(round.taken, round.verdicts, strict=True)
            if isinstance(verdict, Outdated)
        ]
        if not outdated:
            return None
        self._held = [*(taken for taken, _ in outdated), *self._queue]
        self._queue = []
        return outdated[0][1]

    def _check_held(self, reached: Future[None]) -> None:
        if reached.has_failed:
            self._refuse_held(ReadOnly(NO_ANSWER))
            return
        held, self._held = self._held or [], None
        refused: list[tuple[Future[A], ChatError]] = []
        for draft, pending in held:
            try:
                self._queue.append((self._renewed(draft), pending))
            except ChatError as against:
                refused.append((pending, against))
            except Exception:
                logger.exception("A draft could not be checked again")
                refused.append((pending, Unavailable("This could not be saved.")))
        for pending, refusal in refused:
            pending.fail(refusal)
        if self._queue:
            self._go_on()

    def _refuse_held(self, refusal: ChatError) -> None:
        held, self._held = self._held or [], None
        for _, pending in held:
            pending.fail(refusal)

    def _fail(self, round: Round[D, V, A], error: Exception) -> None:
        refusal: ChatError
        if isinstance(error, (DiskFull, DiskFailed)):
            refusal = self._refuse(error)
        elif isinstance(error, StreamLost):
            refusal = self.refusal = ReadOnly(NO_ANSWER)
            self._is_lost = True
            self._retry_at = time.monotonic() + RETRY_SECONDS
        elif isinstance(error, Forked):
            logger.error("The database has another history than this process: %s", error)
            refusal = self.refusal = ReadOnly("The database was replaced: the server starts again.")
            self.is_over = True
        else:
            logger.error("A batch could not be appended", exc_info=error)
            refusal = Unavailable("This could not be saved.")
        settled = {id(pending) for batch, _, _ in round.batches for _, pending in batch.taken}
        for _, pending in round.taken:
            if id(pending) not in settled:
                pending.fail(refusal)
        if self.refusal:
            queued, self._queue = self._queue, []
            for _, pending in queued:
                pending.fail(refusal)
            self._refuse_held(refusal)
            self.refused()
        else:
            self._begin_next()
        if isinstance(error, Forked):
            self.replaced()

    def _follow_again(self) -> None:
        if self._must_follow and self._under_way is None:
            self._must_follow = False
            self.follow()


def _never(_drafts: object, _tip: object) -> Any:
    raise AssertionError("The writer thread forms the batches of a shared journal.")
