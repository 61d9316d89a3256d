"""How far something long has come, in bytes: told by those who work, to whoever wants to know.

What people see of it is drawn by `progress_bar.py`, for which the server has no use.
"""

from collections.abc import Callable

Progress = Callable[[int], None]
"""Told of so many more bytes that are done."""


def unwatched(_done: int) -> None:
    """Nobody wants to know."""
