"""Statuses of people of two servers of one chat."""

from collections.abc import Iterator

import pytest

from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.soon import ask_for_soon, in_seconds
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("statuses"), tmp_path_factory) as nodes:
        yield nodes


def test_a_status_is_set_at_one_server_and_ends_at_both(member, clients, here, there):
    ana, eva = member("ana"), member("eva")
    desk, phone, other = ana.at(here), ana.at(there), eva.at(there)
    meeting = {"text": "In a meeting"}

    status = call(desk, "status", {**meeting, "until": in_seconds(3600)})["status"]

    for client in (phone, other):
        hear_of(client, "profile", name=ana.name, status=status)
    asked = call(other, "people", {"names": [ana.name]})["people"]
    assert asked[0]["status"] == status
    ask_for_soon(lambda until: call(desk, "status", {**meeting, "until": until}))
    for client in (desk, phone, other):
        while "status" in hear_of(client, "profile", name=ana.name):
            pass

    call(phone, "status", {"emoji": "🌴", "out_of_office": True})
    out = hear_of(desk, "profile", name=ana.name)["status"]
    assert out == {"emoji": "🌴", "out_of_office": True}
    answer = call(eva.at(here), "message", {"text": f"@{ana.name} look"})
    assert [each["name"] for each in answer["out_of_office"]] == [ana.name]
    call(desk, "status", {"text": ""})

    def is_cleared() -> bool:
        [profile] = call(other, "people", {"names": [ana.name]})["people"]
        return "status" not in profile

    wait_until(is_cleared, what="the other server to know")
