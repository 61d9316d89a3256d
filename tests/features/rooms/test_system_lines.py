"""What the chat itself writes into a room: in the log, for everyone, and unread for nobody."""

import json

import pytest

from tests.support.cast import new_token, with_account, with_token
from tests.test_way_of_a_message import call, hear


@pytest.fixture
def member(server):
    people = []

    def member(name, role="member"):
        people.append(with_account(server, name, role))
        return people[-1]

    yield member
    for each in people:
        each.disconnect()


def lines(client, room):
    page = call(client, "history", {"room": room})["messages"]
    return [(message["text"], message.get("system")) for message in page]


def test_a_room_tells_who_did_what_in_it(member, connect):
    ana, bo, gus = member("ana"), member("bo"), connect("gus")
    call(ana, "create", {"room": "tea", "title": "Tea"})

    call(bo, "join", {"room": "tea"})
    call(bo, "join", {"room": "tea"})  # a client that comes back
    call(gus, "join", {"room": "tea"})
    settings = {"title": "Tea “&” cake", "topic": "Green", "slow_seconds": 5}
    call(ana, "update", {"room": "tea", **settings})
    call(ana, "update", {"room": "tea", **settings})
    call(ana, "update", {"room": "tea", "topic": ""})
    call(bo, "leave", {"room": "tea"})

    assert lines(gus, "tea") == [
        ("bo joined", {"what": "joined"}),
        ("ana renamed the room to “Tea “&” cake”", {"what": "renamed"}),
        ("ana changed the topic to “Green”", {"what": "topic"}),
        ("ana cleared the topic", {"what": "topic"}),
        ("bo left", {"what": "left"}),
    ]
    assert hear(gus, "message")["system"] == {"what": "renamed"}


def test_a_private_room_tells_who_invited_and_removed_whom(member):
    ana, _bo = member("ana"), member("bo")
    call(ana, "create", {"room": "cellar", "kind": "private"})

    for _ in range(2):
        call(ana, "invite", {"room": "cellar", "name": "BO"})
    call(ana, "remove", {"room": "cellar", "name": "bo"})

    assert lines(ana, "cellar") == [
        ("ana added bo", {"what": "invited", "who": "bo"}),
        ("ana removed bo", {"what": "removed", "who": "bo"}),
    ]


def test_lines_are_unread_for_nobody_and_mention_nobody(member, server):
    ana, eva, token = member("ana"), member("eva"), new_token(server, "bo", "member")
    bo = with_token(server, token)
    call(ana, "create", {"room": "tea"})
    call(bo, "join", {"room": "tea"})
    call(bo, "read", {"room": "tea", "seq": 1})

    call(ana, "update", {"room": "tea", "topic": "ask @bo and @eva and @room"})
    call(ana, "message", {"room": "tea", "text": "Hi"})

    def unread(person):
        info = call(person, "join", {"room": "tea"})["room"]
        return info["head"], info["unread"], info["mentions"]

    assert unread(bo) == (3, 1, 0)
    assert call(eva, "rooms")["rooms"][1]["mentions"] == 0
    bo.disconnect()
    server.stop()  # the same from the index
    server.start()
    again = with_token(server, token)
    assert unread(again) == (3, 1, 0)
    epoch = call(again, "join", {"room": "tea"})["room"]["epoch"]
    missed = call(again, "resume", {"room": "tea", "epoch": epoch, "after": 0})["events"]
    assert [bool(event["text"]) for event in missed] == [True] * 3
    again.disconnect()


def test_nobody_changes_or_answers_a_line(member):
    ana, root = member("ana"), member("root", "admin")
    call(ana, "create", {"room": "tea"})
    call(ana, "update", {"room": "tea", "topic": "Green"})
    call(root, "join", {"room": "tea"})

    at = {"room": "tea", "seq": 1}
    tries = [
        call(root, "edit", {**at, "text": "x"}),
        call(root, "delete", at),
        call(root, "react", {**at, "emoji": "👍", "on": True}),
        call(root, "message", {"room": "tea", "text": "x", "reply_to": 1}),
    ]

    assert [each["error"]["code"] for each in tries] == ["not_allowed"] * 4


def test_a_line_is_plain_in_the_log(member, server):
    ana = member("ana")
    call(ana, "create", {"room": "tea"})
    call(ana, "update", {"room": "tea", "topic": "Green"})

    [line] = (server.data / "messages" / "000000000001.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert record["text"] == "ana changed the topic to “Green”"
    assert record["system"] == {"what": "topic"}


def test_who_comes_and_goes_all_the_time_is_not_told_all_the_time(member):
    ana, bo = member("ana"), member("bo")
    call(ana, "create", {"room": "tea"})

    for _ in range(15):
        call(bo, "join", {"room": "tea"})
        call(bo, "leave", {"room": "tea"})

    assert len(lines(ana, "tea")) == 20
