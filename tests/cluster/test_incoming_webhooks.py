"""Incoming webhooks at two servers of one chat: made at one, used and revoked at both."""

from collections.abc import Iterator

import pytest
import requests

from tests.support.cast import chatapp
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("incoming"), tmp_path_factory) as nodes:
        yield nodes


def test_a_webhook_works_at_every_server(member, here: Server, there: Server) -> None:
    ana = member("ana")
    phone = ana.at(there)
    printed = chatapp(
        here, "hook", "add", "ci", "general", "--owner", ana.name, "--signed"
    ).splitlines()
    path = printed[0][printed[0].index("/hooks/") :]

    def post(server: Server, **headers: str) -> requests.Response:
        told = {"Accept": "application/json", "X-Gitlab-Token": printed[1], **headers}
        return requests.post(
            server.url + path, json={"text": "built"}, headers=told, timeout=DEADLINE_SECONDS
        )

    wait_until(lambda: post(there).status_code == 200, what="the webhook at the other server")
    assert hear(phone, "message")["text"] == "built"
    first = post(here, **{"Idempotency-Key": "1"}).json()
    again = post(there, **{"Idempotency-Key": "1"}).json()
    assert (first["seq"], again["duplicate"]) == (again["seq"], True)
    assert len(call(phone, "history", {"room": "general"})["messages"]) == first["seq"]
    id = chatapp(there, "hook", "list").splitlines()[1].split()[0]
    chatapp(there, "hook", "revoke", id)
    assert post(there).status_code == 404
    wait_until(lambda: post(here).status_code == 404, what="its end at the first server")
