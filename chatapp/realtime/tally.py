"""What the transport counts.

Where it is hot, counting is adding to a plain number; Prometheus' own counters take a lock
each time. `metrics.py` shows it to Prometheus.
"""

from collections import Counter

from chatapp.histogram import Histogram

LATENESS_BUCKETS_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Tally:
    """The numbers of one server since it started."""

    def __init__(self) -> None:
        self.events = 0
        self.deliveries = 0
        self.turned_away = 0
        self.refused: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.lateness = Histogram(*LATENESS_BUCKETS_SECONDS)
