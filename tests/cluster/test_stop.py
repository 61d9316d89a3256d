"""A server of several that is told to stop: what balancers and clients hear."""

import http.client
import os
import signal
from collections.abc import Callable
from contextlib import closing

import psycopg

from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until


def test_a_server_is_not_ready_while_it_finishes_what_it_began(
    start_cluster: Callable[..., list[Server]], connect: Callable[..., object], database: str
) -> None:
    [node] = start_cluster(1)
    ana = connect("ana", url=node.url, transports=["websocket"])
    acked: list[bool] = []
    balancer = http.client.HTTPConnection("127.0.0.1", node.port, timeout=DEADLINE_SECONDS)
    with closing(balancer), psycopg.connect(database) as turn:
        assert readiness(balancer) == (200, b"ready")
        turn.execute("SELECT n FROM chatapp.stream WHERE name = 'messages' FOR UPDATE")
        ana.client.emit("message", {"text": "hola"}, callback=lambda a: acked.append(a["ok"]))
        wait_until(lambda: is_waiting(database), what="the message to wait for its turn")

        os.kill(node.pid, signal.SIGTERM)

        wait_until(lambda: readiness(balancer) == (503, b"stopping"))
        assert not acked
    wait_until(lambda: acked == [True])
    assert node._wait() == 0


def readiness(balancer: http.client.HTTPConnection) -> tuple[int, bytes]:
    balancer.request("GET", "/readyz")
    with balancer.getresponse() as answer:
        return answer.status, answer.read()


def is_waiting(database: str) -> bool:
    with psycopg.connect(database) as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return connection.execute(query).fetchone() != (0,)
