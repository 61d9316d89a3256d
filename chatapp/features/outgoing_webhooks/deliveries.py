"""The last attempts of each webhook, for the console.

Memory has the last 100. A row of the last 20 is written within a second where little happens, and
every half a minute where much does: it survives a restart, and is what other processes know. What
receivers answered is not written: they could repeat messages, which may be erased one day.
"""

from collections import deque
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from chatapp.domain.due_times import Later
from chatapp.tables.table import Table

REMEMBERED = 100
"""Attempts of each webhook."""
WRITTEN = 20
WRITE_SECONDS = 1.0
WRITE_AGAIN_SECONDS = 30.0
BY_HAND = "/hand"
"""What follows the id in the key of the attempts that admins made, at whichever process."""
ANSWER_CHARACTERS = 200


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt: at a timestamp, to send a `type` with the webhook-id `id`; `n` is the number of
    its record, 0 for a test. It took so many `milliseconds`,
    and the answer had this `status` and began like this; or there was a `problem`. `reply` says
    what became of the answer's text: `posted`, or why not."""

    at: str
    type: str
    id: str
    n: int = 0
    room: str = ""
    seq: int = 0
    attempt: int = 1
    by_hand: bool = False
    status: int = 0
    milliseconds: int = 0
    answer: str = ""
    problem: str = ""
    reply: str = ""

    @property
    def is_done(self) -> bool:
        return not self.problem


class KeptDeliveries(msgspec.Struct, frozen=True):
    """The newest last."""

    deliveries: list[Delivery]


class DeliveryLog:
    """`later(seconds, step)` runs `step` on the event loop's thread."""

    def __init__(self, table: Table[KeptDeliveries], later: Later) -> None:
        self._table = table
        self._later = later
        self._last: dict[str, deque[Delivery]] = {}
        self._unwritten: set[str] = set()
        self._is_writing = False
        for key, kept in self._table.items():
            self._learn(key, None, kept)
        self._table.on_change(self._learn)

    def of(self, webhook: str) -> list[Delivery]:
        """Newest first."""
        both = [*self._last.get(webhook, ()), *self._last.get(webhook + BY_HAND, ())]
        return sorted(both, key=lambda one: one.at)[: -REMEMBERED - 1 : -1]

    def find(self, webhook: str, id: str) -> Delivery | None:
        """The newest attempt to send what has this webhook-id."""
        return next((one for one in self.of(webhook) if one.id == id), None)

    def add(self, webhook: str, deliveries: Sequence[Delivery]) -> None:
        key = webhook + BY_HAND if deliveries[0].by_hand else webhook
        self._last.setdefault(key, deque(maxlen=REMEMBERED)).extend(deliveries)
        self._unwritten.add(key)
        if not self._is_writing:
            self._is_writing = True
            self._later(WRITE_SECONDS, self._write)

    def flush(self) -> None:
        """Write what is not written yet."""
        unwritten, self._unwritten = self._unwritten, set()
        for key in unwritten & self._last.keys():
            newest = list(self._last[key])[-WRITTEN:]
            self._table.put(key, KeptDeliveries([replace(one, answer="") for one in newest]))

    def _write(self) -> None:
        self._is_writing = bool(self._unwritten)
        if self._unwritten:
            self.flush()
            self._later(WRITE_AGAIN_SECONDS, self._write)

    def _learn(self, key: str, _old: object, kept: KeptDeliveries | None) -> None:
        """From the row: at the start, and from another process."""
        if kept is None:
            self._last.pop(key, None)
        elif key not in self._unwritten and not self._has(key, kept.deliveries[-1]):
            self._last[key] = deque(kept.deliveries, maxlen=REMEMBERED)

    def _has(self, key: str, newest: Delivery) -> bool:
        known = self._last.get(key)
        return known is not None and replace(known[-1], answer="") == newest
