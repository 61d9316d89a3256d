"""From drafts to a batch of numbered lines: what an event gets from the log.

    draft  room, sender, by, type, text, cid …      who says what where
    event  + seq, at                            its number in its room, its time
    line   + n, batch, more, salt, hash, crc    its place in the log; format.py

Nothing is changed by forming a batch, because it may yet fail: `seq` goes on from the last batch
that is durable.
"""

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import astuple

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.model import Draft, Event
from chatapp.domain.subjects import Subject, subjects_of
from chatapp.log import format
from chatapp.log.format import SALT_BYTES, ChainHead
from chatapp.log.journal import Batch
from chatapp.log.stream import Former, Outdated, Repeated, Verdict

Sent = tuple[Draft, str | None, str | None, "Check | None"]
"""A draft; when it happened, where that is not now; its origin, where it has one (feed.py); and
what its rules were, where others may change them."""


class Check(NamedTuple):
    """A draft was checked after the line `seen` of the tables, and after line `read` of the log:
    no later line may have a subject that it `rests_on`. `again()` raises what stands against it
    now; `tries` is how often it was asked."""

    seen: int
    again: Callable[[], None]
    tries: int = 0
    read: int = 0
    rests_on: tuple[Subject, ...] = ()


MAX_SUBJECTS = 10_000
"""How many are remembered: drafts wait for some hundred lines at most."""


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
        for draft, at, _, _ in drafts:
            room = draft.room
            ahead[room] = seq = (ahead.get(room) or self.heads.get(room, 0)) + 1
            events.append(Event(*astuple(draft), seq=seq, at=at or now))
        return events


class SharedSequencer(Former[Sent, Event]):
    """Forms the batches of a log that several processes append to."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer
        self._latest: dict[Subject, int] = {}
        """The last line of each subject, of the lines after `_forgotten`."""
        self._forgotten = 0

    def form(
        self, drafts: Sequence[Sent], tip: ChainHead, rules: int, others: Sequence[Event]
    ) -> tuple[Batch[Event], list[Verdict]]:
        verdicts = self._verdicts(drafts, rules, others)
        accepted = [sent for sent, verdict in zip(drafts, verdicts, strict=True) if verdict is None]
        return self._sequencer.form(accepted, tip), verdicts

    def adopted(self, lines: list[bytes], tip: ChainHead) -> Batch[Event]:
        return Batch(lines, [format.decode_event(line) for line in lines], tip)

    def written(self, batch: Batch[Event]) -> None:
        self._sequencer.heads.update({event.room: event.seq for event in batch.values})
        self._sequencer.latest = max(self._sequencer.latest, batch.values[-1].at)
        for n, event in enumerate(batch.values, batch.tip.n - len(batch.lines) + 1):
            self._latest.update(dict.fromkeys(subjects_of(event), n))
        if len(self._latest) > MAX_SUBJECTS:
            self._forgotten, self._latest = batch.tip.n, {}

    def _verdicts(
        self, drafts: Sequence[Sent], rules: int, others: Sequence[Event]
    ) -> list[Verdict]:
        """Nothing is appended before what was sent before it, so all behind an outdated draft
        wait."""
        there = {key: event.seq for event in others if (key := _cid_key(event))}
        outdated: Outdated | None = None
        verdicts: list[Verdict] = []
        for draft, _, _, check in drafts:
            if check and (check.seen < rules or self._is_overtaken(check)):
                outdated = outdated or Outdated(rules)
            verdicts.append(_repeated(draft, there) or outdated)
        return verdicts

    def _is_overtaken(self, check: Check) -> bool:
        """Whether a subject that a draft rests on has, or may have, a line that it was not checked
        after."""
        latest = (self._latest.get(subject, self._forgotten) for subject in check.rests_on)
        return any(n > check.read for n in latest)


_CidKey = tuple[str, str, str | None, str]
"""Room, sender, the sender's id, and cid."""


def _cid_key(said: Draft | Event) -> _CidKey | None:
    if not said.cid or said.type != "message":
        return None
    return said.room, said.sender, said.by, said.cid


def _repeated(draft: Draft, there: dict[_CidKey, int]) -> Repeated | None:
    """The message that is there already: with the sender's id, or without any, as older versions
    kept only the name."""
    if not there or not (key := _cid_key(draft)):
        return None
    seq = there.get(key) or there.get((draft.room, draft.sender, None, key[3]))
    return Repeated(seq) if seq else None
