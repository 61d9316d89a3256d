"""Group conversations of two servers of one chat: there is one, with the same people at both."""

from collections.abc import Iterator

import pytest

from tests.cluster.test_conflicts import at_once
from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

ROUNDS = 5


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("groups"), tmp_path_factory) as nodes:
        yield nodes


def test_two_servers_that_start_the_same_group_have_one_and_agree_on_its_people(
    member, here, there
):
    ana, eva = member("ana"), member("eva")
    desk, phone = ana.at(here), eva.at(there)
    for _ in range(ROUNDS):
        third = member("ben")
        third.at(there)  # Both servers know the account.
        wanted = {"kind": "direct", "members": [ana.name, eva.name, third.name]}

        answers = at_once(
            lambda wanted=wanted: call(desk, "create", wanted),
            lambda wanted=wanted: call(phone, "create", wanted),
        )

        one, other = (answer["room"]["name"] for answer in answers)
        assert one == other
        assert one in str(call(phone, "rooms"))
    room = hear_of(phone, "room", name=one)
    assert room["group"]["may_remove"] is (room["created_by"] == eva.name)

    def started() -> list[str]:
        messages = call(desk, "history", {"room": one})["messages"]
        return [each["text"] for each in messages if each["system"]["what"] == "started"]

    wait_until(started, what="the line of the other server")
    assert len(started()) == 1

    added, left = member("dan"), third.at(there)
    at_other = added.at(there)
    call(desk, "invite", {"room": one, "name": added.name})
    assert added.name in hear_of(at_other, "room", name=one)["invited"]
    call(left, "leave", {"room": one})
    call(at_other, "update", {"room": one, "title": "Trip"})
    news = hear_of(desk, "room", name=one, title="Trip")
    assert news["invited"] == sorted([ana.name, eva.name, added.name], key=str.casefold)
    assert news["group"]["named"] is True
