"""The transport's counters.

Hot paths add to plain numbers, because Prometheus' own counters take a lock each time. `metrics.py`
exports them.
"""

from collections import Counter

from chatapp.domain.histogram import Histogram

LATENESS_BUCKETS_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Counters:
    """Totals of one server since it started."""

    def __init__(self) -> None:
        self.events = 0
        self.deliveries = 0
        self.turned_away = 0
        self.refused: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.lateness = Histogram(*LATENESS_BUCKETS_SECONDS)
