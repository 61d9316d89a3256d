"""Keeps every admin act and every login, in the log's own way: numbered, chained, on disk.

It is a message log in a folder of its own, in which a room is an action (`login`, `ban` …),
the sender who acted, and the text a JSON object of the details. So it is verified, read,
filtered and exported with what does that for messages.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from chatapp.model import Draft, Event
from chatapp.pending import Pending


class Log(Protocol):
    """What the audit needs of a message log."""

    def append(self, draft: Draft) -> Pending[Event]: ...


class Audit:
    """Call it with who acted, what they did, and the details: `audit("ana", "ban", name="eva")`."""

    def __init__(self, log: Log, *, where: Callable[[], str | None] = lambda: None) -> None:
        """`where()` is the address that whoever acts just now does so from, if that is known."""
        self._log = log
        self._where = where

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Pending[Event]:
        """Details that are None are left out. Fails as an append to the log fails."""
        details = {"address": self._where(), **details}
        known = {name: detail for name, detail in details.items() if detail is not None}
        text = msgspec.json.encode(known).decode()
        return self._log.append(Draft(room=action, sender=actor, text=text))
