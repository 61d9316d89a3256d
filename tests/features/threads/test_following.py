"""Threads as people follow them, with real clients of a real server."""

from typing import Any

import pytest
import socketio

from tests.support.cast import new_token, with_account, with_token
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear

ROOM = "kitchen"


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("ana", "ben", "cy")}


@pytest.fixture
def people(house: Server, tokens: dict[str, str]) -> dict[str, socketio.SimpleClient]:
    people = {name: with_token(house, token) for name, token in tokens.items()}
    call(people["ana"], "create", {"room": ROOM})
    for person in people.values():
        call(person, "join", {"room": ROOM})
    return people


def say(person: socketio.SimpleClient, text: str, **more: Any) -> int:
    answer = call(person, "message", {"room": ROOM, "text": text, **more})
    assert answer["ok"], answer
    return int(answer["message"]["seq"])


def threads(person: socketio.SimpleClient, **wanted: Any) -> list[dict[str, Any]]:
    return list(call(person, "threads", wanted)["threads"])


def thread_of(person: socketio.SimpleClient, root: int) -> dict[str, Any]:
    return next((one for one in threads(person, limit=50) if one["thread"] == root), {})


def test_who_asks_who_answers_and_who_is_mentioned_follow(people):
    ana, ben, cy = people.values()
    root = say(ana, "who brings cups?")
    assert thread_of(ana, root) == {}, "nobody has answered"

    reply = say(ben, "@cy does", thread=root)

    for person, unread, mentions in ((ana, 1, 0), (ben, 0, 0), (cy, 1, 1)):
        told = hear(person, "thread")
        assert (told["thread"], told["following"]) == (root, True)
        assert (told["unread"], told["mentions"]) == (unread, mentions)
        thread = thread_of(person, root)
        assert (thread["unread"], thread["mentions"]) == (unread, mentions)
        assert (thread["root"]["text"], thread["last_seq"]) == ("who brings cups?", reply)
    (shown,) = call(ana, "history", {"room": ROOM, "folded": True, "limit": 1})["messages"]
    assert (shown["replies"]["following"], shown["replies"]["unread"]) == (True, 1)


def test_a_thread_has_a_mark_of_its_own_that_all_devices_share(people, house, tokens):
    ana, ben, _ = people.values()
    phone = with_token(house, tokens["ana"])
    root = say(ana, "cups?")
    say(ben, "one", thread=root)
    reply = say(ben, "two", thread=root)
    unread = call(ana, "rooms")["threads_unread"]

    call(ana, "read", {"room": ROOM, "seq": reply})
    assert thread_of(ana, root)["unread"] == 2, "the room is another mark"
    mark = call(ana, "read", {"room": ROOM, "seq": reply, "thread": root})["read"]

    assert (mark["read"], mark["unread"], mark["thread"]) == (reply, 0, root)
    wait_until(lambda: hear(phone, "thread")["read"] == reply, what="the phone to hear of it")
    assert call(ana, "rooms")["threads_unread"] == unread - 1
    assert root not in [one["thread"] for one in threads(ana, unread=True, limit=50)]
    say(ben, "three", thread=root)
    assert threads(ana, unread=True, limit=50)[0]["thread"] == root


def test_who_stopped_following_follows_again_only_by_an_answer_of_their_own(people):
    ana, ben, cy = people.values()
    root = say(ana, "cups?")
    say(ben, "no @cy", thread=root)
    for person in (ana, cy):
        call(person, "follow", {"room": ROOM, "thread": root, "on": False})

    say(ben, "no, @cy", thread=root)
    assert thread_of(ana, root) == thread_of(cy, root) == {}

    say(ana, "well", thread=root)
    assert thread_of(ana, root)["following"]
    assert thread_of(cy, root) == {}


def test_all_threads_of_a_room_come_in_pages_the_newest_first(people):
    ana, ben, _ = people.values()
    roots = [say(ana, f"question {number}") for number in range(5)]
    for root in roots:
        say(ben, "answer", thread=root)
    say(ben, "another", thread=roots[0])

    first = call(ana, "threads", {"room": ROOM, "limit": 3})
    second = call(ana, "threads", {"room": ROOM, "limit": 3, "after": first["after"]})
    own = call(ana, "threads", {"limit": 3})
    rest = call(ana, "threads", {"limit": 3, "after": own["after"]})

    newest = [roots[0], *roots[:0:-1]]
    assert [one["thread"] for one in first["threads"] + second["threads"]][:5] == newest
    assert [one["thread"] for one in own["threads"] + rest["threads"]][:5] == newest


def test_follows_and_marks_survive_kill_9(server):
    ana, ben = with_account(server, "ana"), with_account(server, "ben")
    call(ana, "create", {"room": ROOM})
    call(ben, "join", {"room": ROOM})
    root = say(ana, "cups?")
    first = say(ben, "one", thread=root)
    call(ana, "read", {"room": ROOM, "seq": first, "thread": root})
    say(ben, "two", thread=root)

    server.kill9()
    server.start()

    with with_account(server, "someone") as someone:  # the server is up again
        assert call(someone, "rooms")["ok"]
    wait_until(lambda: ana.client.connected, what="ana to come back")
    thread = thread_of(ana, root)
    assert (thread["read"], thread["unread"], thread["count"]) == (first, 1, 2)


def test_a_thread_of_a_room_that_one_has_left_is_not_told(people, house):
    ana, ben, _ = people.values()
    call(ana, "create", {"room": "cellar", "kind": "private"})
    call(ana, "invite", {"room": "cellar", "name": "ben"})
    root = call(ana, "message", {"room": "cellar", "text": "cups?"})["message"]["seq"]
    call(ben, "message", {"room": "cellar", "text": "no", "thread": root})
    assert "cellar" in [one["room"] for one in threads(ben, limit=50)]
    before = call(ben, "rooms")["threads_unread"]

    call(ana, "remove", {"room": "cellar", "name": "ben"})
    call(ana, "message", {"room": "cellar", "text": "psst @ben", "thread": root})

    assert "cellar" not in [one["room"] for one in threads(ben, limit=50)]
    assert call(ben, "rooms")["threads_unread"] == before
    refused = call(ben, "follow", {"room": "cellar", "thread": root, "on": True})
    assert refused["error"]["code"] == "no_such_room"


def test_a_client_that_knows_no_threads_hears_every_message_and_no_hole(people):
    ana, ben, cy = people.values()
    root = say(ana, "cups?")
    start = root - 1

    say(ben, "in the thread", thread=root)
    say(ben, "in both", thread=root, also_to_room=True)
    last = say(ben, "in the room")

    heard: list[int] = []
    while not heard or heard[-1] != last:
        heard.append(hear(cy, "message")["seq"])
    assert [seq for seq in heard if seq >= root] == list(range(root, last + 1))
    page = call(cy, "history", {"room": ROOM, "after": start})["messages"]
    assert [message["seq"] for message in page] == list(range(root, last + 1))
    epoch = call(cy, "join", {"room": ROOM})["room"]["epoch"]
    resumed = call(cy, "resume", {"room": ROOM, "epoch": epoch, "after": start})
    assert [event["seq"] for event in resumed["events"]] == list(range(root, last + 1))
