"""The audit log: every sign-in and every action of an admin, numbered and chained on disk.

It is a message log in its own folder: the room is the action (`login`, `ban` …), the sender is the
actor, and the text is a JSON object with the details. So the code that verifies, reads, filters
and exports messages also works for it.
"""

from collections.abc import Callable

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft
from chatapp.store.message_log import MessageLog
from chatapp.tables.rerun import once


class Audit:
    """Call it with the actor, the action and the details: `audit("ana", "ban", name="eva")`."""

    def __init__(self, log: MessageLog, *, where: Callable[[], str | None] = lambda: None) -> None:
        """`where()` is the address of the current actor, if it is known."""
        self._log = log
        self._where = where

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Future[Appended]:
        """Details that are None are left out. A rule that runs again writes the same record once.
        Fails as an append to the log fails."""
        details = {"address": self._where(), **details}
        known = {name: detail for name, detail in details.items() if detail is not None}
        text = msgspec.json.encode(known).decode()
        record = Draft(room=action, sender=actor, text=text)
        return once(record, lambda: self._log.append(record))
