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

RACES = 12


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("commands"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def robo(here: Server, clients: list[Any]) -> ClusterMember:
    name = new_name("robo")
    return ClusterMember(name, chatapp(here, "bot", "add", name, "--owner", "admin"), clients)


def offered(person: Any, name: str) -> bool:
    commands = call(person, "commands", {"room": "general"})["commands"]
    return name in [one["name"] for one in commands]


def test_a_command_and_its_private_answer_go_from_one_server_to_the_other(
    here, there, member, robo
):
    ana, program = member("ana").at(here), robo.at(there)
    name = new_name("deploy")
    assert call(program, "add_command", {"name": name, "rooms": ["general"]})["ok"]
    wait_until(lambda: offered(ana, name), what="the command at the other server")

    def is_there() -> bool:
        return "state" in call(ana, "people", {"names": [robo.name]})["people"][0]

    wait_until(is_there, what="the bot to be known there")
    with ThreadPoolExecutor() as pool:
        wanted = {"room": "general", "name": name, "text": "web", "cid": new_name("cid")}
        running = pool.submit(call, ana, "run_command", wanted)
        id = hear(program, "command")["id"]
        assert call(program, "take_command", {"id": id, "mark": "the only one"})["ok"]
        assert running.result() == {"ok": True, "id": id}
    assert call(program, "answer_command", {"id": id, "text": "for you"})["ok"]
    assert hear(ana, "command_answer")["text"] == "for you"


def test_a_command_finds_its_bot_at_the_other_server_once(here, there, member, robo):
    """Two devices of the person and two programs of the bot are at two servers, and a retry comes
    by way of the other one."""
    ana = member("ana")
    at_here, at_there = ana.at(here), ana.at(there)
    programs = robo.at(there), robo.at(here)
    name = new_name("deploy")
    assert call(programs[0], "add_command", {"name": name, "rooms": ["general"]})["ok"]
    wait_until(lambda: offered(at_here, name), what="the command at the other server")
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

    def asked_at_once(pool: ThreadPoolExecutor) -> list[str]:
        """What is refused: the race is as close as two servers and a database make it."""
        wanted = {"name": new_name("deploy")}
        asked = [pool.submit(call, one, "add_command", wanted) for one in at]
        answers = [one.result() for one in asked]
        return [one["error"]["code"] for one in answers if not one["ok"]]

    with ThreadPoolExecutor() as pool:
        refused = [asked_at_once(pool) for _ in range(RACES)]

    assert refused == [["name_taken"]] * RACES
