"""Redis is killed, frozen and flushed while two servers use it: nothing is lost that counts."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.support.redis import Redis
from tests.support.server import Server
from tests.test_health import read_metrics
from tests.test_way_of_a_message import call, hear

ROUNDS = 33 if os.environ.get("TORTURE") else 1
"""TORTURE=1 is the long campaign."""


@pytest.fixture
def redis() -> Iterator[Redis]:
    with closing(Redis()) as redis:
        yield redis.start()


@pytest.fixture
def nodes(redis: Redis, start_cluster: Callable[..., list[Server]]) -> list[Server]:
    return start_cluster(2, CHATAPP_REDIS=redis.url)


@pytest.fixture
def at(connect) -> Callable[..., Any]:
    """`at(node, "ana")`: a client of that server."""
    return lambda node, name: connect(name, url=node.url)


def members(client) -> list[str]:
    return call(client, "join", {"room": "general"})["room"]["members"]


def test_messages_go_on_and_presence_is_right_again(redis, nodes, at, wait_until):
    here, there = nodes
    ana, eva = at(here, "ana"), at(there, "eva")
    wait_until(lambda: members(ana) == members(eva) == ["ana", "eva"], what="both")
    faults = [
        (redis.kill9, redis.start),
        (redis.freeze, redis.go_on),
        (redis.flush, lambda: None),
    ]

    for number, (begin, end) in enumerate(faults * ROUNDS):
        leaver = at(there, "leaver")
        everyone = ["ana", "eva", "leaver"]
        wait_until(lambda everyone=everyone: members(ana) == everyone, what="the third")

        begin()
        leaver.disconnect()
        comer = at(there, f"comer {number}")
        call(ana, "message", {"text": f"fault {number}"})
        assert hear(eva, "message")["text"] == f"fault {number}"
        assert {"ana", "eva"} <= set(members(ana)) & set(members(eva))
        end()

        everyone = ["ana", f"comer {number}", "eva"]
        wait_until(
            lambda everyone=everyone: members(ana) == members(eva) == everyone,
            what="the right members at both",
        )
        comer.disconnect()
        wait_until(lambda: members(ana) == members(eva) == ["ana", "eva"], what="both alone")


def test_the_metrics_know_whether_processes_can_tell_each_other(redis, nodes, wait_until):
    here = nodes[0]
    wait_until(lambda: read_metrics(here)["chatapp_broker_up"] == 1, what="the way to open")

    redis.kill9()

    wait_until(lambda: read_metrics(here)["chatapp_broker_up"] == 0, what="the end of the way")
    wait_until(lambda: read_metrics(here)["chatapp_broker_dropped_total"] > 0, what="a lost word")
