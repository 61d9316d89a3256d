"""Who does the jobs that only one process of a chat should do.

Of two processes, both may have the lease for some seconds, when the first one has lost its
connection. So what is done under it must bear to be done twice.
"""

from collections.abc import Callable
from typing import Protocol


class Lease(Protocol):
    @property
    def is_held(self) -> bool:
        """Whether this process has it now, as far as it can tell."""

    def on_taken(self, begin: Callable[[], None]) -> None:
        """`begin()` is called on the event loop's thread, whenever this process gets it."""


class LocalLease:
    """Of a process that is alone: it always has it."""

    is_held = True

    def on_taken(self, begin: Callable[[], None]) -> None:
        """It has it already."""
