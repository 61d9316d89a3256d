"""The chat's metrics: commits, the log, read-only mode. The transport has its own."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from chatapp.domain.histogram import Histogram
from chatapp.log.latency import Latency
from chatapp.ports import Broker

COMMIT_BUCKETS_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class CommitTimes(Latency):
    """The durations of a log's commits, also as a histogram."""

    def __init__(self) -> None:
        super().__init__()
        self.histogram = Histogram(*COMMIT_BUCKETS_SECONDS)

    def add(self, seconds: float) -> None:
        super().add(seconds)
        self.histogram.add(seconds)


class ChatMetrics(Collector):
    """`heads()` are the rooms' heads; `read_only()`: whether writes fail at the moment.

    `node` is the id of this process among several, `nodes()` how many of them run.
    """

    def __init__(
        self,
        commits: CommitTimes,
        *,
        heads: Callable[[], Mapping[str, int]],
        read_only: Callable[[], bool],
        node: str | None = None,
        nodes: Callable[[], int] = lambda: 1,
    ) -> None:
        self._commits = commits
        self._heads = heads
        self._read_only = read_only
        self._node = node
        self._nodes = nodes

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "chatapp_log_events",
            "Messages, edits, deletions and reactions, since the first one.",
            value=sum(self._heads().values()),
        )
        yield self._commits.histogram.metric(
            "chatapp_commit_seconds", "How long the disk took for a batch of them."
        )
        yield GaugeMetricFamily(
            "chatapp_read_only", "1 while nothing new can be saved.", float(self._read_only())
        )
        if self._node is not None:
            yield InfoMetricFamily(
                "chatapp_node", "This process among those of the chat.", {"node": self._node}
            )
            yield GaugeMetricFamily(
                "chatapp_nodes", "Processes of the chat that run.", self._nodes()
            )


class BrokerMetrics(Collector):
    """What this process and the others of its chat tell each other."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "chatapp_broker_up", "1 while other processes can be told.", float(self._broker.is_up)
        )
        yield CounterMetricFamily(
            "chatapp_broker_dropped", "What they could not be told.", value=self._broker.dropped
        )


def registry_of(chat: ChatMetrics) -> CollectorRegistry:
    """Adds the process's memory, processor time and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(chat)
    return registry
