"""Polls at two servers of one chat: every vote counts once, and so does the end."""

from collections.abc import Iterator
from typing import Any

import pytest
from socketio import SimpleClient

from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.soon import ask_for_soon
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("polls"), tmp_path_factory) as nodes:
        yield nodes


POLL = {"question": "?", "options": ["a", "b"], "anonymous": True}


def events(device: SimpleClient, room: str, seq: int) -> list[str]:
    """What happened in the room from this message on."""
    epoch = call(device, "join", {"room": room})["room"]["epoch"]
    resumed = call(device, "resume", {"room": room, "epoch": epoch, "after": seq - 1})["events"]
    return [event.get("type", "message") for event in resumed]


def is_over(device: SimpleClient, room: str, seq: int, counts: list[int]) -> None:
    votes = hear_of(device, "edit", room=room, target=seq)["poll"]["votes"]
    assert votes == {"voters": sum(counts), "counts": counts}
    refused = call(device, "vote", {"room": room, "seq": seq, "options": [0]})
    assert refused["error"]["code"] == "not_allowed"


def test_both_servers_agree_on_votes_and_on_the_end(member, here, there):
    ana, eva = member("ana"), member("eva")
    desk, phone, other = ana.at(here), ana.at(there), eva.at(there)
    call(desk, "create", {"room": "polls"})
    hear_of(other, "room", name="polls")
    call(other, "join", {"room": "polls"})
    seq = call(desk, "message", {"room": "polls", "poll": POLL})["message"]["seq"]
    hear_of(other, "message", seq=seq)

    call(desk, "vote", {"room": "polls", "seq": seq, "options": [0]})
    hear_of(phone, "vote", seq=seq, own=[0])
    told = hear_of(other, "react", target=seq)
    assert (told["sender"], told["votes"]["counts"]) == ("", [1, 0])
    call(other, "vote", {"room": "polls", "seq": seq, "options": [1]})
    call(phone, "vote", {"room": "polls", "seq": seq, "options": [1]})
    hear_of(desk, "vote", seq=seq, own=[1])
    call(phone, "close_poll", {"room": "polls", "seq": seq})

    for device in (desk, other):
        is_over(device, "polls", seq, [0, 2])
    expected = ["message", "react", "react", "react", "edit"]
    wait_until(
        lambda: events(desk, "polls", seq) == events(other, "polls", seq) == expected,
        what="the same at both",
    )


def test_a_poll_ends_once_at_the_time_that_was_set(member, here, there):
    ana, eva = member("ana"), member("eva")
    desk, other = ana.at(here), eva.at(there)
    call(desk, "create", {"room": "ending"})
    hear_of(other, "room", name="ending")
    call(other, "join", {"room": "ending"})

    def ask(closes_at: str) -> Any:
        return call(desk, "message", {"room": "ending", "poll": {**POLL, "closes_at": closes_at}})

    seq = ask_for_soon(ask)["message"]["seq"]

    for device in (desk, other):
        is_over(device, "ending", seq, [0, 0])
        assert events(device, "ending", seq) == ["message", "edit"]
