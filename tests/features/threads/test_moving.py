"""Messages go into threads, out of them, and to other rooms; threads get titles."""

from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from tests.support.cast import new_token, with_account, with_token
from tests.support.closing import SimpleClient
from tests.support.files import Sender
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear

NAMES = {"owen": "member", "ben": "member", "cy": "member", "ada": "admin"}


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, role) for name, role in NAMES.items()}


@pytest.fixture
def people(house: Server, tokens: dict[str, str]) -> Iterator[dict[str, SimpleClient]]:
    """owen made both rooms, everybody is in both."""
    people = {name: with_token(house, token) for name, token in tokens.items()}
    for room in ("tea", "soup"):
        call(people["owen"], "create", {"room": room, "title": room.title()})
        for person in people.values():
            call(person, "join", {"room": room})
    return people


def say(person: socketio.SimpleClient, text: str, room: str = "tea", **more: Any) -> int:
    answer = call(person, "message", {"room": room, "text": text, **more})
    assert answer["ok"], answer
    return int(answer["message"]["seq"])


def page(person: socketio.SimpleClient, room: str = "tea", **wanted: Any) -> list[dict[str, Any]]:
    return list(call(person, "history", {"room": room, **wanted})["messages"])


def seqs(person: socketio.SimpleClient, room: str = "tea", **wanted: Any) -> list[int]:
    return [one["seq"] for one in page(person, room, **wanted) if "system" not in one]


def refusal(answer: dict[str, Any]) -> str:
    return "" if answer["ok"] else str(answer["error"]["code"])


def test_who_began_a_thread_names_it_and_who_did_not_may_not(people):
    _, ben, cy, ada = people.values()
    root = say(ben, "cups?")
    named = {"room": "tea", "thread": root, "title": "  Cups "}
    assert refusal(call(ben, "title", named)) == "not_found", "there is no thread yet"
    say(cy, "no", thread=root)

    assert refusal(call(cy, "title", named)) == "not_allowed"
    assert call(ben, "title", named)["ok"]

    line = next(one for one in page(cy, thread=root) if "system" in one)
    assert line["system"] == {"what": "titled", "thread": root}
    assert line["text"] == "ben named the thread “Cups”"
    (thread, *_) = call(cy, "threads", {})["threads"]
    assert (thread["thread"], thread["title"], thread["count"]) == (root, "Cups", 1)
    head = call(cy, "join", {"room": "tea"})["room"]["head"]
    assert call(ben, "title", named | {"title": "Cups"})["ok"]
    assert call(cy, "join", {"room": "tea"})["room"]["head"] == head, "nothing has changed"
    assert call(ada, "title", named | {"title": ""})["ok"]
    assert call(cy, "threads", {})["threads"][0]["title"] is None


def test_messages_go_into_a_thread_and_out_of_it_by_those_who_may(people):
    owen, ben, cy, ada = people.values()
    root, aside, other = say(ben, "cups?"), say(cy, "I do"), say(ben, "soup?")
    into = {"room": "tea", "seqs": [aside], "to_thread": root}

    assert refusal(call(ben, "move", into)) == "not_allowed", "cy wrote it"
    for person, seq in ((cy, aside), (owen, other)):
        assert call(person, "move", into | {"seqs": [seq]})["seqs"] == [seq]

    assert seqs(ben, thread=root) == [aside, other]
    assert aside not in seqs(ben, folded=True)
    moved = [one for one in page(ben) if one["seq"] == aside]
    assert moved[0]["thread"] == root, "also where threads are not folded"
    line = page(ben)[-1]
    assert line["system"] == {"what": "moved", "seqs": [other], "thread": root}
    assert call(ada, "move", into | {"seqs": [aside, other], "to_thread": 0})["ok"]
    assert seqs(ben, thread=root) == []
    assert seqs(ben, folded=True)[-3:] == [root, aside, other]


def test_what_would_tear_a_thread_apart_is_refused(people):
    owen, ben, *_ = people.values()
    root, other = say(ben, "cups?"), say(ben, "soup?")
    reply = say(ben, "no", thread=root)
    move = {"room": "tea", "to_thread": other}

    assert refusal(call(owen, "move", move | {"seqs": [root]})) == "not_allowed"
    assert refusal(call(owen, "move", move | {"seqs": [other]})) == "bad_payload"
    assert refusal(call(owen, "move", move | {"seqs": [root], "to_thread": reply})) == "bad_payload"
    assert refusal(call(owen, "move", {"room": "tea", "seqs": [root]})) == "bad_payload"
    assert refusal(call(owen, "move", move | {"seqs": [9999]})) == "not_found"
    assert page(owen)[-1]["seq"] == reply, "nothing was written"
    assert call(owen, "move", move | {"seqs": [root, reply]})["ok"], "the whole of it may go"
    assert seqs(ben, thread=other) == [root, reply]


def test_messages_go_to_another_room_with_their_author_and_their_thread(people):
    owen, ben, cy, _ = people.values()
    root = say(ben, "cups? @cy")
    reply = say(cy, "I do", thread=root)
    call(cy, "edit", {"room": "tea", "seq": reply, "text": "I might"})
    hear(cy, "thread")

    moved = call(owen, "move", {"room": "tea", "seqs": [reply, root], "to_room": "soup"})["seqs"]

    new_root, new_reply = (one for one in page(ben, "soup") if one["seq"] in moved)
    assert (new_root["sender"], new_root["text"]) == ("ben", "cups? @cy")
    assert (new_reply["sender"], new_reply["text"], new_reply["thread"]) == (
        *("cy", "I might"),
        new_root["seq"],
    )
    assert (new_root["moved_from"]["room"], new_root["moved_from"]["seq"]) == ("tea", root)
    old = {one["seq"]: one for one in page(ben)}
    assert old[root]["moved_to"] == {"room": "soup", "seq": new_root["seq"]}
    assert (old[root]["text"], old[reply]["deleted_by"]) == ("", "owen")
    line, other = page(ben)[-1], page(ben, "soup")[-1]
    assert line["system"] == {"what": "moved", "seqs": [root, reply], "room": "soup"}
    assert other["system"] == {"what": "moved", "seqs": moved, "room": "tea"}
    again = call(owen, "move", {"room": "tea", "seqs": [root, reply], "to_room": "soup"})
    assert refusal(again) == "not_found"
    assert call(cy, "edit", {"room": "soup", "seq": new_reply["seq"], "text": "I do"})["ok"]


def test_a_poll_moves_when_it_is_closed_and_keeps_its_result(people):
    owen, ben, *_ = people.values()
    target = call(owen, "create", {"room": "for-polls"})["room"]["name"]
    asked = {"room": "tea", "poll": {"question": "?", "options": ["a", "b"]}}
    seq = call(ben, "message", asked)["message"]["seq"]
    call(ben, "vote", {"room": "tea", "seq": seq, "options": [1]})
    move = {"room": "tea", "seqs": [seq], "to_room": target}

    assert refusal(call(owen, "move", move)) == "not_allowed"
    call(ben, "close_poll", {"room": "tea", "seq": seq})
    (copy,) = call(owen, "move", move)["seqs"]

    page = call(owen, "history", {"room": target})["messages"]
    poll = next(one for one in page if one["seq"] == copy)["poll"]
    assert poll["votes"] == {"voters": 1, "counts": [0, 1]}


def test_nobody_sees_by_a_move_what_they_could_not_see(people):
    _, ben, cy, ada = people.values()
    call(ada, "create", {"room": "cellar", "title": "Cellar", "kind": "private"})
    call(ada, "invite", {"room": "cellar", "name": "ben"})
    secret = say(ben, "psst", "cellar")
    out = {"room": "cellar", "seqs": [secret], "to_room": "tea"}

    assert refusal(call(cy, "move", out)) == "no_such_room"
    assert refusal(call(cy, "move", out | {"room": "tea", "to_room": "cellar"})) == "no_such_room"
    assert refusal(call(ben, "move", out)) == "not_allowed", "ada is in charge there"
    (seq,) = call(ada, "move", out)["seqs"]
    own = say(ben, "rather not here")
    assert call(ben, "move", {"room": "tea", "seqs": [own], "to_room": "cellar"})["ok"]

    public = page(cy, around=seq)
    assert "cellar" not in str(public).lower()
    copy = next(one for one in public if one["seq"] == seq)
    assert (copy["moved_from"]["room"], copy["moved_from"]["seq"]) == ("", 0)
    gone = next(one for one in page(cy) if one["seq"] == own)
    assert gone["moved_to"] == {"room": "", "seq": 0}
    assert next(o for o in page(ben, "cellar") if o.get("moved_from"))["moved_from"]["seq"] == own


def test_a_move_that_was_killed_is_finished_at_the_next_start(server):
    ana = with_account(server, "ana")
    witness = with_account(server, "witness")
    for room in ("tea", "soup"):
        call(ana, "create", {"room": room})
        call(witness, "join", {"room": room})
    root = say(ana, "root")
    moving = [root, *(say(ana, f"reply {number}", thread=root) for number in range(60))]

    ana.client.emit("move", {"room": "tea", "seqs": moving, "to_room": "soup"})
    for _ in range(5):
        while hear(witness, "message")["room"] != "soup":
            pass
    server.kill9()
    server.start()

    with with_account(server, "someone") as someone:
        call(someone, "join", {"room": "soup"})

        def is_finished() -> bool:
            return "system" in page(someone, "soup", limit=200)[-1]

        wait_until(is_finished, what="the move to be finished")
        copies = [one for one in page(someone, "soup", limit=200) if "system" not in one]
        texts = ["root", *(f"reply {number}" for number in range(60))]
        assert [one["text"] for one in copies] == texts
        assert {one.get("thread") for one in copies[1:]} == {copies[0]["seq"]}
        left = [one for one in page(someone, "tea", limit=200) if one["seq"] in moving]
        assert [one["moved_to"]["seq"] for one in left] == [one["seq"] for one in copies]
        assert len(page(someone, "tea", limit=200)) == len(moving) + 2, "joined, and one line"


def test_files_go_along_and_are_read_by_those_who_see_the_new_room(server):
    ana, bo = Sender(server, "Ana"), Sender(server, "Bo")
    call(ana.socket, "create", {"room": "cellar", "kind": "private"})
    call(ana.socket, "create", {"room": "tea"})
    file = ana.send(b"the plan", "plan.txt")["id"]
    seq = say(ana.socket, "", "cellar", files=[file])
    assert bo.get(f"/files/{file}/plan.txt").status_code == 404

    moved = call(ana.socket, "move", {"room": "cellar", "seqs": [seq], "to_room": "tea"})

    assert moved["ok"]
    assert bo.get(f"/files/{file}/plan.txt").content == b"the plan"
    server.kill9()
    server.start()
    assert bo.get(f"/files/{file}/plan.txt").content == b"the plan"
    for person in (ana, bo):
        person.close()
