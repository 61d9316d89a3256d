"""`chatapp room …`, beside a running server and without one."""

import json

import pytest

from tests.test_way_of_a_message import call, hear


@pytest.fixture
def chatapp(server, run_chatapp):
    def chatapp(*args):
        return run_chatapp("room", *args, env={"CHATAPP_DATA": str(server.data)})

    return chatapp


def test_a_room_is_changed_beside_a_running_server_and_people_hear_of_it(chatapp, connect):
    ana = connect("ana")
    call(ana, "create", {"room": "kitchen"})

    done = chatapp("set", "kitchen", "--topic", "Soup [today]", "--slow", "30")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    changed = hear(ana, "room")
    while changed["topic"] == "":
        changed = hear(ana, "room")
    assert (changed["topic"], changed["slow_seconds"]) == ("Soup [today]", 30)
    assert "Soup [today]" in chatapp("list").stdout


def test_a_room_is_changed_without_a_server_too(chatapp, server, connect):
    ana = connect("ana")
    call(ana, "create", {"room": "kitchen"})
    ana.disconnect()
    server.stop()

    assert chatapp("set", "kitchen", "--archived").returncode == 0

    rooms = [json.loads(line) for line in chatapp("list", "--json").stdout.splitlines()]
    assert [(room["name"], room["archived"]) for room in rooms] == [
        ("general", False),
        ("kitchen", True),
    ]
    server.start()
    ana = connect("ana")
    call(ana, "join", {"room": "kitchen"})
    assert call(ana, "message", {"room": "kitchen", "text": "hi"})["error"]["code"] == "not_allowed"


def test_what_cannot_be_is_one_line_and_an_exit_code(chatapp):
    missing, nothing = chatapp("set", "nowhere", "--topic", "x"), chatapp("set", "general")

    assert (missing.returncode, missing.stderr.count("\n")) == (4, 1)
    assert nothing.returncode == 2
