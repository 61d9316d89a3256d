"""Three servers behind a balancer, and everything that can break beneath them: nobody loses,
doubles or reorders anything."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from tests.support.balancer import Balancer
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.server import Server
from tests.test_exactly_once import SETTLE_SECONDS, Talker
from tests.test_way_of_a_message import log_lines

TALKERS = 6
FAULTS = (
    "nothing",
    "a killed server",
    "a database that crashes",
    "a frozen Redis",
    "a stopped server",
)
ROUNDS = 200 if os.environ.get("TORTURE") else len(FAULTS)
"""TORTURE=1 is the long campaign."""
AWAY_SECONDS = 0.5


@pytest.fixture
def postgres_to_stop() -> Iterator[Postgres]:
    postgres = Postgres().start()
    try:
        postgres.new_database("chat")
        yield postgres
    finally:
        postgres.close()


@pytest.fixture
def redis_to_stop() -> Iterator[Redis]:
    redis = Redis().start()
    try:
        yield redis
    finally:
        redis.go_on()
        redis.close()


@pytest.fixture
def nodes(
    new_server: Callable[..., Server], postgres_to_stop: Postgres, redis_to_stop: Redis
) -> list[Server]:
    settings = {
        "CHATAPP_POSTGRES": postgres_to_stop.url_of("chat"),
        "CHATAPP_REDIS": redis_to_stop.url,
    }
    return [new_server(**settings).start() for _ in range(3)]


def go_through(
    fault: str, number: int, nodes: list[Server], postgres: Postgres, redis: Redis
) -> None:
    node = nodes[number % len(nodes)]
    if fault == "a killed server":
        node.kill9()
        node.start()
    elif fault == "a stopped server":
        node.stop()
        node.start()
    elif fault == "a database that crashes":
        postgres.stop("immediate")
        time.sleep(AWAY_SECONDS)
        postgres.start()
    elif fault == "a frozen Redis":
        redis.freeze()
        time.sleep(AWAY_SECONDS)
        redis.go_on()


@pytest.mark.timeout(300 + 20 * ROUNDS)
def test_every_message_reaches_everyone_once_and_in_order(
    nodes: list[Server],
    postgres_to_stop: Postgres,
    redis_to_stop: Redis,
    wait_until,
    run_chatapp,
):
    with Balancer(*(node.port for node in nodes)) as balancer:
        talkers = [Talker(balancer.url, f"talker {number}") for number in range(TALKERS)]
        for number in range(ROUNDS):
            threads = [threading.Thread(target=talker.say_one, daemon=True) for talker in talkers]
            for thread in threads:
                thread.start()
            fault = FAULTS[number % len(FAULTS)]
            go_through(fault, number, nodes, postgres_to_stop, redis_to_stop)
            for thread in threads:
                thread.join(SETTLE_SECONDS)
                assert not thread.is_alive(), f"not acked in time, with {fault}"

        everything = [f"{t._name} {number}" for t in talkers for number in range(t.said)]
        assert len(everything) == TALKERS * ROUNDS
        wait_until(
            lambda: all(len(talker.heard) >= len(everything) for talker in talkers),
            SETTLE_SECONDS,
            "everyone to have heard everything",
        )
        for talker in talkers:
            talker.close()

    for journal in JOURNALS:
        wait_until(
            lambda journal=journal: len({journal_bytes(node.data, journal) for node in nodes}) == 1,
            what=f"the same {journal}/ everywhere",
        )
    records = log_lines(nodes[0])
    logged = [record["text"] for record in records]
    assert sorted(logged) == sorted(everything)
    assert all(b["seq"] == a["seq"] + 1 for a, b in pairwise(records))
    assert [record["at"] for record in records] == sorted(record["at"] for record in records)
    for talker in talkers:
        assert talker.heard == logged
    for node in nodes:
        verified = run_chatapp("log", "verify", "--data", node.data)
        assert verified.returncode == 0, verified.stdout + verified.stderr
