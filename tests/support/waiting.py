"""Waiting for what happens elsewhere: never a sleep for luck, always a condition and a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.02
DEADLINE_SECONDS = 30.0
"""What has not come by then does not come, on a slow and busy machine too. A test that passes does
not wait for it, so it may be generous."""
STEP_SECONDS = 5.0
"""Between two looks no more than that counts: the rest is time in which the machine stood still."""


def wait_until(condition: Callable[[], T], deadline: float = DEADLINE_SECONDS, what: str = "") -> T:
    """What `condition` returns, as soon as it is true; fails after `deadline` seconds.

    Say in `what` the thing that was waited for: it is all that the failing test can tell.
    """
    waited = 0.0
    looked = time.monotonic()
    while not (outcome := condition()):
        now = time.monotonic()
        waited += min(now - looked, STEP_SECONDS)
        looked = now
        if waited > deadline:
            raise AssertionError(f"waited {deadline:g} s in vain for {what or condition}")
        time.sleep(POLL_SECONDS)
    return outcome
