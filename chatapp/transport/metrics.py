"""Exports the transport's counters to Prometheus; gauges are computed when it asks."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chatapp.transport.engine import Engine


class TransportMetrics(Collector):
    def __init__(self, engine: Engine, passed_on: Counter[str] | None = None) -> None:
        """`passed_on` counts the requests of sessions of other processes."""
        self._engine = engine
        self._passed_on = passed_on

    def collect(self) -> Iterator[Metric]:
        engine, counters = self._engine, self._engine.counters
        transports = Counter(c.transport.name for c in engine.sockets.values())
        unsent = [size for c in engine.sockets.values() if (size := c.transport.unsent_bytes)]
        yield _gauge("connections", "Clients that are connected.", transports, "transport")
        yield _counter("events", "Events received from clients.", counters.events)
        yield _counter("deliveries", "Events handed to clients' sockets.", counters.deliveries)
        yield _counter(
            "turned_away", "Connections refused because of a limit.", counters.turned_away
        )
        yield _counters("events_refused", "Events refused.", counters.refused, "why")
        yield _counters("connections_closed", "Connections that ended.", counters.closed, "reason")
        if self._passed_on is not None:
            yield _counters(
                "passed_on", "Requests of sessions of other processes.", self._passed_on, "outcome"
            )
        yield GaugeMetricFamily("chatapp_slow_clients", "Clients with a backlog.", len(unsent))
        yield GaugeMetricFamily(
            "chatapp_unsent_bytes", "Bytes in backlogs of slow clients.", sum(unsent)
        )
        yield GaugeMetricFamily(
            "chatapp_events_waiting",
            "Events from clients that are not answered yet.",
            sum(c.receiver.unanswered for c in engine.sockets.values()),
        )
        yield counters.lateness.metric(
            "chatapp_loop_lateness_seconds", "How late the event loop ran its heartbeat."
        )


def _counter(name: str, what: str, value: int) -> Metric:
    return CounterMetricFamily(f"chatapp_{name}", what, value=value)


def _counters(name: str, what: str, values: Counter[str], label: str) -> Metric:
    family = CounterMetricFamily(f"chatapp_{name}", what, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _gauge(name: str, what: str, values: Counter[str], label: str) -> Metric:
    family = GaugeMetricFamily(f"chatapp_{name}", what, labels=[label])
    for value in ("websocket", "polling", "stream"):
        family.add_metric([value], values[value])
    return family
