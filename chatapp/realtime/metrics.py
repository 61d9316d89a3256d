"""How Prometheus gets to see what the transport counts; the rest is looked up when it asks."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from chatapp.realtime.engine import Engine


class TransportMetrics(Collector):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        engine, tally = self._engine, self._engine.tally
        transports = Counter(c.transport.name for c in engine.sockets.values())
        unsent = [size for c in engine.sockets.values() if (size := c.transport.unsent_bytes)]
        yield _gauge("connections", "Clients that are connected.", transports, "transport")
        yield _counter("events", "Events taken from clients.", tally.events)
        yield _counter("deliveries", "Events handed to clients' sockets.", tally.deliveries)
        yield _counter("turned_away", "Connections refused for want of room.", tally.turned_away)
        yield _counters("events_refused", "Events not handed on.", tally.refused, "why")
        yield _counters("connections_closed", "Connections that ended.", tally.closed, "reason")
        yield GaugeMetricFamily(
            "chatapp_slow_clients", "Clients for whom something waits.", len(unsent)
        )
        yield GaugeMetricFamily("chatapp_unsent_bytes", "What waits for them.", sum(unsent))
        yield GaugeMetricFamily(
            "chatapp_events_waiting",
            "Events taken from clients whose answers are still to come.",
            sum(c.receiver.unanswered for c in engine.sockets.values()),
        )
        yield tally.lateness.metric(
            "chatapp_loop_lateness_seconds", "How late the event loop came to its heartbeat."
        )


def register(registry: CollectorRegistry, engine: Engine) -> None:
    registry.register(TransportMetrics(engine))


def _counter(name: str, what: str, value: int) -> Metric:
    return CounterMetricFamily(f"chatapp_{name}", what, value=value)


def _counters(name: str, what: str, values: Counter[str], label: str) -> Metric:
    family = CounterMetricFamily(f"chatapp_{name}", what, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _gauge(name: str, what: str, values: Counter[str], label: str) -> Metric:
    family = GaugeMetricFamily(f"chatapp_{name}", what, labels=[label])
    for value in ("websocket", "polling"):
        family.add_metric([value], values[value])
    return family
