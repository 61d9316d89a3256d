"""Guests of two servers of one chat: a name is used by one of them at a time."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from socketio.exceptions import ConnectionError

from tests.support import closing
from tests.support.server import Server
from tests.test_health import read_metrics
from tests.test_way_of_a_message import call, hear
from tests.transport.raw import RawClient

ROUNDS = 500 if os.environ.get("TORTURE") else 50
"""TORTURE=1 is the long campaign."""
KEYS = ("the key of the one", "the key of the other")


@pytest.fixture
def nodes(start_cluster: Callable[..., list[Server]]) -> list[Server]:
    return start_cluster(2)


@pytest.fixture
def at(connect) -> Callable[..., Any]:
    """`at(node, "ana")`: a client of that server."""
    return lambda node, name, **auth: connect(name, url=node.url, auth={"name": name, **auth})


def refusal(node: Server, name: str, **auth: str) -> str | None:
    """The code with which a guest is refused, if they are; else they come and go."""
    client = closing.Client()
    errors: list[dict[str, Any]] = []
    client.on("connect_error", errors.append)
    try:
        client.connect(node.url, auth={"name": name, **auth}, transports=["websocket"])
    except ConnectionError:
        return errors[0]["code"]
    finally:
        client.disconnect()
    return None


def test_a_name_in_use_at_one_server_is_taken_at_the_other_until_it_is_free(nodes, at, wait_until):
    here, there = nodes
    ana = at(here, "ana", key=KEYS[0])

    assert refusal(there, "Ana", key=KEYS[1]) == "name_taken"
    assert refusal(there, "ana", key=KEYS[0]) is None  # another device of the same guest
    assert refusal(there, "ana", key=KEYS[1]) == "name_taken"

    ana.disconnect()
    wait_until(lambda: refusal(there, "ana", key=KEYS[1]) is None, what="the name")
    assert call(at(here, "ben"), "join", {"room": "general"})["ok"]


def test_of_two_guests_who_come_to_both_servers_at_once_exactly_one_gets_in(nodes):
    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            clients = [closing.Client() for _ in nodes]
            codes: list[list[str]] = [[], []]

            def come(index: int, number: int = number, clients=clients, codes=codes) -> bool:
                client = clients[index]
                client.on("connect_error", lambda error: codes[index].append(error["code"]))
                auth = {"name": f"guest {number}", "key": KEYS[index]}
                try:
                    client.connect(nodes[index].url, auth=auth, transports=["websocket"])
                except ConnectionError:
                    return False
                return True

            came = list(pool.map(come, range(2)))
            for client in clients:
                client.disconnect()

            assert sorted(came) == [False, True]
            assert codes[came.index(False)] == ["name_taken"]
            assert codes[came.index(True)] == []


def test_what_a_client_sends_before_it_is_accepted_waits(nodes, at):
    here, there = nodes
    listener = at(there, "listener")
    client = closing.Client()

    @client.event
    def connect() -> None:
        client.emit("message", {"text": "at once"})

    client.connect(here.url, auth={"name": "hasty"})

    assert hear(listener, "message")["text"] == "at once"
    client.disconnect()


def test_a_guest_who_has_gone_before_they_are_accepted_is_nowhere(nodes, at, database, wait_until):
    here, there = nodes
    listener = at(here, "listener")
    with psycopg.connect(database) as connection:  # nobody else has a turn now
        connection.execute("SELECT n FROM chatapp.stream WHERE name = 'directory' FOR UPDATE")
        client = RawClient(("127.0.0.1", here.port))
        client.packet()
        client.say('40{"name":"gus","key":"the key of the one"}')
        client.socket.close()
        wait_until(lambda: connections(here) == 1, what="the end of the connection")

    assert refusal(there, "gus", key=KEYS[1]) in (None, "name_taken")
    wait_until(lambda: refusal(there, "gus", key=KEYS[1]) is None, what="the name")
    described = call(listener, "join", {"room": "general"})["room"]
    assert described["members"] == ["listener"]


def connections(node: Server) -> float:
    metrics = read_metrics(node)
    return sum(count for name, count in metrics.items() if name.startswith("chatapp_connections{"))


def test_names_of_a_server_that_stops_are_free_at_once(nodes, at):
    here, there = nodes
    at(here, "ana", key=KEYS[0])

    here.stop()

    assert refusal(there, "ana", key=KEYS[1]) is None


def test_a_guest_whose_server_was_killed_comes_to_the_other_at_once(nodes, at):
    here, there = nodes
    ana = at(here, "ana", key=KEYS[0])

    here.kill9()
    again = at(there, "ana", key=KEYS[0])

    assert call(again, "message", {"text": "still here"})["ok"]
    assert refusal(there, "ana", key=KEYS[1]) == "name_taken"
    ana.disconnect()


def test_the_names_of_a_chat_that_was_killed_are_free_again(nodes, at, database, wait_until):
    here, there = nodes
    ana = at(here, "ana", key=KEYS[0])
    there.stop()

    here.kill9()
    ana.disconnect()
    with psycopg.connect(database) as connection:  # as after fifteen seconds
        connection.execute("DELETE FROM chatapp.node")
    here.start()

    assert refusal(here, "ana", key=KEYS[1]) == "name_taken"  # by a server that may be alive
    wait_until(lambda: refusal(here, "ana", key=KEYS[1]) is None, what="the name")
