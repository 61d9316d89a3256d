"""What those who watch over servers ask for, of the real server."""

import urllib.error
import urllib.request

import pytest
import socketio
from flask import Flask
from prometheus_client import CollectorRegistry

from chatapp.features.health.views import health_blueprint
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
        return answer.read().decode()


def test_a_running_server_is_healthy_and_ready(server):
    assert get(f"{server.url}/healthz") == "ok"
    assert get(f"{server.url}/readyz") == "ready"


def test_a_server_that_stops_or_cannot_write_is_healthy_and_not_ready():
    def answers(**now):
        app = Flask("health")
        state = {"problem": lambda: None, "is_stopping": lambda: False, **now}
        app.register_blueprint(health_blueprint(CollectorRegistry(), bearer=None, **state))
        visitor = app.test_client()
        return [visitor.get(path).status_code for path in ("/healthz", "/readyz")]

    assert answers() == [200, 200]
    assert answers(is_stopping=lambda: True) == [200, 503]
    assert answers(problem=lambda: "The disk is full.") == [200, 503]


def read_metrics(server, **headers):
    lines = get(f"{server.url}/metrics", **headers).splitlines()
    return {key: float(value) for key, value in (r.rsplit(" ", 1) for r in lines if r[0] != "#")}


def test_the_metrics_count_connections_messages_and_commits(server, connect):
    ana = connect("ana")
    for number in range(3):
        call(ana, "message", {"text": str(number)})

    metrics = read_metrics(server)

    assert sum(v for k, v in metrics.items() if k.startswith("chatapp_connections{")) == 1
    assert metrics["chatapp_events_total"] >= 3
    assert metrics["chatapp_log_events_total"] == 3
    assert 1 <= metrics["chatapp_commit_seconds_count"] <= 3
    assert 0 < metrics["chatapp_commit_seconds_sum"] < 10
    assert metrics['chatapp_commit_seconds_bucket{le="+Inf"}'] <= 3
    assert metrics["chatapp_read_only"] == 0
    assert metrics["process_resident_memory_bytes"] > 1_000_000


def test_the_metrics_are_for_this_machine_and_for_tokens_that_are_for_them(server, connect):
    chatapp(server, "user", "add", "Prom", "--role", "bot", "--password-stdin", input=PASSWORD)
    scrapes = chatapp(server, "token", "create", "Prom", "prometheus", "--scope", "metrics")
    reads = chatapp(server, "token", "create", "Prom", "something else")
    far = {"X-Forwarded-For": "203.0.113.7"}

    assert "chatapp_events_total" in read_metrics(server, **far, Authorization=f"Bearer {scrapes}")
    refused = {}
    for shown in (None, "Basic YTpi", f"Bearer {reads}", "Bearer made-up", "Bearer"):
        headers = far | ({"Authorization": shown} if shown else {})
        with pytest.raises(urllib.error.HTTPError) as error:
            get(f"{server.url}/metrics", **headers)
        refused[shown] = error.value.code
        error.value.close()
    assert refused == {
        None: 403,
        "Basic YTpi": 403,
        f"Bearer {reads}": 403,
        "Bearer made-up": 401,
        "Bearer": 401,
    }
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect("Prom", auth={"token": scrapes})  # it is for nothing else


@pytest.mark.parametrize(
    "header", ["Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7", "Via: 1.1 proxy"]
)
def test_who_comes_through_any_proxy_is_not_near(server, header):
    name, _, value = header.partition(": ")

    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{server.url}/metrics", **{name: value})

    assert refused.value.code == 403
    refused.value.close()


def test_addresses_are_believed_from_trusted_proxies_only(new_server, connect):
    limits = {"CHATAPP_CONNECTIONS_PER_ADDRESS": "1"}
    behind_a_proxy = new_server(CHATAPP_PROXIES="1", **limits).start()
    on_its_own = new_server(**limits).start()

    def come(name, url):
        headers = {"X-Forwarded-For": f"203.0.113.{len(name)}"}
        return connect(name, url=url, headers=headers, transports=["websocket"])

    come("a", behind_a_proxy.url)
    come("bb", behind_a_proxy.url)
    come("a", on_its_own.url)
    with pytest.raises(socketio.exceptions.ConnectionError):
        come("bb", on_its_own.url)
