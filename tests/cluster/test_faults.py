"""Three servers behind a balancer, and everything that can break beneath them: nobody loses,
doubles or reorders anything."""

import os
import random
import select
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, nullcontext, suppress
from itertools import pairwise
from typing import Any

import pytest

from chatapp.upkeep.verify import verify
from tests.support.breakable import SEED, BreakableCluster
from tests.support.closing import SimpleClient
from tests.support.cluster import new_name
from tests.support.relay import Relay
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_exactly_once import SETTLE_SECONDS, Talker
from tests.test_health import read_metrics
from tests.test_kill_9 import IN_FLIGHT, Writer
from tests.test_way_of_a_message import call, hear, log_lines

LONG = bool(os.environ.get("TORTURE"))
"""TORTURE=1 is the long campaign."""
TALKERS = 6
WRITERS = 50
BREATH_SECONDS = 0.05
AWAY_SECONDS = 0.5
CHANCE = random.Random(SEED)

Fault = Callable[[BreakableCluster, int], set[str] | None]
"""Begins and ends in a round of some number. Returns what others were acked meanwhile."""


class Talk:
    """All talkers say one message after another, until it `ends`. `took` is how long each took to
    be acked."""

    def __init__(self, talkers: list[Talker], took: list[float]) -> None:
        self._over = threading.Event()
        self._took = took
        self._threads = [
            threading.Thread(target=self._talk, args=[talker], daemon=True) for talker in talkers
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(SETTLE_SECONDS)
            assert not thread.is_alive(), "not acked in time"

    def _talk(self, talker: Talker) -> None:
        is_over = False
        while not is_over:
            began = time.monotonic()
            talker.say_one()
            self._took.append(time.monotonic() - began)
            is_over = self._over.wait(BREATH_SECONDS)


class Crowd:
    """Who writes at a server as fast as it acks, until they leave or it dies."""

    def __init__(self, writers: list[Writer]) -> None:
        self._writers = writers
        self._leaves = False
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    @property
    def acked(self) -> int:
        return sum(len(writer.acked) for writer in self._writers)

    @classmethod
    def at_each(cls, nodes: list[Server]) -> dict[Server, "Crowd"]:
        """Fifty people in all."""
        places = [nodes[number % len(nodes)] for number in range(WRITERS)]
        with ThreadPoolExecutor(WRITERS) as pool:
            come = pool.map(
                lambda node: Writer(("127.0.0.1", node.port), new_name("writer-")), places
            )
            writers = list(zip(places, come, strict=True))
        return {node: cls([w for at, w in writers if at is node]) for node in nodes}

    def leave(self) -> set[str]:
        """What was acked."""
        self._leaves = True
        self._thread.join()
        for writer in self._writers:
            writer.leave()
        return set().union(*(writer.acked for writer in self._writers))

    def _write(self) -> None:
        by_fd = {writer.fileno(): writer for writer in self._writers}
        with closing(select.epoll()) as poll, suppress(OSError):
            for fd, writer in by_fd.items():
                poll.register(fd, select.EPOLLIN)
                for _ in range(IN_FLIGHT):
                    writer.write()
            while not self._leaves:
                for fd, _ in poll.poll(0.1):
                    for _ in range(by_fd[fd].hear()):
                        by_fd[fd].write()


def kill_a_server(cluster: BreakableCluster, number: int) -> set[str]:
    """Under fifty writers, one third of whom it has."""
    victim = cluster.nodes[number % 3]
    crowds = Crowd.at_each(cluster.nodes)
    wait_until(lambda: all(crowd.acked > WRITERS for crowd in crowds.values()), what="acks")
    victim.kill9()
    dead = crowds.pop(victim)
    before = {node: crowd.acked for node, crowd in crowds.items()}
    wait_until(
        lambda: all(crowd.acked > before[node] for node, crowd in crowds.items()),
        what="acks of the others",
    )
    acked = dead.leave().union(*(crowd.leave() for crowd in crowds.values()))
    victim.start()
    return acked


def restart_one_after_another(cluster: BreakableCluster, _number: int) -> None:
    for node in cluster.nodes:
        assert node.stop() == 0
        node.start()


def crash_postgres(cluster: BreakableCluster, number: int) -> set[str]:
    """Nobody is acked while it is away."""
    witness = Talker(cluster.nodes[number % 3].url, new_name("witness "))
    cluster.postgres.stop("immediate")
    saying = threading.Thread(target=witness.say_one, daemon=True)
    saying.start()
    saying.join(AWAY_SECONDS)
    acked_meanwhile = witness.said
    cluster.postgres.start()
    assert not acked_meanwhile
    saying.join(SETTLE_SECONDS)
    witness.close()
    return witness.texts


def sever_postgres(cluster: BreakableCluster, number: int) -> None:
    sever(cluster.to_postgres[number % 3])


def sever_redis(cluster: BreakableCluster, number: int) -> None:
    sever(cluster.to_redis[number % 3])


def sever(line: Relay) -> None:
    line.sever()
    time.sleep(AWAY_SECONDS)
    line.heal()


def cut_postgres(cluster: BreakableCluster, number: int) -> None:
    """Both ends are told."""
    cluster.to_postgres[number % 3].cut(1.0, CHANCE)


def lose_hints(cluster: BreakableCluster, _number: int) -> None:
    cluster.hints.begin()
    time.sleep(AWAY_SECONDS)
    cluster.hints.end()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BreakableCluster]:
    with ExitStack() as stack:
        yield BreakableCluster(stack, tmp_path_factory.mktemp)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints figures, which nobody checks: at once in the long campaign."""

    def tell(figures: str) -> None:
        with capsys.disabled() if LONG else nullcontext():
            print(f"\n{figures}")

    return tell


@pytest.mark.parametrize(
    ("fault", "rounds", "many"),
    [
        (kill_a_server, 3, 200),
        (restart_one_after_another, 1, 20),
        (crash_postgres, 2, 100),
        (sever_postgres, 3, 100),
        (cut_postgres, 3, 100),
        (sever_redis, 3, 100),
        (lose_hints, 2, 50),
    ],
)
@pytest.mark.timeout(7200 if LONG else 600)
def test_every_message_reaches_everyone_once_and_in_order(
    cluster: BreakableCluster,
    fault: Fault,
    rounds: int,
    many: int,
    tell: Callable[[str], None],
) -> None:
    cluster.wait_for_copies()
    begin = len(log_lines(cluster.nodes[0]))
    talkers = [Talker(cluster.balancer.url, new_name("talker ")) for _ in range(TALKERS)]
    acked: set[str] = set()
    took: list[float] = []
    recoveries = []
    for number in range(many if LONG else rounds):
        talk = Talk(talkers, took)
        acked |= fault(cluster, number) or set()
        ended_at = time.monotonic()
        talk.end()
        recoveries.append(time.monotonic() - ended_at)
    cluster.wait_for_copies()
    records = log_lines(cluster.nodes[0])
    logged = [record["text"] for record in records[begin:]]
    for talker in talkers:
        wait_until(
            lambda talker=talker: len(talker.heard) >= len(logged),
            SETTLE_SECONDS,
            f"{talker.name} to have heard everything",
        )
        acked |= talker.texts
    complete = time.monotonic() - ended_at
    for talker in talkers:
        talker.close()

    assert acked <= set(logged)
    assert len(set(logged)) == len(logged)
    for talker in talkers:
        assert talker.heard == logged
    assert all(b["seq"] == a["seq"] + 1 for a, b in pairwise(records))
    assert [record["at"] for record in records] == sorted(record["at"] for record in records)
    assert verify(cluster.nodes[0].data / "messages", processes=1).problems == []
    tell(
        f"{fault.__name__}: {len(recoveries)} rounds, {len(logged)} messages, p50 {at(took, 0.5)}, "
        f"p99 {at(took, 0.99)}, max {at(took, 1.0)}; after a fault, all were acked in "
        f"{max(recoveries):.1f} s, and everyone was complete {complete:.1f} s after the last one"
    )


def at(took: list[float], share: float) -> str:
    return f"{sorted(took)[int((len(took) - 1) * share)]:.3f} s"


def test_a_server_without_its_database_reads_only_until_the_line_is_back(
    cluster: BreakableCluster, connect: Callable[..., SimpleClient]
) -> None:
    """Longer than anybody's patience."""
    cut_off, other = cluster.nodes[:2]
    ana, eva = (
        connect(new_name("guest "), url=node.url, transports=["websocket"])
        for node in (cut_off, other)
    )
    text, line = new_name("sent again "), cluster.to_postgres[0]

    def say(client: SimpleClient) -> dict[str, Any]:
        return call(client, "message", {"room": "general", "text": text, "cid": text})

    line.sever()
    try:
        assert say(ana)["error"]["code"] == "read_only"
        assert call(ana, "history", {"room": "general"})["ok"]
        assert call(eva, "message", {"room": "general", "text": "of the others"})["ok"]
    finally:
        line.heal()

    wait_until(lambda: say(ana)["ok"], what="a message to be taken")
    cluster.wait_for_copies()
    assert [record["text"] for record in log_lines(other)].count(text) == 1


@pytest.mark.timeout(7200 if LONG else 600)
def test_presence_is_right_again_after_each_fault_of_redis(
    cluster: BreakableCluster, connect: Callable[..., SimpleClient], tell: Callable[[str], None]
) -> None:
    here, there, _ = cluster.nodes
    redis, line = cluster.redis, cluster.to_redis[0]
    faults = [
        (redis.kill9, redis.start),
        (redis.freeze, redis.go_on),
        (redis.flush, lambda: None),
        (line.sever, line.heal),
        (cluster.hints.begin, cluster.hints.end),
    ]
    ana, eva = connect("ana", url=here.url), connect("eva", url=there.url)
    right_after = []
    for number, (begin, end) in enumerate(faults * (20 if LONG else 1)):
        leaver = connect(f"leaver {number}", url=there.url)
        for client in (ana, eva):
            wait_for_members(client, "ana", "eva", f"leaver {number}")

        begin()
        leaver.disconnect()
        comer = connect(f"comer {number}", url=there.url)
        call(ana, "message", {"text": f"fault {number}"})
        assert hear(eva, "message")["text"] == f"fault {number}"
        assert {"ana", "eva"} <= members(ana) & members(eva)
        end()

        ended_at = time.monotonic()
        for client in (ana, eva):
            wait_for_members(client, "ana", f"comer {number}", "eva")
        right_after.append(time.monotonic() - ended_at)
        comer.disconnect()
        for client in (ana, eva):
            wait_for_members(client, "ana", "eva")
    tell(f"presence: {len(right_after)} rounds, right again after {max(right_after):.1f} s at most")


def members(client: SimpleClient) -> set[str]:
    return set(call(client, "join", {"room": "general"})["room"]["members"])


def wait_for_members(client: SimpleClient, *names: str) -> None:
    wait_until(lambda: members(client) == set(names), what=f"{names} at {client.client.sid}")


def test_the_metrics_know_whether_processes_can_tell_each_other(
    cluster: BreakableCluster,
) -> None:
    node = cluster.nodes[0]
    wait_until(lambda: read_metrics(node)["chatapp_broker_up"] == 1, what="the way to open")

    cluster.redis.kill9()

    wait_until(lambda: read_metrics(node)["chatapp_broker_up"] == 0, what="the end of the way")
    wait_until(lambda: read_metrics(node)["chatapp_broker_dropped_total"] > 0, what="a lost word")
    cluster.redis.start()
