"""Deletions that are on their way to the disk: a message is deleted once, by whomever.

The log does not know of them yet. All who delete share one of these, or two admins at once,
one in the chat and one in the console, would leave two tombstones for one message.
"""

from chatapp.model import Event
from chatapp.pending import Pending


class Deletions:
    def __init__(self) -> None:
        self._coming: dict[tuple[str, int], Pending[Event]] = {}

    def of(self, room: str, seq: int) -> Pending[Event] | None:
        """The deletion of this message that is under way."""
        return self._coming.get((room, seq))

    def keep(self, room: str, seq: int, deletion: Pending[Event]) -> None:
        """Until it is on disk, or has failed."""
        self._coming[room, seq] = deletion
        deletion.when_done(lambda _: self._coming.pop((room, seq)))
