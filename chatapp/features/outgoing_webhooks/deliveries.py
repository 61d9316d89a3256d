"""The last attempts of each webhook, for the console: a ring of rows that may be lost."""

import msgspec

from chatapp.tables.table import TableStore

TABLE = "outgoing_webhook_deliveries"
KEPT = 100
"""Attempts of each webhook."""
ANSWER_CHARACTERS = 200


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt, the `serial`th of its webhook: at a timestamp, to send a `type` with the
    webhook-id `id`; `n` is the number of its record, 0 for a test. It took so many `milliseconds`,
    and the answer had this `status` and began like this; or there was a `problem`. `reply` says
    what became of the answer's text: `posted`, or why not."""

    serial: int = 0
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


class DeliveryLog:
    def __init__(self, store: TableStore) -> None:
        self._table = store.table(TABLE, Delivery)
        self._last: dict[str, int] = {}
        for key, delivery in self._table.items():
            self._note(key, None, delivery)
        self._table.on_change(self._note)

    def of(self, webhook: str) -> list[Delivery]:
        """Newest first."""
        slots = (self._table.get(f"{webhook}/{slot}") for slot in range(KEPT))
        return sorted(filter(None, slots), key=lambda one: -one.serial)

    def find(self, webhook: str, serial: int) -> Delivery | None:
        found = self._table.get(f"{webhook}/{serial % KEPT}")
        return found if found and found.serial == serial else None

    def add(self, webhook: str, delivery: Delivery) -> None:
        serial = self._last.get(webhook, 0) + 1
        written = msgspec.structs.replace(delivery, serial=serial)
        self._table.put(f"{webhook}/{serial % KEPT}", written)

    def forget(self, webhook: str) -> None:
        for slot in range(KEPT):
            if (key := f"{webhook}/{slot}") in self._table:
                self._table.delete(key)
        self._last.pop(webhook, None)

    def _note(self, key: str, _old: Delivery | None, new: Delivery | None) -> None:
        if new:
            webhook = key.rpartition("/")[0]
            self._last[webhook] = max(self._last.get(webhook, 0), new.serial)
