from prometheus_client import CollectorRegistry, generate_latest

from tests.support.waiting import wait_until
from tests.transport.serving import Serving


def test_what_happens_is_counted(serving: Serving) -> None:
    registry = CollectorRegistry()
    serving.realtime.register_metrics(registry)
    ana, bert, _ = (serving.raw().join() for _ in range(3))

    ana.ask("say", "hola")
    ana.ask("nonsense", 1, id=2)
    ana.ask("connect", 1, id=3)
    bert.say(b"41")
    bert.close()
    wait_until(lambda: serving.connections == 2)

    def value(name: str, **labels: str) -> float | None:
        return serving.inside(lambda: registry.get_sample_value("chatapp_" + name, labels))

    assert value("connections", transport="websocket") == 2
    assert value("events_total") == 2
    assert value("deliveries_total") == 3 + 3
    assert value("events_refused_total", why="unknown_event") == 1
    assert value("events_refused_total", why="reserved_name") == 1
    assert value("connections_closed_total", reason="client disconnect") == 1
    assert value("connections_closed_total", reason="slow reader") == 0
    assert value("unsent_bytes") == value("events_waiting") == 0
    bert = serving.raw().join()
    bert.say('428["promise",1]')
    bert.say('429["echo",1]')
    wait_until(lambda: value("events_waiting") == 2)
    serving.inside(lambda: serving.chat.promised[0].resolve(1))
    bert.ack(9)
    wait_until(lambda: value("events_waiting") == 0)
    assert b"chatapp_loop_lateness_seconds_bucket" in serving.inside(
        lambda: generate_latest(registry)
    )
