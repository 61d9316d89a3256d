from prometheus_client import CollectorRegistry, generate_latest

from chatapp.realtime.metrics import Tally
from tests.realtime.serving import Serving
from tests.support.waiting import wait_until


def test_what_happens_is_counted(serving: Serving) -> None:
    registry = CollectorRegistry()
    serving.realtime.register_metrics(registry)
    ana, bert, _ = (serving.raw().join() for _ in range(3))

    ana.ask("say", "hola")
    ana.ask("nonsense", 1, id=2)
    ana.ask("connect", 1, id=3)
    bert.say(b"41")
    wait_until(lambda: serving.connections == 2)

    def value(name: str, **labels: str) -> float | None:
        return serving.inside(lambda: registry.get_sample_value("chatapp_" + name, labels))

    assert value("connections", transport="websocket") == 2
    assert value("events_total") == 2
    assert value("deliveries_total") == 3 + 3
    assert value("events_refused_total", why="unknown_event") == 1
    assert value("events_refused_total", why="reserved_name") == 1
    assert value("connections_closed_total", reason="client disconnect") == 1
    assert value("unsent_bytes") == 0
    assert b"chatapp_loop_lateness_seconds_bucket" in serving.inside(
        lambda: generate_latest(registry)
    )


def test_lateness_falls_into_buckets() -> None:
    tally = Tally()

    for seconds in (0.0005, 0.002, 0.02, 9.0):
        tally.late(seconds)

    assert tally.lateness == {0.001: 1, 0.005: 1, 0.025: 1, float("inf"): 1}
    assert 9.0 < tally.lateness_seconds < 9.1
