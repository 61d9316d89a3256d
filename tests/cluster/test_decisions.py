"""Once a decision is acked at one server, nothing of whom it is about gets into the log, though
they go on posting at another."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from socketio import exceptions

from tests.support.closing import SimpleClient
from tests.support.cluster import ClusterMember, two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, log_lines

ROUNDS = 250 if os.environ.get("TORTURE") else 20
"""Of each kind; of bans half as many. TORTURE=1 is the long campaign."""
IN_FLIGHT = 5


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("decisions"), tmp_path_factory) as nodes:
        yield nodes


class Flood:
    """Somebody who posts on and on, some messages ahead of the acks."""

    def __init__(self, member: ClusterMember, node: Server, room: str) -> None:
        self.accepted = 0
        self.refused = 0
        self.node = node
        self.member = member
        self._room = room
        self._client = member.at(node)
        self._free = threading.Semaphore(IN_FLIGHT)
        self._ends = False
        self._thread = threading.Thread(target=self._post, daemon=True)
        self._thread.start()

    @property
    def is_connected(self) -> bool:
        return bool(self._client.client.connected)

    def close(self) -> None:
        self._ends = True
        self._thread.join()

    def _post(self) -> None:
        while not self._ends:
            self._free.acquire(timeout=0.2)
            try:
                self._client.client.emit(
                    "message", {"room": self._room, "text": "more"}, callback=self._answered
                )
            except exceptions.BadNamespaceError:
                return  # It is not connected any more.

    def _answered(self, answer: dict[str, Any]) -> None:
        if answer["ok"]:
            self.accepted += 1
        else:
            self.refused += 1
        self._free.release()


class Watched:
    """The seqs of a room in which nothing of somebody may be."""

    def __init__(self, boss: SimpleClient, room: str) -> None:
        self._boss = boss
        self._room = room
        self.spans: list[tuple[int, int]] = []

    def __enter__(self) -> None:
        self._first = self._mark()

    def __exit__(self, *_: object) -> None:
        self.spans.append((self._first, self._mark()))

    def check(self, node: Server, name: str) -> None:
        wait_until(
            lambda: any(
                (record["room"], record["seq"]) == (self._room, self.spans[-1][1])
                for record in log_lines(node)
            ),
            what="the end of the log",
        )
        own = [r["seq"] for r in log_lines(node) if (r["room"], r["sender"]) == (self._room, name)]
        assert own
        late = [seq for seq in own for first, last in self.spans if first < seq < last]
        assert late == []

    def _mark(self) -> int:
        seq: int = call(self._boss, "message", {"room": self._room, "text": "a mark"})["message"][
            "seq"
        ]
        return seq


def goes_on(flood: Flood) -> None:
    before = flood.accepted
    wait_until(lambda: flood.accepted > before + IN_FLIGHT, what="accepted posts")


def is_refused(flood: Flood) -> None:
    before = flood.refused
    wait_until(lambda: flood.refused > before + IN_FLIGHT, what="refused posts")


def test_a_muted_person_posts_nothing_at_another_server(member, here, there):
    boss, eva = member("boss", "admin").at(here), member("eva")
    flood, watched = Flood(eva, there, "general"), Watched(boss, "general")
    for _ in range(ROUNDS):
        goes_on(flood)
        assert call(boss, "mute", {"name": eva.name, "seconds": 600, "reason": "noise"})["ok"]
        with watched:
            is_refused(flood)
        assert call(boss, "mute", {"name": eva.name, "seconds": 0, "reason": "quiet"})["ok"]
    flood.close()

    watched.check(here, eva.name)


def test_a_removed_member_posts_nothing_at_another_server(member, here, there):
    boss, eva = member("boss", "admin").at(here), member("eva")
    call(boss, "create", {"room": "secret", "kind": "private", "members": [eva.name]})
    flood, watched = Flood(eva, there, "secret"), Watched(boss, "secret")
    for _ in range(ROUNDS):
        goes_on(flood)
        assert call(boss, "remove", {"room": "secret", "name": eva.name})["ok"]
        with watched:
            is_refused(flood)
        assert call(boss, "invite", {"room": "secret", "name": eva.name})["ok"]
    flood.close()

    watched.check(here, eva.name)


def test_a_banned_person_posts_nothing_at_another_server(member, here, there):
    boss, eva = member("boss", "admin").at(here), member("eva")
    watched = Watched(boss, "general")
    for _ in range(ROUNDS // 2):
        flood = Flood(eva, there, "general")
        goes_on(flood)
        assert call(boss, "ban", {"name": eva.name, "reason": "spam"})["ok"]
        with watched:
            wait_until(lambda flood=flood: not flood.is_connected, what="the end")
        flood.close()
        assert call(boss, "unban", {"name": eva.name})["ok"]

    watched.check(here, eva.name)


def test_posts_of_one_person_stay_in_order_while_the_rules_change(member, here, there):
    boss, eva = member("boss", "admin").at(here), member("eva").at(there)
    acked: list[dict[str, Any]] = []
    call(boss, "create", {"room": "order"})
    wait_until(lambda: call(eva, "join", {"room": "order"})["ok"], what="the room")
    for number in range(200):
        eva.client.emit("message", {"room": "order", "text": f"{number}"}, callback=acked.append)
        if number % 10 == 0:
            call(boss, "update", {"room": "order", "topic": f"topic {number}"})

    wait_until(lambda: len(acked) == 200, what="the acks")

    assert all(answer["ok"] for answer in acked)
    lines = [record for record in log_lines(there) if record["room"] == "order"]
    texts = [record["text"] for record in lines if "system" not in record]
    assert texts == [f"{number}" for number in range(200)]
