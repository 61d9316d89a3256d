"""Rooms that are deleted: gone for everyone, and kept in the log for admins."""

import json

from tests.support.cast import with_account
from tests.test_way_of_a_message import call, hear


def code(answer):
    return answer["error"]["code"]


def names(client):
    return [room["name"] for room in call(client, "rooms")["rooms"]]


def test_a_deleted_room_is_gone_for_everyone_at_once(server, connect):
    ana, bo = with_account(server, "ana"), connect("bo")
    call(ana, "create", {"room": "kitchen"})
    call(ana, "message", {"room": "kitchen", "text": "the secret soup"})
    assert "kitchen" in names(bo)  # who is not in it

    assert call(ana, "delete_room", {"room": "kitchen"}) == {"ok": True}

    for person in (ana, bo):
        assert hear(person, "removed") == {"room": "kitchen"}
        assert names(person) == ["general"]
        for event in ("join", "history", "update", "delete_room"):
            assert code(call(person, event, {"room": "kitchen"})) == "no_such_room"
        late = {"room": "kitchen", "text": "late"}
        assert code(call(person, "message", late)) == "no_such_room"
        assert call(person, "search", {"query": "soup"})["messages"] == []
    ana.disconnect()


def test_a_deleted_room_stays_deleted_and_its_name_taken(server, connect):
    ana = with_account(server, "ana")
    call(ana, "create", {"room": "kitchen"})
    call(ana, "delete_room", {"room": "kitchen"})
    ana.disconnect()

    server.kill9()
    server.start()

    bo = connect("bo")
    again = call(bo, "create", {"room": "Kitchen"})
    assert (code(again), names(bo)) == ("room_exists", ["general"])
    assert "was deleted" in again["error"]["message"]


def test_a_private_room_that_is_deleted_is_not_told_to_outsiders(server):
    ana, bo, eva = (with_account(server, name) for name in ("ana", "bo", "eva"))
    call(ana, "create", {"room": "cellar", "kind": "private", "members": ["bo"]})
    call(ana, "create", {"room": "kitchen"})

    assert code(call(bo, "delete_room", {"room": "cellar"})) == "not_allowed"
    call(ana, "delete_room", {"room": "cellar"})
    call(ana, "delete_room", {"room": "kitchen"})

    assert [hear(bo, "removed") for _ in range(2)] == [{"room": "cellar"}, {"room": "kitchen"}]
    assert hear(eva, "removed") == {"room": "kitchen"}
    for person in (ana, bo, eva):
        person.disconnect()


def test_a_room_is_deleted_on_the_command_line_and_kept_in_the_log(server, connect, run_chatapp):
    def chatapp(*args):
        return run_chatapp(*args, env={"CHATAPP_DATA": str(server.data)})

    ana = connect("ana")
    call(ana, "create", {"room": "kitchen"})
    call(ana, "message", {"room": "kitchen", "text": "the secret soup"})

    asked = chatapp("room", "delete", "kitchen", "--reason", "moved")
    done = chatapp("room", "delete", "kitchen", "--reason", "moved", "--yes")
    again = chatapp("room", "delete", "kitchen", "--reason", "moved", "--yes")

    assert (asked.returncode, done.returncode, again.returncode) == (2, 0, 4), done.stderr
    assert hear(ana, "removed") == {"room": "kitchen"}
    rooms = [json.loads(line) for line in chatapp("room", "list", "--json").stdout.splitlines()]
    assert {room["name"]: bool(room["deleted_at"]) for room in rooms} == {
        "general": False,
        "kitchen": True,
    }
    assert "the secret soup" in (server.data / "messages" / "000000000001.jsonl").read_text()
    assert "delete-room" in chatapp("audit").stdout
