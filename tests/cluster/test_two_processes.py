"""Two servers of one chat, each with its own data folder: messages cross, and are one log."""

import os
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.server import Server
from tests.test_kill_9 import Writer, write_until_it_dies
from tests.test_way_of_a_message import call, hear, hears_nothing_before, log_lines

WRITERS = 10
ROUNDS = 200 if os.environ.get("TORTURE") else 2
"""TORTURE=1 is the long campaign."""
KEY = "a key that only ana has"


@pytest.fixture
def nodes(start_cluster) -> list[Server]:
    return start_cluster(2)


@pytest.fixture
def at(connect) -> Callable[..., Any]:
    """`at(node, "ana")`: a client of that server."""
    return lambda node, name, **auth: connect(name, url=node.url, auth={"name": name, **auth})


def settle(nodes: list[Server], wait_until) -> None:
    """Wait until all have the same journals, which are not empty."""
    for journal in JOURNALS:
        wait_until(
            lambda journal=journal: len({journal_bytes(node.data, journal) for node in nodes}) == 1,
            what=f"the same {journal}/ everywhere",
        )
    assert journal_bytes(nodes[0].data, "messages")


def test_a_message_reaches_everyone_on_both_but_its_sender(nodes, at):
    here, there = nodes
    ana, ben, eva = at(here, "ana"), at(here, "ben"), at(there, "eva")

    message = call(ana, "message", {"text": "hola", "cid": "c-1"})["message"]
    call(eva, "message", {"text": "the end"})

    assert message["seq"] == 1
    assert hear(ben, "message") == hear(eva, "message") == message
    assert hears_nothing_before(ana, "the end") == []


def test_messages_from_both_have_one_order_everywhere(nodes, at, wait_until):
    here, there = nodes
    ana, eva = at(here, "ana"), at(there, "eva")
    listeners = [at(node, f"listener {number}") for number, node in enumerate(nodes)]
    for number in range(50):
        ana.client.emit("message", {"text": f"ana {number}"})
        eva.client.emit("message", {"text": f"eva {number}"})

    heard = [[hear(listener, "message") for _ in range(100)] for listener in listeners]

    assert heard[0] == heard[1]
    assert [message["seq"] for message in heard[0]] == list(range(1, 101))
    times = [message["at"] for message in heard[0]]
    assert times == sorted(times)
    for name in ("ana", "eva"):
        own = [message["text"] for message in heard[0] if message["sender"] == name]
        assert own == [f"{name} {number}" for number in range(50)]
    settle(nodes, wait_until)


def test_history_and_resume_are_the_same_on_both(nodes, at):
    here, there = nodes
    ana, eva = at(here, "ana"), at(there, "eva")
    epochs = {call(client, "join", {"room": "general"})["room"]["epoch"] for client in (ana, eva)}
    for number in range(10):
        call(ana, "message", {"text": f"{number}"})
    while hear(eva, "message")["text"] != "9":
        pass

    asked = [
        (call(client, "history", {"room": "general"}), call(client, "resume", resume))
        for resume in [{"room": "general", "epoch": epochs.copy().pop(), "after": 4}]
        for client in (ana, eva)
    ]

    assert len(epochs) == 1
    assert asked[0] == asked[1]
    history, resumed = asked[0]
    assert [message["text"] for message in history["messages"]] == list("0123456789")
    assert resumed["recovered"]
    assert [event["seq"] for event in resumed["events"]] == [5, 6, 7, 8, 9, 10]


def test_the_same_message_sent_to_both_is_one(nodes, at):
    here, there = (at(node, "ana", key=KEY) for node in nodes)

    first = call(here, "message", {"text": "once", "cid": "same"})
    again = call(there, "message", {"text": "once", "cid": "same"})

    assert again == {"ok": True, "message": first["message"], "duplicate": True}
    assert hear(there, "message") == first["message"]
    assert [record["text"] for record in log_lines(nodes[1])] == ["once"]


def test_edits_deletions_and_reactions_cross(nodes, at):
    here, there = nodes
    ana, eva = at(here, "ana"), at(there, "eva")
    for text in ("a tpyo", "a mistake"):
        call(ana, "message", {"text": text})
        hear(eva, "message")

    call(ana, "edit", {"room": "general", "seq": 1, "text": "a typo"})
    call(ana, "delete", {"room": "general", "seq": 2})
    assert hear(eva, "edit")["text"] == "a typo"
    assert hear(eva, "delete")["target"] == 2
    call(eva, "react", {"room": "general", "seq": 1, "emoji": "🎉", "on": True})

    assert hear(ana, "react")["emoji"] == "🎉"
    pages = [call(client, "history", {"room": "general"})["messages"] for client in (ana, eva)]
    assert pages[0] == pages[1]
    assert pages[0][0]["text"] == "a typo"
    assert pages[0][0]["reactions"] == {"🎉": ["eva"]}


def test_search_and_unread_counts_know_what_others_wrote(nodes, at):
    here, there = nodes
    ana, eva = at(here, "ana"), at(there, "eva")
    call(eva, "read", {"room": "general", "seq": 0})
    call(ana, "message", {"text": "tea for @eva"})
    hear(eva, "message")

    found = call(eva, "search", {"query": "tea"})["messages"]
    [general] = call(eva, "rooms")["rooms"]

    assert [message["text"] for message in found] == ["tea for @eva"]
    assert (general["unread"], general["mentions"]) == (1, 1)


@pytest.mark.timeout(300 + 20 * ROUNDS)
def test_a_server_that_is_killed_loses_nothing_that_was_acked(nodes, wait_until, run_chatapp):
    here, there = nodes
    acked: set[str] = set()
    for round_number in range(ROUNDS):
        writers = [
            [
                Writer(("127.0.0.1", node.port), f"w{round_number}-{place}-{number}")
                for number in range(WRITERS)
            ]
            for place, node in enumerate(nodes)
        ]
        threads = [threading.Thread(target=write_until_it_dies, args=[some]) for some in writers]
        for thread in threads:
            thread.start()
        wait_until(
            lambda some=writers[1]: all(writer.acked for writer in some), what="the first acks"
        )
        there.kill9()
        threads[1].join()
        count = sum(len(writer.acked) for writer in writers[0])
        wait_until(
            lambda some=writers[0], count=count: (
                sum(len(writer.acked) for writer in some) > count + 20
            ),
            what="the other server to go on",
        )
        here.stop()
        threads[0].join()
        for writer in (*writers[0], *writers[1]):
            acked |= writer.acked
            writer.leave()
        for node in nodes:
            node.start()

    settle(nodes, wait_until)
    records = log_lines(here)
    texts = [record["text"] for record in records]
    assert acked <= set(texts)
    assert len(texts) == len(set(texts))
    assert all(b["seq"] == a["seq"] + 1 for a, b in pairwise(records))
    assert records[0]["seq"] == 1
    for node in nodes:
        verified = run_chatapp("log", "verify", "--data", node.data)
        assert verified.returncode == 0, verified.stdout + verified.stderr
