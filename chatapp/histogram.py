"""How often something took how long. Adding is cheap: no lock, and nothing is kept but counts."""

from bisect import bisect_left

from prometheus_client.core import HistogramMetricFamily, Metric


class Histogram:
    """Durations in buckets. `bounds` are in seconds, the smallest first; beyond is a last one."""

    def __init__(self, *bounds: float) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self._bounds, seconds)] += 1
        self.seconds += seconds

    def metric(self, name: str, what: str) -> Metric:
        """As Prometheus counts: each bucket has what the smaller ones have, too."""
        names = [*map(str, self._bounds), "+Inf"]
        buckets = [(bound, sum(self.counts[: at + 1])) for at, bound in enumerate(names)]
        return HistogramMetricFamily(name, what, buckets=buckets, sum_value=self.seconds)
