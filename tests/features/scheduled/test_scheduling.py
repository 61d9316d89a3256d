"""Scheduled messages with real clients of a real server, which is killed in between."""

from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from chatapp.client import ChatClient
from tests.support import closing
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.support.soon import ask_for_soon, in_seconds
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear

ROOM = "kitchen"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("scheduled")).start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    tokens = {"ana": new_token(server, "ana", "member"), "ben": new_token(server, "ben", "admin")}
    people = {name: with_token(server, token) for name, token in tokens.items()}
    call(people["ana"], "create", {"room": ROOM})
    call(people["ben"], "join", {"room": ROOM})
    for person in people.values():
        person.disconnect()
    return tokens


@pytest.fixture
def ana(server: Server, tokens: dict[str, str]) -> Iterator[socketio.SimpleClient]:
    ana = with_token(server, tokens["ana"])
    yield ana
    for each in scheduled(ana):
        call(ana, "unschedule", {"id": each["id"]})
    ana.disconnect()


def schedule(person: socketio.SimpleClient, text: str, **more: Any) -> dict[str, Any]:
    """For a time that comes soon, if `more` has no other."""

    def ask(at: str) -> Any:
        return call(person, "schedule", {"room": ROOM, "text": text, "at": at, **more})

    return dict(ask_for_soon(ask)["scheduled"])


def scheduled(person: socketio.SimpleClient, **wanted: Any) -> list[dict[str, Any]]:
    return list(call(person, "scheduled", wanted)["scheduled"])


def texts(person: socketio.SimpleClient) -> list[str]:
    messages = call(person, "history", {"room": ROOM, "limit": 100})["messages"]
    return [each["text"] for each in messages]


def code(answer: dict[str, Any]) -> str:
    return str(answer["error"]["code"]) if not answer["ok"] else "ok"


def test_a_message_is_sent_at_its_time_and_all_devices_are_told(server, tokens, ana):
    phone, ben = with_token(server, tokens["ana"]), with_token(server, tokens["ben"])
    root = call(ana, "message", {"room": ROOM, "text": "root"})["message"]["seq"]

    kept = schedule(ana, "in time", thread=root, reply_to=root)
    assert hear(phone, "scheduled")["scheduled"] == kept

    for person in (ana, phone, ben):
        wait_until(lambda person=person: "in time" in texts(person), what="the message")
    (sent,) = [
        each
        for each in call(ben, "history", {"room": ROOM, "thread": root})["messages"]
        if each["text"] == "in time"
    ]
    assert (sent["sender"], sent["cid"]) == ("ana", f"sched:{kept['id']}")
    assert sent["at"] >= kept["at"]
    for device in (ana, phone):
        assert hear(device, "scheduled") == {"id": kept["id"], "room": ROOM, "gone": "sent"}
    assert scheduled(ana) == []


def test_it_can_be_listed_changed_cancelled_and_sent_at_once(server, tokens, ana):
    second = schedule(ana, "second", at=in_seconds(7200))
    first = schedule(ana, "first", at=in_seconds(3600))
    assert scheduled(ana) == scheduled(ana, room=ROOM) == [first, second]
    assert scheduled(ana, room="general") == []

    later = in_seconds(9000)
    changed = call(ana, "schedule", {"id": first["id"], "text": "third", "at": later})
    assert changed["scheduled"]["text"] == "third"
    assert [each["text"] for each in scheduled(ana)] == ["second", "third"]
    ben = with_token(server, tokens["ben"])
    assert scheduled(ben) == []
    assert code(call(ben, "unschedule", {"id": first["id"]})) == "not_found"
    assert call(ana, "unschedule", {"id": first["id"]})["ok"]
    assert code(call(ana, "unschedule", {"id": first["id"]})) == "not_found"
    assert call(ana, "schedule", {"id": second["id"], "now": True})["ok"]

    wait_until(lambda: "second" in texts(ben), what="the message")
    assert "third" not in texts(ben)


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"at": "2020-01-01T00:00:00Z"}, "bad_payload"),
        ({"at": "2199-01-01T00:00:00Z"}, "bad_payload"),
        ({"at": "2026-12-01T09:00"}, "bad_payload"),
        ({}, "bad_payload"),
        ({"at": in_seconds(3600), "text": " "}, "empty"),
        ({"at": in_seconds(3600), "room": "nowhere"}, "no_such_room"),
        ({"at": in_seconds(3600), "thread": 4711}, "not_found"),
        ({"at": in_seconds(3600), "files": ["of nobody"]}, "not_found"),
    ],
)
def test_what_could_never_be_sent_is_refused_at_once(ana, wanted, refusal):
    assert code(call(ana, "schedule", {"room": ROOM, "text": "x", **wanted})) == refusal
    assert scheduled(ana) == []


def test_what_the_rules_refuse_then_stays_with_the_reason_until_it_may_be_sent(server, tokens, ana):
    ben = with_token(server, tokens["ben"])
    kept = schedule(ana, "while muted", at=in_seconds(3600))
    call(ben, "mute", {"name": "ana", "seconds": 3600, "reason": "noise"})
    call(ana, "schedule", {"id": kept["id"], "now": True})

    wait_until(lambda: "refused" in scheduled(ana)[0], what="the refusal")
    (refused,) = scheduled(ana)
    assert refused["refused"]["code"] == "not_allowed"
    assert "muted" in refused["refused"]["message"]
    told = hear(ana, "scheduled")
    assert (told["gone"], told["scheduled"]) == ("refused", refused)
    assert code(call(ana, "schedule", {"id": kept["id"], "text": "again"})) == "bad_payload"

    call(ben, "mute", {"name": "ana", "seconds": 0, "reason": "quiet"})
    call(ana, "schedule", {"id": kept["id"], "now": True})
    wait_until(lambda: "while muted" in texts(ben), what="the message")
    assert scheduled(ana) == []


def test_a_file_is_in_one_scheduled_message_and_goes_with_it(server, tokens, ana):
    with ChatClient(server.url, token=tokens["ana"]) as client:
        id = client.upload(("plan.txt", b"the plan")).id
    kept = schedule(ana, "", at=in_seconds(3600), files=[{"id": id, "alt": "a plan"}])
    assert [(file["name"], file["alt"]) for file in kept["files"]] == [("plan.txt", "a plan")]
    again = {"room": ROOM, "text": "", "at": in_seconds(3600), "files": [id]}
    assert code(call(ana, "schedule", again)) == "attached"

    call(ana, "schedule", {"id": kept["id"], "now": True})

    def files() -> list[str]:
        messages = call(ana, "history", {"room": ROOM})["messages"]
        return [file["id"] for each in messages for file in each.get("files", ())]

    wait_until(lambda: id in files(), what="the file")


def test_nothing_is_sent_twice_or_lost_when_the_server_is_killed(server, tokens, ana):
    """One message is in the log already, and its row is there still; one becomes due meanwhile."""
    appended = schedule(ana, "appended")
    due = schedule(ana, "due")
    waiting = schedule(ana, "waiting", at=in_seconds(3600))
    cid = f"sched:{appended['id']}"
    assert call(ana, "message", {"room": ROOM, "text": "appended", "cid": cid})["ok"]
    server.kill9()

    server.start()

    again = with_token(server, tokens["ana"])
    wait_until(
        lambda: [each["id"] for each in scheduled(again)] == [waiting["id"]],
        what="what was due to be sent",
    )
    said = texts(again)
    assert (said.count("appended"), said.count("due"), said.count("waiting")) == (1, 1, 0)
    assert due["id"] not in [each["id"] for each in scheduled(again)]
    call(again, "unschedule", {"id": waiting["id"]})
    again.disconnect()


def test_one_has_at_most_a_hundred(server, tokens):
    token = new_token(server, "cleo", "member")
    cleo = with_token(server, token)
    wanted = {"text": "x", "at": in_seconds(3600)}
    codes = [code(call(cleo, "schedule", wanted)) for _ in range(101)]

    assert codes == ["ok"] * 100 + ["not_allowed"]
    assert len(scheduled(cleo)) == 100
    cleo.disconnect()


def test_guests_cannot_send_later(server: Server):
    with closing.SimpleClient() as guest:
        guest.connect(server.url, auth={"name": "gus"}, transports=["websocket"])

        answer = call(guest, "schedule", {"text": "x", "at": in_seconds(3600)})

    assert code(answer) == "not_allowed"
    assert "account" in answer["error"]["message"]
