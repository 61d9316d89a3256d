"""Reports the progress of long work in bytes.

`progress_bar.py` displays it; the server does not need that.
"""

from collections.abc import Callable

Progress = Callable[[int], None]
"""Called with the number of bytes done since the last call."""


def unwatched(_done: int) -> None:
    """Ignores the progress."""
