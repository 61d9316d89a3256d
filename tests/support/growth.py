"""How work grows with its size: a ratio, which a slow machine leaves as it is."""

import time
from collections.abc import Callable

TIMES = 4
"""How much more."""
LIMIT = TIMES * 2.5
"""Linear work takes about `TIMES` as long, quadratic work `TIMES` squared."""
ROUNDS = 5


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Whether `work(size * TIMES)` takes at most `LIMIT` times as long as `work(size)`.

    The quickest of up to `ROUNDS` rounds of each counts, in processor time of this thread.
    """
    few = many = float("inf")
    for _ in range(ROUNDS):
        few = min(few, _seconds(work, size))
        many = min(many, _seconds(work, size * TIMES))
        if many <= few * LIMIT:
            return True
    return False


def _seconds(work: Callable[[int], object], size: int) -> float:
    began = time.thread_time()
    work(size)
    return time.thread_time() - began
