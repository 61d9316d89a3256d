"""Requests at two servers of one chat, as a balancer spreads them."""

import pytest
import requests

from tests.cluster.test_pushes import hear_of
from tests.support.cast import new_token
from tests.support.cluster import new_name, two_nodes
from tests.support.waiting import DEADLINE_SECONDS, wait_until


@pytest.fixture(scope="module")
def nodes(postgres, tmp_path_factory):
    with two_nodes(postgres.new_database("api"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def ask(here):
    """`ask(server, "POST", "message", json=…)`, as somebody with a new account."""
    token = new_token(here, new_name("ana"), "member")

    def ask(server, method, path, authorization=f"Bearer {token}", headers=(), **options):
        return requests.request(
            method,
            f"{server.url}/api/v1/{path}",
            headers={"Authorization": authorization, **dict(headers)},
            timeout=DEADLINE_SECONDS,
            **options,
        )

    return ask


def is_known(ask, server):
    wait_until(lambda: ask(server, "GET", "me").status_code == 200, what="the token there")


def test_a_request_sent_again_to_the_other_server_is_the_same_message(ask, here, there):
    is_known(ask, there)
    key = {"Idempotency-Key": "build-81"}

    first = ask(here, "POST", "message", headers=key, json={"text": "once"}).json()
    again = ask(there, "POST", "message", headers=key, json={"text": "once"}).json()

    assert again == {"ok": True, "message": first["message"], "duplicate": True}


def test_a_request_at_one_server_is_heard_at_the_other(ask, here, there, member):
    eva = member("eva").at(there)

    seq = ask(here, "POST", "message", json={"text": "for all"}).json()["message"]["seq"]

    assert hear_of(eva, "message", seq=seq)["text"] == "for all"
    wait_until(
        lambda: ask(there, "GET", f"rooms/general/messages/{seq}").status_code == 200,
        what="the message there",
    )


def test_a_guest_who_is_online_at_one_server_keeps_their_name_at_the_other(
    ask, here, there, connect
):
    name = new_name("gus")
    connect(name, url=here.url, auth={"name": name, "key": "a-key-of-a-guest"})
    stranger = f"Guest {name}:another-key-of-one"

    def code():
        answer = ask(there, "POST", "message", stranger, json={"text": "hi"}).json()
        return answer.get("error", {}).get("code")

    wait_until(lambda: code() == "name_taken", what="the guest to be known there")
