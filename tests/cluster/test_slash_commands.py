"""Slash commands at two servers of one chat: the person is at one, the bot at the other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.cast import chatapp
from tests.support.cluster import ClusterMember, new_name, two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("commands"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def robo(here: Server, clients: list[Any]) -> ClusterMember:
    return ClusterMember(
        "robo", chatapp(here, "bot", "add", new_name("robo"), "--owner", "admin"), clients
    )


def test_a_command_finds_its_bot_at_the_other_server_once(here, there, member, robo):
    """Two devices of the person and two programs of the bot are at two servers, and a retry comes
    by way of the other one."""
    ana = member("ana")
    at_here, at_there = ana.at(here), ana.at(there)
    programs = robo.at(there), robo.at(here)
    name = new_name("deploy")
    assert call(programs[0], "add_command", {"name": name, "rooms": ["general"]})["ok"]

    def is_offered():
        offered = call(at_here, "commands", {"room": "general"})["commands"]
        return name in [one["name"] for one in offered]

    wait_until(is_offered, what="the command at the other server")
    wanted = {"room": "general", "name": name, "text": "web", "cid": new_name("cid")}
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(call, at, "run_command", wanted) for at in (at_here, at_there)]
        heard = [hear(program, "command") for program in programs]
        taken = [
            call(program, "take_command", {"id": heard[0]["id"], "mark": f"program {number}"})
            for number, program in enumerate(programs)
        ]
        answers = [one.result() for one in running]
    told = call(programs[0], "answer_command", {"id": heard[0]["id"], "text": "for you"})

    assert heard[0]["text"] == heard[1]["text"] == "web"
    assert [one["ok"] for one in taken] == [True, False]
    assert answers == [{"ok": True, "id": heard[0]["id"]}] * 2
    assert told["ok"]
    assert hear(at_here, "command_answer")["text"] == "for you"
    assert hear(at_there, "command_answer")["text"] == "for you"


def test_a_name_is_given_once_at_two_servers(here, there, member, clients):
    names = [new_name("robo") for _ in range(2)]
    bots = [
        ClusterMember(name, chatapp(here, "bot", "add", name, "--owner", "admin"), clients)
        for name in names
    ]
    at = bots[0].at(here), bots[1].at(there)
    command = new_name("deploy")

    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(call, one, "add_command", {"name": command}) for one in at]
        answers = [one.result() for one in asked]

    refused = [one["error"]["code"] for one in answers if not one["ok"]]
    assert refused == ["name_taken"]
