"""Checkpoints of a chat of two servers: signed by either, known to both, with one key."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.cluster.test_pushes import hear_of
from tests.support.cast import chatapp
from tests.support.cluster import ClusterMember, two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("checkpoints"), tmp_path_factory) as nodes:
        yield nodes


def sign(server: Server) -> dict:
    return json.loads(chatapp(server, "log", "checkpoint", "--json"))["checkpoint"]


def published(server: Server) -> dict:
    return requests.get(f"{server.url}/.well-known/chatapp-log-key", timeout=30).json()


def test_both_servers_sign_with_one_key_and_prove_the_same(
    member: Callable[..., ClusterMember], here: Server, there: Server, tmp_path: Path
) -> None:
    ana = member("ana")
    one, other = ana.at(here), ana.at(there)
    seq = call(one, "message", {"text": "hola"})["message"]["seq"]
    hear_of(other, "message", seq=seq)

    first = sign(here)
    wait_until(lambda: published(there) == published(here))
    call(other, "message", {"text": "what is new"})
    second = sign(there)

    assert (second["first"], second["previous"]) == (first["last"] + 1, first["hash"])
    assert second["key"] == first["key"]
    wait_until(lambda: published(here)["checkpoint"] == second)
    proof = tmp_path / "proof.json"
    for signer, checker in ((here, there), (there, here)):
        proof.write_text(chatapp(signer, "log", "prove", "general", str(seq)))
        assert "message hola" in chatapp(checker, "log", "check-proof", str(proof))
        assert "No problems found" in chatapp(checker, "log", "verify")
