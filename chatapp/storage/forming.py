"""From drafts to a batch of numbered lines: what an event gets from the log.

    draft  room, sender, type, text, cid …      who says what where
    event  + seq, at                            its number in its room, its time
    line   + n, batch, more, salt, hash, crc    its place in the log; format.py

Nothing is changed by forming a batch, for it may yet fail: `seq` goes on from the last batch
that is durable.
"""

import os
from collections.abc import Callable, Sequence

from chatapp.model import Draft, Event
from chatapp.storage import format
from chatapp.storage.format import SALT_BYTES, Tip
from chatapp.storage.journal import Batch
from chatapp.storage.moment import Clock, iso

Dated = tuple[Draft, str | None]
"""A draft, and when it happened, where that is not now."""


class Forming:
    """Forms batches. `heads` has the last durable seq of each room."""

    def __init__(
        self,
        heads: dict[str, int],
        clock: Clock,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.heads = heads
        self._clock = clock
        self._randomness = randomness

    def form(self, drafts: Sequence[Dated], tip: Tip) -> Batch[Event]:
        """The batch that follows `tip`."""
        salts = format.salts(self._randomness(SALT_BYTES * len(drafts)))
        events = self._stamped(drafts)
        lines, tip = format.encode_events(events, salts, tip)
        return Batch(lines, events, tip)

    def written(self, events: Sequence[Event]) -> None:
        """These are durable: the next ones follow upon them."""
        self.heads.update({event.room: event.seq for event in events})

    def _stamped(self, drafts: Sequence[Dated]) -> list[Event]:
        now = iso(self._clock())
        ahead: dict[str, int] = {}
        events = []
        for draft, at in drafts:
            room = draft.room
            ahead[room] = seq = (ahead.get(room) or self.heads.get(room, 0)) + 1
            events.append(
                Event(
                    room=room,
                    seq=seq,
                    sender=draft.sender,
                    at=at or now,
                    type=draft.type,
                    text=draft.text,
                    cid=draft.cid,
                    reply_to=draft.reply_to,
                    target=draft.target,
                    emoji=draft.emoji,
                    on=draft.on,
                    erased_at=draft.erased_at,
                )
            )
        return events
