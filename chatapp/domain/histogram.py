"""A histogram of durations. Adding a value is cheap: no lock, and only counts are kept."""

from bisect import bisect_left

from prometheus_client.core import HistogramMetricFamily, Metric


class Histogram:
    """Durations in buckets. `bounds` are their upper bounds in seconds, ascending; a last bucket
    holds everything above.
    """

    def __init__(self, *bounds: float) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self._bounds, seconds)] += 1
        self.seconds += seconds

    def metric(self, name: str, what: str) -> Metric:
        """The Prometheus form: each bucket includes the counts of the smaller ones."""
        names = [*map(str, self._bounds), "+Inf"]
        buckets = [(bound, sum(self.counts[: at + 1])) for at, bound in enumerate(names)]
        return HistogramMetricFamily(name, what, buckets=buckets, sum_value=self.seconds)
