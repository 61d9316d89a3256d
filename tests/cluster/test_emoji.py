"""Emoji in a chat of two servers: both tell and serve them, and a name is given once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cluster.test_files import Elsewhere
from tests.cluster.test_pushes import hear_of
from tests.support.cluster import two_nodes
from tests.support.files import Sender, picture
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("emoji"), tmp_path_factory) as nodes:
        yield nodes


def test_an_emoji_of_one_server_is_one_of_the_other(nodes: tuple[Server, Server]):
    ana = Sender(nodes[0], "Ana")
    there = Elsewhere(nodes[1], ana)
    wanted = [
        {"name": "party_on", "file": ana.send(picture(size=size))["id"], "aliases": ["woo"]}
        for size in ((40, 30), (30, 40))
    ]
    for one in wanted:
        path = f"/api/v1/files/{one['file']}"
        wait_until(lambda path=path: there.get(path).status_code == 200, what="the row")

    with ThreadPoolExecutor() as at_once:
        asked = zip((ana, there), wanted, strict=True)
        answers = list(at_once.map(lambda each: call(each[0].socket, "add_emoji", each[1]), asked))

    assert sorted(answer["ok"] for answer in answers) == [False, True]
    refused = next(answer["error"]["code"] for answer in answers if not answer["ok"])
    assert refused == "name_taken"
    emoji = next(answer["emoji"] for answer in answers if answer["ok"])
    for person in (ana, there):
        hear_of(person.socket, "emoji", name="party_on", emoji=emoji)
        assert person.get(f"/emoji/{emoji['sha256']}").status_code == 200
    lists = [call(person.socket, "emoji", {}) for person in (ana, there)]
    assert lists[0] == lists[1]

    assert call(there.socket, "remove_emoji", {"name": "woo"})["ok"]
    hear_of(ana.socket, "emoji", name="party_on", emoji=None)
    assert call(ana.socket, "emoji", {})["emoji"] == []
    wait_until(lambda: not ana.get(f"/emoji/{emoji['sha256']}").ok, what="it to be gone")
    there.close()
    ana.close()
