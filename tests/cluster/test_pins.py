"""Pinned messages at two servers of one chat."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import pytest

from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("pins"), tmp_path_factory) as nodes:
        yield nodes


def test_what_is_pinned_at_both_servers_at_once_is_pinned_once(member, here, there):
    ana, eva = member("ana"), member("eva")
    one, other = ana.at(here), eva.at(there)
    call(one, "create", {"room": "kitchen"})
    hear_of(other, "room", name="kitchen")
    call(other, "join", {"room": "kitchen"})
    seq = call(one, "message", {"room": "kitchen", "text": "cups?"})["message"]["seq"]
    hear_of(other, "message", seq=seq)

    for on in (True, False, True):
        wanted = {"room": "kitchen", "seq": seq, "on": on}
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(call, (one, other), repeat("pin"), repeat(wanted)))
        assert [answer["ok"] for answer in answers] == [True, True]

    history = call(one, "history", {"room": "kitchen"})["messages"]
    lines = [each["system"]["what"] for each in history if "seqs" in each.get("system", {})]
    assert lines == ["pinned", "unpinned", "pinned"]
    hear_of(other, "message", seq=history[-1]["seq"])
    for person in (one, other):
        assert call(person, "join", {"room": "kitchen"})["room"]["pins"] == [seq]
