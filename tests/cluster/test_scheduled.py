"""Scheduled messages of two servers of one chat: one of them sends each, once."""

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
    with two_nodes(postgres.new_database("scheduled"), tmp_path_factory) as nodes:
        yield nodes


def schedule(device: SimpleClient, text: str) -> dict[str, Any]:
    """For a time that comes soon."""
    answer = ask_for_soon(lambda at: call(device, "schedule", {"text": text, "at": at}))
    return dict(answer["scheduled"])


def test_whichever_server_was_asked_a_message_is_sent_once(member, here, there):
    ana = member("ana")
    desk, phone = ana.at(here), ana.at(there)
    ids = []
    for device, other in ((desk, phone), (phone, desk)):
        scheduled = schedule(device, f"by {ana.name}")
        ids.append(scheduled["id"])
        hear_of(other, "scheduled", id=ids[-1], scheduled=scheduled)

    for device in (desk, phone):
        for id in ids:
            hear_of(device, "scheduled", id=id, gone="sent")

    def sent() -> list[str]:
        messages = call(phone, "history", {"room": "general"})["messages"]
        return [each.get("cid") for each in messages if each["text"] == f"by {ana.name}"]

    wait_until(lambda: len(sent()) == 2, what="both at the other server")
    assert sorted(sent()) == sorted(f"sched:{id}" for id in ids)
    assert call(phone, "scheduled", {})["scheduled"] == []
