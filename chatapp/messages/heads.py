"""Tells every room its head now and then.

Who missed a message notices it by the hole before the next one; who missed the last one
notices it by the head.
"""

from collections.abc import Callable, Iterable
from typing import Any

HEADS_SECONDS = 40.0


class Heads:
    """Broadcasts `heads {room: head}` to each room with somebody in it, every 40 s."""

    def __init__(
        self,
        *,
        occupied: Callable[[], Iterable[str]],
        head: Callable[[str], int],
        tell: Callable[[str, dict[str, int]], None],
        later: Callable[[float, Callable[[], None]], Any],
    ) -> None:
        self._occupied = occupied
        self._head = head
        self._tell = tell
        self._later = later

    def start(self) -> None:
        self._later(HEADS_SECONDS, self._beat)

    def _beat(self) -> None:
        for room in list(self._occupied()):
            self._tell(room, {room: self._head(room)})
        self.start()
