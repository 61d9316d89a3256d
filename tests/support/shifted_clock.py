"""A process whose clock is wrong by some seconds."""

import time
from datetime import datetime, timedelta, tzinfo
from typing import Self

from chatapp.domain import clock

SECONDS = "SHIFTED_CLOCK_SECONDS"
"""The variable that has them, for a server of the tests (warm.py)."""


def shift_clock(seconds: float) -> None:
    real = time.time

    class ShiftedTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=seconds)

    clock.datetime = ShiftedTime  # type: ignore[attr-defined]
    time.time = lambda: real() + seconds
