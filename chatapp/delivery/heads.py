"""Broadcasts the head of every room periodically.

A client that missed a message notices the gap at the next one; a client that missed the latest
message notices by the head.
"""

from collections.abc import Callable, Iterable
from typing import Any

HEADS_SECONDS = 40.0


def tell_heads(
    *,
    occupied: Callable[[], Iterable[str]],
    head: Callable[[str], int],
    tell: Callable[[str, dict[str, int]], None],
    later: Callable[[float, Callable[[], None]], Any],
) -> None:
    """Broadcast `heads {room: head}` every 40 s to each room that has members online."""

    def beat() -> None:
        for room in list(occupied()):
            tell(room, {room: head(room)})
        later(HEADS_SECONDS, beat)

    later(HEADS_SECONDS, beat)
