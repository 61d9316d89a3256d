"""The copy of a stream in our files: what the writer thread of a shared journal does in its turns.

In a turn it copies what other processes appended, forms a batch that follows it, commits the batch,
and copies that too. shared_journal.py says why all copies are the same to the byte.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chatapp.domain.future import Future
from chatapp.log import format
from chatapp.log.chain import followed
from chatapp.log.format import ChainHead
from chatapp.log.journal import BATCH_RECORDS, Batch, Joined, Work
from chatapp.log.manifest import DecidedErasure
from chatapp.log.stream import Forked, Former, Stream, StreamLost, Verdict
from chatapp.log.writer import SegmentOffset, Writer

D = TypeVar("D")
V = TypeVar("V")
A = TypeVar("A")

PATIENCE_SECONDS = 10.0
"""How long a batch waits for a stream that does not answer."""
PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Round(Work, Generic[D, V, A]):
    """What the writer thread does in one turn, and what came of it."""

    taken: list[tuple[D, Future[A]]]
    formed: Batch[V] | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    batches: list[tuple[Batch[V], SegmentOffset, bool]] = field(default_factory=list)
    """Each with its place in our copy, and whether it is our own."""
    erasures: list[DecidedErasure] = field(default_factory=list)
    """Their lines are in our copy."""
    error: Exception | None = None
    is_behind: bool = False
    """Whether others have appended more than one turn copies."""
    awaited: list[Future[None]] = field(default_factory=list)
    """Of those who asked for it before it began (`catch_up`)."""
    late: deque[tuple[D, Future[A]]] = field(default_factory=deque)
    """What came after the round was sent. The writer thread takes it along when its turn has come:
    most of the time goes into waiting for that."""


class StreamCopy(Generic[D, V, A]):
    """It belongs to the writer thread. `tip` is where our files end, and `erasures` are those of
    the stream that they know."""

    def __init__(
        self,
        writer: Writer,
        tip: ChainHead,
        *,
        stream: Stream,
        former: Former[D, V],
        erasures: Sequence[DecidedErasure],
    ) -> None:
        self._writer = writer
        self._copied = tip
        self._stream = stream
        self._former = former
        self._erasures = len(erasures)
        """How many of the stream are known."""
        self._ahead = deque(each for each in erasures if each.n >= tip.n)
        """Known ones whose place is not behind us, or was not when they became known."""
        self._passed = len(erasures)

    def go_round(self, round: Round[D, V, A]) -> None:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        started = time.perf_counter()
        while True:
            try:
                while not self._take_turn(round):
                    if not round.taken:  # The next round copies more: they are not kept in memory.
                        round.is_behind = True
                        break
            except StreamLost as lost:
                if round.taken and time.monotonic() < give_up_at:
                    time.sleep(PAUSE_SECONDS)
                    continue
                round.error = lost
            except Exception as error:  # told to those who wait; the thread goes on
                round.error = error
            break
        if round.formed:
            round.formed.seconds = time.perf_counter() - started

    def _take_turn(self, round: Round[D, V, A]) -> bool:
        """Whether the round is over; there may be more lines than fit into one turn."""
        drafts = [draft for draft, _ in round.taken]
        with self._stream.turn(
            self._copied.n, appends=bool(drafts), erasures=self._erasures
        ) as turn:
            if turn.n < self._copied.n:
                raise Forked(f"it ends at line {turn.n}, before line {self._copied.n}")
            self._note_erasures(turn.erasures)
            self._pass_erasures(round)
            lines = turn.lines
            if turn.n > self._copied.n and not lines:
                raise Forked(f"line {self._copied.n + 1} is missing")
            if _begins_with(lines, round.formed):
                self._copy_formed(round)
                round.is_behind = turn.n > self._copied.n
                return True
            if lines:
                self._copy_others(round, lines)
            if turn.n > self._copied.n or not drafts:
                return turn.n <= self._copied.n
            drafts += self._take_late(round)
            others = [
                value for batch, _, is_own in round.batches if not is_own for value in batch.values
            ]
            batch, round.verdicts = self._former.form(drafts, self._copied, turn.rules, others)
            round.formed = batch if batch.lines else None
            if round.formed:
                turn.append(batch.lines, batch.tip, rules=self._former.rules(batch))
        if round.formed:
            self._copy_formed(round)
        return True

    def _take_late(self, round: Round[D, V, A]) -> list[D]:
        late: list[tuple[D, Future[A]]] = []
        while round.late:
            is_full = len(round.taken) + len(late) >= BATCH_RECORDS
            if is_full and not isinstance(round.late[0][1], Joined):
                break
            late.append(round.late.popleft())
        round.taken += late
        return [draft for draft, _ in late]

    def _copy_formed(self, round: Round[D, V, A]) -> None:
        """Our own batch is committed. It is the last one of its round: the next round, which begins
        before its answers are given, has to know all others."""
        batch = round.formed
        assert batch is not None  # noqa: S101 - that is when this is called
        verdicts = zip(round.taken, round.verdicts, strict=True)
        batch.taken = [taken for taken, verdict in verdicts if verdict is None]
        self._copy(round, batch, is_own=True)

    def _copy_others(self, round: Round[D, V, A], lines: list[bytes]) -> None:
        try:
            for _ in followed([(0, lines)], self._copied):
                pass
        except format.Damage as damage:
            raise Forked(str(damage)) from damage
        for stretch in self._by_erasure(lines):
            for part in self._by_segment(stretch):
                tip = format.head_at(part[-1])
                self._copy(round, self._former.adopted(part, tip), is_own=False)
            self._pass_erasures(round)

    def _note_erasures(self, erasures: list[DecidedErasure] | None) -> None:
        if erasures is None:
            return
        if len(erasures) < self._erasures:
            raise Forked(f"it has {len(erasures)} erasures, and this copy {self._erasures}")
        self._ahead += erasures[self._erasures :]
        self._erasures = len(erasures)

    def _pass_erasures(self, round: Round[D, V, A]) -> None:
        """End the segment at the place of each erasure that we have reached."""
        while self._ahead and self._ahead[0].n <= self._copied.n:
            self._writer.end_segment_of(self._ahead[0].n, self._copied.n)
            passed = self._ahead.popleft()
            if passed.number > self._passed:
                self._passed = passed.number
                round.erasures.append(passed)

    def _by_erasure(self, lines: list[bytes]) -> Iterator[list[bytes]]:
        """The lines, divided at the places of erasures."""
        for place in [each.n for each in self._ahead]:
            count = place - self._copied.n
            if 0 < count < len(lines):
                yield lines[:count]
                lines = lines[count:]
        yield lines

    def _by_segment(self, lines: list[bytes]) -> list[list[bytes]]:
        """The lines, divided where those who appended them have begun a segment: so all copies have
        the same files."""
        left = self._writer.bytes_left
        if sum(map(len, lines)) <= left:
            return [lines]
        parts: list[list[bytes]] = [[]]
        begins_batch = False
        for line in lines:
            if begins_batch and left <= 0:
                parts.append([])
                left = self._writer.segment_bytes
            parts[-1].append(line)
            left -= len(line)
            begins_batch = not format.place_of(line).more
        return parts

    def _copy(self, round: Round[D, V, A], batch: Batch[V], *, is_own: bool) -> None:
        offset = self._writer.write(b"".join(batch.lines), self._copied.n + 1)
        self._copied = batch.tip
        self._former.written(batch)
        round.batches.append((batch, offset, is_own))


def _begins_with(lines: list[bytes], batch: Batch[Any] | None) -> bool:
    return batch is not None and lines[: len(batch.lines)] == batch.lines
