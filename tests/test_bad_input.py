"""What people and programs send by mistake or by malice: a code, and nothing has changed."""

import pytest
import socketio

from tests.support import closing
from tests.test_way_of_a_message import call, log_lines

LONG = "x" * (16 * 1024 + 1)

BAD = [
    ("message", {"text": 7}, "bad_payload"),
    ("message", {"text": None}, "bad_payload"),
    ("message", {}, "empty"),
    ("message", [], "bad_payload"),
    ("message", None, "empty"),
    ("message", 3, "bad_payload"),
    ("message", {"text": "hi", "colour": "red"}, "bad_payload"),
    ("message", {"text": "hi", "room": 5}, "bad_payload"),
    ("message", {"text": "a\0b"}, "bad_payload"),
    ("message", {"text": "a\ud800b"}, "bad_payload"),
    ("message", {"text": "hi", "cid": ""}, "bad_payload"),
    ("message", {"text": "hi", "cid": "x" * 65}, "bad_payload"),
    ("message", {"text": "hi", "reply_to": 0}, "bad_payload"),
    ("message", {"text": "hi", "reply_to": 2**60}, "bad_payload"),
    ("message", {"text": "hi", "reply_to": 2**50}, "not_found"),
    ("message", {"text": ""}, "empty"),
    ("message", {"text": " \n\t"}, "empty"),
    ("message", "", "empty"),
    ("message", {"text": LONG}, "too_long"),
    ("message", LONG, "too_long"),
    ("message", {"text": "é" * 8193}, "too_long"),
    ("message", {"text": "hi", "room": "nowhere"}, "no_such_room"),
    ("message", {"text": "hi", "room": "../general"}, "no_such_room"),
    ("message", {"text": "hi", "room": "a" * 5000}, "no_such_room"),
    ("join", {"room": "nowhere"}, "no_such_room"),
    ("join", {"room": ""}, "no_such_room"),
    ("join", "general", "bad_payload"),
    ("join", {}, "bad_payload"),
    ("leave", {"room": "nowhere"}, "no_such_room"),
    ("create", {"room": "general"}, "room_exists"),
    ("create", {"room": "GENERAL"}, "room_exists"),
    ("create", {"room": "a b"}, "bad_name"),
    ("create", {"room": ""}, "empty"),
    ("create", {"room": "x" * 49}, "too_long"),
    ("create", {"room": "fine", "title": "\x1b[2J"}, "bad_name"),
    ("create", {"room": "fine", "title": "t" * 81}, "too_long"),
    ("create", {"room": "fine", "kind": "secret"}, "bad_payload"),
    ("create", {"room": "fine", "kind": "private"}, "not_allowed"),
    ("history", {"room": "nowhere"}, "no_such_room"),
    ("history", {"room": "general", "before": -1}, "bad_payload"),
    ("history", {"room": "general", "before": "1"}, "bad_payload"),
    ("history", {"room": "general", "before": 1.5}, "bad_payload"),
    ("history", {"room": "general", "before": 2**53}, "bad_payload"),
    ("history", {"room": "general", "limit": 0}, "bad_payload"),
    ("history", {"room": "general", "limit": 201}, "bad_payload"),
    ("history", {"room": "general", "before": 5, "after": 1}, "bad_payload"),
    ("resume", {"room": "general"}, "bad_payload"),
    ("search", {"query": 5}, "bad_payload"),
    ("search", {"query": "x" * 501}, "bad_payload"),
    ("search", {"query": "soup", "room": "nowhere"}, "no_such_room"),
    ("search", {"query": "before:yesterday"}, "bad_payload"),
    ("mute", {"name": "eva", "seconds": 60, "reason": "x"}, "not_allowed"),
    ("kick", {"name": "eva", "reason": "x"}, "not_allowed"),
    ("ban", {"name": "eva", "reason": "x"}, "not_allowed"),
    ("unban", {"address": "127.0.0.1"}, "not_allowed"),
    ("update", {"room": "general", "topic": "mine"}, "not_allowed"),
    ("invite", {"room": "general", "name": "eva"}, "not_allowed"),
    ("typing", {"room": "nowhere"}, "not_a_member"),
    ("edit", {"room": "general", "seq": 2**50, "text": "hi"}, "not_found"),
    ("edit", {"room": "general", "seq": 1, "text": ""}, "empty"),
    ("edit", {"room": "general", "seq": -1, "text": "hi"}, "bad_payload"),
    ("edit", {"room": "nowhere", "seq": 1, "text": "hi"}, "no_such_room"),
    ("delete", {"room": "general", "seq": 2**50}, "not_found"),
    ("delete", {"room": "general"}, "bad_payload"),
    ("react", {"room": "general", "seq": 1, "emoji": "<b>", "on": True}, "bad_payload"),
    ("react", {"room": "general", "seq": 1, "emoji": "", "on": True}, "bad_payload"),
    ("react", {"room": "general", "seq": 1, "emoji": "+" * 35, "on": True}, "too_long"),
    ("react", {"room": "general", "seq": 1, "emoji": "+", "on": 1}, "bad_payload"),
    ("dance", {"room": "general"}, "bad_payload"),
    ("connect", {"name": "root"}, "bad_payload"),
    ("disconnect", "bye", "bad_payload"),
    ("message", {"text": b"\x00\x01"}, "bad_payload"),
    ("message", b"\x00\x01", "bad_payload"),
    ("message", ("one", "two"), "bad_payload"),
    ("message", {"text": "x" * 1_000_000}, "too_long"),
]


@pytest.fixture(scope="module")
def crowd(house):
    """A server with ana on it, for many questions in a row."""
    ana = closing.SimpleClient()
    ana.connect(house.url, auth={"name": "ana"}, transports=["websocket"])
    yield house, ana
    ana.disconnect()


@pytest.mark.parametrize(("event", "payload", "code"), BAD)
def test_bad_input_gets_a_code_and_changes_nothing(crowd, event, payload, code):
    server, ana = crowd
    lines, rooms = len(log_lines(server)), call(ana, "rooms")["rooms"]

    answer = call(ana, event, payload)

    assert answer["ok"] is False
    assert answer["error"]["code"] == code
    assert "\n" not in answer["error"]["message"]
    assert call(ana, "rooms")["rooms"] == rooms
    assert len(log_lines(server)) == lines
    assert call(ana, "message", {"text": "still here"})["ok"]
    assert not any("Traceback" in line for line in server.log)


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ({"name": ""}, "empty"),
        ({"name": "x" * 33}, "too_long"),
        ({"name": "a\nb"}, "bad_name"),
        ({"name": "a\u202eb"}, "bad_name"),
        ({"name": 5}, "bad_payload"),
        ({"name": ["ana"]}, "bad_payload"),
        ([1], "bad_payload"),
        ("ana", "bad_payload"),
        (None, "unauthorized"),
        ({}, "unauthorized"),
        ({"token": "made up"}, "unauthorized"),
        ({"name": "ana"}, "name_taken"),
        ({"name": "ANA"}, "name_taken"),
        ({"name": "\uff41na"}, "name_taken"),
        ({"name": "ana", "key": "somebody else's key"}, "name_taken"),
        ({"name": "eva", "key": "short"}, "bad_payload"),
    ],
)
def test_a_handshake_that_is_refused_says_why(crowd, auth, code):
    server, _ = crowd
    refusals = []
    client = closing.Client(reconnection=False)
    client.on("connect_error", refusals.append)

    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(server.url, auth=auth)
    client.shutdown()

    assert [(refusal["code"], refusal["data"]["code"]) for refusal in refusals] == [(code, code)]
    assert not any("Traceback" in line for line in server.log)


def test_a_name_is_free_again_when_its_owner_has_gone(server, connect, wait_until):
    connect("ana").disconnect()

    def ana_may_come():
        try:
            return connect("ana")
        except socketio.exceptions.ConnectionError:
            return None

    assert wait_until(ana_may_come, what="the name to be free")
