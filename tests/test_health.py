"""What those who watch over servers ask for, of the real server."""

import urllib.error
import urllib.request

import pytest
import socketio

from tests.test_way_of_a_message import call


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def test_a_running_server_is_healthy_and_ready(server):
    assert get(f"{server.url}/healthz") == "ok"
    assert get(f"{server.url}/readyz") == "ready"


def test_the_metrics_count_connections_and_events(server, connect):
    ana = connect("ana")
    call(ana, "message", {"text": "hi"})

    metrics = get(f"{server.url}/metrics")

    values = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line[0] != "#")
    assert sum(float(v) for k, v in values.items() if k.startswith("chatapp_connections{")) == 1
    assert float(values["chatapp_events_total"]) >= 1


def test_the_metrics_are_for_this_machine_and_not_through_a_proxy(server):
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{server.url}/metrics", **{"X-Forwarded-For": "203.0.113.7"})

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
