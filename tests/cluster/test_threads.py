"""Threads at two servers of one chat."""

from collections.abc import Iterator

import pytest

from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("threads"), tmp_path_factory) as nodes:
        yield nodes


def test_following_and_reading_at_one_server_is_told_at_the_other(member, here, there):
    ana, eva = member("ana"), member("eva")
    desk, phone, other = ana.at(here), ana.at(there), eva.at(there)
    call(desk, "create", {"room": "kitchen"})
    hear_of(other, "room", name="kitchen")
    call(other, "join", {"room": "kitchen"})
    root = call(desk, "message", {"room": "kitchen", "text": "cups?"})["message"]["seq"]
    hear_of(other, "message", seq=root)

    answer = {"room": "kitchen", "text": "here", "thread": root}
    reply = call(other, "message", answer)["message"]["seq"]
    for device in (desk, phone):
        hear_of(device, "thread", thread=root, following=True)  # maybe before the reply has come
        wait_until(
            lambda device=device: call(device, "rooms")["threads_unread"] == 1,
            what="the reply to be counted",
        )
    call(desk, "read", {"room": "kitchen", "seq": reply, "thread": root})

    hear_of(phone, "thread", thread=root, read=reply, unread=0)
    assert call(phone, "rooms")["threads_unread"] == 0
