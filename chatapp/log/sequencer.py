"""From drafts to a batch of numbered lines: what an event gets from the log.

    draft  room, sender, by, type, text, cid …      who says what where
    event  + seq, at                            its number in its room, its time
    line   + n, batch, more, salt, hash, crc    its place in the log; format.py

Nothing is changed by forming a batch, because it may yet fail: `seq` goes on from the last batch
that is durable.
"""

import os
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import astuple

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.model import Draft, Event
from chatapp.log import format
from chatapp.log.format import SALT_BYTES, ChainHead
from chatapp.log.journal import Batch
from chatapp.log.shared_journal import CidKey, Former, Mark, Verdict

Sent = tuple[Draft, str | None, str | None]
"""A draft; when it happened, where that is not now; and its origin, where it has one (feed.py)."""


class Sequencer:
    """Forms batches. `heads` has the last durable seq of each room."""

    def __init__(
        self, heads: dict[str, int], clock: Clock, randomness: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.heads = heads
        self.latest = ""
        """The time of the last event of others, whose clocks may be ahead of ours."""
        self._clock = clock
        self._randomness = randomness

    def form(self, drafts: Sequence[Sent], tip: ChainHead) -> Batch[Event]:
        """The batch that follows `tip`."""
        salts = format.salts(self._randomness(SALT_BYTES * len(drafts)))
        events = self._stamped(drafts)
        lines, tip = format.encode_events(events, salts, tip)
        return Batch(lines, events, tip)

    def _stamped(self, drafts: Sequence[Sent]) -> list[Event]:
        now = max(timestamp(self._clock()), self.latest)
        ahead: dict[str, int] = {}
        events = []
        for draft, at, _ in drafts:
            room = draft.room
            ahead[room] = seq = (ahead.get(room) or self.heads.get(room, 0)) + 1
            events.append(Event(*astuple(draft), seq=seq, at=at or now))
        return events


class SharedSequencer(Former[Sent, Event]):
    """Forms the batches of a log that several processes append to."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer

    def wanted(self, drafts: Sequence[Sent]) -> list[CidKey]:
        return [key for draft, _, _ in drafts if (key := _cid_key(draft))]

    def form(
        self, drafts: Sequence[Sent], tip: ChainHead, found: Mapping[CidKey, Mark]
    ) -> tuple[Batch[Event], list[Verdict]]:
        verdicts: list[Verdict] = [_repeated(draft, found) for draft, _, _ in drafts]
        accepted = [sent for sent, verdict in zip(drafts, verdicts, strict=True) if verdict is None]
        return self._sequencer.form(accepted, tip), verdicts

    def marks(self, batch: Batch[Event]) -> dict[int, Mark]:
        first = batch.tip.n - len(batch.lines) + 1
        return {
            first + place: Mark(key=key, by=event.by, seq=event.seq)
            for place, event in enumerate(batch.values)
            if (key := _cid_key(event))
        }

    def adopted(self, lines: list[bytes], tip: ChainHead) -> Batch[Event]:
        return Batch(lines, [format.decode_event(line) for line in lines], tip)

    def written(self, batch: Batch[Event]) -> None:
        self._sequencer.heads.update({event.room: event.seq for event in batch.values})
        self._sequencer.latest = max(self._sequencer.latest, batch.values[-1].at)


def _cid_key(said: Draft | Event) -> CidKey | None:
    return (said.room, said.sender, said.cid) if said.cid and said.type == "message" else None


def _repeated(draft: Draft, found: Mapping[CidKey, Mark]) -> Mark | None:
    """The message that is there already: with the sender's id, or without any, as older versions
    kept only the name."""
    key = _cid_key(draft)
    mark = found.get(key) if key else None
    return mark if mark and mark.by in (draft.by, None) else None
