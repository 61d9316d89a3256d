"""Saved messages and reminders at two servers of one chat."""

from collections.abc import Iterator

import pytest

from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.soon import ask_for_soon
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("saved"), tmp_path_factory) as nodes:
        yield nodes


def test_what_is_saved_at_one_server_is_told_and_reminded_of_at_both(member, here, there):
    ana = member("ana")
    desk, phone = ana.at(here), ana.at(there)
    seq = call(desk, "message", {"room": "general", "text": "cups!"})["message"]["seq"]
    hear_of(phone, "message", seq=seq)

    wanted = {"room": "general", "seq": seq, "on": True}
    ask_for_soon(lambda at: call(phone, "save", {**wanted, "remind_at": at}))

    assert hear_of(desk, "saved", seq=seq)["count"] == 1
    for device in (desk, phone):
        assert hear_of(device, "reminder", seq=seq)["message"]["text"] == "cups!"
    assert call(phone, "save", {"room": "general", "seq": seq, "on": False})["ok"]
    assert hear_of(desk, "saved", seq=seq, saved=None)["due"] == 0
    assert call(desk, "rooms")["saved"] == 0
