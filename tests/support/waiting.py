"""Waiting for what happens elsewhere: never a sleep for luck, always a condition and a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.02
DEADLINE_SECONDS = 30.0
"""What has not come by then does not come, on a slow and busy machine too. A test that passes does
not wait for it, so it may be generous."""


def wait_until(condition: Callable[[], T], deadline: float = DEADLINE_SECONDS, what: str = "") -> T:
    """What `condition` returns, as soon as it is true; fails after `deadline` seconds.

    Say in `what` the thing that was waited for: it is all that the failing test can tell.
    """
    end = time.monotonic() + deadline
    while not (outcome := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:g} s in vain for {what or condition}")
        time.sleep(POLL_SECONDS)
    return outcome
