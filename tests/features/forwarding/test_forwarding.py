"""Messages are forwarded: with their author's words, to those who may hear them, all or none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.cast import chatapp, new_token, with_token
from tests.support.closing import SimpleClient
from tests.support.files import Sender
from tests.support.server import Server
from tests.test_way_of_a_message import call, hear, log_lines

NAMES = {"ada": "admin", "ben": "member", "cy": "member", "dot": "member"}


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, role) for name, role in NAMES.items()}


@pytest.fixture(scope="module")
def people(house: Server, tokens: dict[str, str]) -> Iterator[dict[str, SimpleClient]]:
    """All are in the public rooms; only ada and ben can see the cellar."""
    people = {name: with_token(house, token) for name, token in tokens.items()}
    for room in ("tea", "soup"):
        call(people["ada"], "create", {"room": room, "title": room.title()})
        for person in people.values():
            call(person, "join", {"room": room})
    call(people["ada"], "create", {"room": "cellar", "title": "Cellar", "kind": "private"})
    call(people["ada"], "invite", {"room": "cellar", "name": "ben"})
    call(people["ben"], "join", {"room": "cellar"})
    yield people
    for person in people.values():
        person.disconnect()


def say(person: SimpleClient, text: str, room: str = "tea", **more: Any) -> int:
    answer = call(person, "message", {"room": room, "text": text, **more})
    assert answer["ok"], answer
    return int(answer["message"]["seq"])


def forward(person: SimpleClient, *seqs: int, **wanted: Any) -> dict[str, Any]:
    payload = {"room": "tea", "seqs": list(seqs), "to_room": "soup", **wanted}
    answer: dict[str, Any] = call(person, "forward", payload)
    return answer


def refusal(answer: dict[str, Any]) -> str:
    return "" if answer["ok"] else str(answer["error"]["code"])


def head(person: SimpleClient, room: str = "soup") -> int:
    return int(call(person, "join", {"room": room})["room"]["head"])


def at(person: SimpleClient, seq: int, room: str = "soup") -> dict[str, Any]:
    page = call(person, "history", {"room": room, "around": seq})["messages"]
    return next(one for one in page if one["seq"] == seq)


def hear_of(person: SimpleClient, seq: int, room: str = "soup") -> dict[str, Any]:
    while (message := hear(person, "message"))["seq"] != seq or message["room"] != room:
        pass
    return message


def test_messages_come_with_their_author_after_what_is_said_of_them(people):
    ada, ben, cy, _ = people.values()
    first, second = say(ben, "cups?"), say(cy, "I do")
    call(cy, "edit", {"room": "tea", "seq": second, "text": "I might"})
    written = at(cy, first, "tea")

    answer = forward(ada, second, first, first, text="Look!", cid="c-1")

    comment, one, two = (at(cy, seq) for seq in answer["seqs"])
    assert [m["text"] for m in (comment, one, two)] == ["Look!", "cups?", "I might"]
    assert {m["sender"] for m in (comment, one, two)} == {"ada"}
    assert "forwarded" not in comment
    assert one["forwarded"] == {
        "sender": "ben",
        "by": written["by"],
        "at": written["at"],
        "room": "tea",
        "seq": first,
    }
    assert hear_of(ada, two["seq"]) == two, "whoever forwards hears it, too"
    assert call(cy, "search", {"query": "might", "room": "soup"})["messages"] == [two]
    before = head(cy)
    assert forward(ada, first, second, text="Look!", cid="c-1")["seqs"] == answer["seqs"]
    assert head(cy) == before, "the same cid is the same forwarding"
    assert forward(ada, first, cid="c-1")["seqs"] != answer["seqs"]


def test_what_was_forwarded_is_forwarded_with_its_first_author_and_cannot_be_changed(people):
    ada, ben, cy, _ = people.values()
    seq = say(ben, "/me has cups")
    (copy,) = forward(cy, seq)["seqs"]

    (again,) = forward(ada, copy, room="soup", to_room="tea")["seqs"]

    assert at(ben, again, "tea")["forwarded"] == at(ben, copy)["forwarded"]
    assert at(ben, again, "tea")["sender"] == "ada"
    edit = {"room": "tea", "seq": again, "text": "ben has no cups"}
    assert refusal(call(ada, "edit", edit)) == "not_allowed"
    call(ben, "delete", {"room": "tea", "seq": seq})
    assert at(ben, again, "tea")["text"] == "/me has cups", "a copy stays"
    assert refusal(call(ben, "original", {"room": "tea", "seq": again})) == "not_found"
    assert call(ada, "delete", {"room": "tea", "seq": again})["ok"]
    assert "forwarded" not in at(ben, again, "tea")


def test_where_a_private_message_comes_from_is_told_to_those_who_may_see_it(house, people):
    ada, ben, cy, _ = people.values()
    secret = say(ada, "The tunnel is dry", "cellar")
    head_before = head(cy)

    assert refusal(forward(cy, secret, room="cellar")) == "no_such_room"
    (copy,) = forward(ben, secret, room="cellar")["seqs"]
    (again,) = forward(cy, copy, room="soup", to_room="tea")["seqs"]

    heard = [hear_of(cy, copy), hear_of(cy, again, "tea")]
    epoch = call(cy, "join", {"room": "soup"})["room"]["epoch"]
    told = [
        *heard,
        *(at(cy, seq, room) for seq, room in ((copy, "soup"), (again, "tea"))),
        call(cy, "resume", {"room": "soup", "epoch": epoch, "after": head_before}),
        call(cy, "search", {"query": "tunnel"}),
        call(cy, "save", {"room": "soup", "seq": copy, "on": True}),
        call(cy, "message", {"room": "soup", "text": "hm", "reply_to": copy}),
    ]
    assert "tunnel" in str(told)
    assert "cellar" not in str(told)
    assert heard[-1]["forwarded"]["private"] is True
    for seq, room in ((copy, "soup"), (again, "tea")):
        asked = {"room": room, "seq": seq}
        assert refusal(call(cy, "original", asked)) == "not_found"
        found = call(ben, "original", asked)
        assert (found["room"], found["seq"]) == ("cellar", secret)
        line = next(r for r in log_lines(house) if (r["room"], r["seq"]) == (room, seq))
        assert (line["forwarded"]["room"], line["forwarded"]["seq"]) == ("cellar", secret)


def test_the_original_is_found_where_it_was_moved_and_a_copy_that_moves_keeps_it(people):
    ada, ben, cy, _ = people.values()
    secret, open = say(ada, "psst", "cellar"), say(cy, "hey")
    copies = forward(ben, secret, room="cellar")["seqs"] + forward(ben, open)["seqs"]
    assert call(ada, "move", {"room": "soup", "seqs": copies, "to_room": "tea"})["ok"]
    page = call(ben, "history", {"room": "tea"})["messages"]
    moved = [one["seq"] for one in page if one.get("moved_from")][-2:]

    assert call(ben, "original", {"room": "tea", "seq": moved[0]})["seq"] == secret
    assert refusal(call(cy, "original", {"room": "tea", "seq": moved[0]})) == "not_found"
    (there,) = call(ada, "move", {"room": "tea", "seqs": [open], "to_room": "soup"})["seqs"]
    found = call(cy, "original", {"room": "tea", "seq": moved[1]})
    assert (found["room"], found["seq"]) == ("soup", there)
    assert refusal(call(cy, "original", {"room": "tea", "seq": open})) == "not_found"


def test_one_that_cannot_be_forwarded_keeps_all_of_them_back(people):
    ada, ben, cy, _ = people.values()
    good, gone = say(ben, "good"), say(ben, "gone")
    call(ben, "delete", {"room": "tea", "seq": gone})
    call(ada, "update", {"room": "tea", "topic": "Cups"})
    line = head(cy, "tea")
    poll = say(ada, "", poll={"question": "Cake?", "options": ["Yes", "No"]})
    before = head(cy)

    refused = {
        "not_found": [forward(cy, good, gone), forward(cy, good, 99_999)],
        "not_allowed": [forward(cy, good, line), forward(cy, good, poll)],
        "bad_payload": [forward(cy), forward(cy, *range(1, 52)), forward(cy, good, cid="\n")],
        "no_such_room": [forward(cy, good, to_room="cellar"), forward(cy, good, to_room="nowhere")],
        "empty": [forward(cy, good, text=" \n")],
        "too_long": [forward(cy, good, text="x" * 20_000)],
    }

    for code, answers in refused.items():
        assert {refusal(answer) for answer in answers} == {code}
    assert head(cy) == before, "nothing was appended"
    assert forward(cy, good)["ok"]


def test_the_rules_of_the_target_hold(people):
    ada, ben, cy, dot = people.values()
    one, two = say(ben, "one"), say(ben, "two")
    call(ada, "create", {"room": "slow"})
    assert refusal(forward(dot, one, to_room="slow")) == "not_a_member"
    for person in (cy, dot):
        call(person, "join", {"room": "slow"})
    root = say(cy, "a thread", "slow")
    reply = say(ada, "an answer", "slow", thread=root)

    assert refusal(forward(ada, one, to_room="slow", to_thread=reply)) == "bad_payload"
    (into,) = forward(ada, one, to_room="slow", to_thread=root)["seqs"]
    assert at(cy, into, "slow")["thread"] == root
    call(ada, "update", {"room": "slow", "threads": "off"})
    assert refusal(forward(ada, one, to_room="slow", to_thread=root)) == "not_allowed"
    call(ada, "update", {"room": "slow", "slow_seconds": 600})
    assert refusal(forward(dot, one, two, to_room="slow")) == "not_allowed"
    assert refusal(forward(dot, one, to_room="slow", text="Look")) == "not_allowed"
    assert forward(dot, one, to_room="slow")["ok"]
    assert refusal(forward(dot, two, to_room="slow")) == "rate_limited"
    call(ada, "update", {"room": "slow", "slow_seconds": 0, "read_only": True})
    assert refusal(forward(dot, two, to_room="slow")) == "not_allowed"
    assert forward(ada, two, to_room="slow")["ok"]
    call(ada, "mute", {"name": "cy", "seconds": 60, "reason": "noise"})
    assert refusal(forward(cy, two)) == "not_allowed"
    call(ada, "mute", {"name": "cy", "seconds": 0})


def file_rows(server: Server) -> set[str]:
    lines = (server.data / "directory").glob("*.jsonl")
    rows = [json.loads(line) for file in lines for line in file.read_text().splitlines()]
    return {row["key"] for row in rows if row["table"] == "files"}


def test_files_are_read_by_those_who_see_a_copy_as_long_as_there_is_one(server):
    ana, bo, cy = (Sender(server, name) for name in ("Ana", "Bo", "Cy"))
    call(ana.socket, "create", {"room": "cellar", "kind": "private"})
    call(ana.socket, "invite", {"room": "cellar", "name": "Bo"})
    for room in ("tea", "news"):
        call(ana.socket, "create", {"room": room})
        call(bo.socket, "join", {"room": room})
    call(ana.socket, "update", {"room": "news", "read_only": True})
    file = ana.send(b"the plan", "plan.txt")
    seq = say(ana.socket, "", "cellar", files=[{"id": file["id"], "alt": "A plan"}])
    assert cy.get(f"/files/{file['id']}/plan.txt").status_code == 404
    out = {"room": "cellar", "to_room": "tea", "cid": "c-1"}

    assert refusal(forward(bo.socket, seq, **out | {"to_room": "news"})) == "not_allowed"
    assert file_rows(server) == {file["id"]}, "nothing is copied for what is refused"
    answer = forward(bo.socket, seq, **out)

    (copy,) = at(cy.socket, answer["seqs"][0], "tea")["files"]
    assert copy == file | {"id": copy["id"], "alt": "A plan"}
    assert cy.get(f"/files/{copy['id']}/plan.txt").content == b"the plan"
    assert cy.get(f"/files/{file['id']}/plan.txt").status_code == 404
    assert forward(bo.socket, seq, **out) == answer
    assert file_rows(server) == {file["id"], copy["id"]}, "a retry copies nothing"

    server.stop()
    erase = ("log", "erase", "--room", "cellar", "--seq", str(seq), "--yes", "--json")
    (left,) = json.loads(chatapp(server, *erase))["erased"].values()
    server.start()
    assert left["copies"] == [{"room": "tea", "seq": answer["seqs"][0], "sender": "Bo"}]
    assert ana.get(f"/files/{file['id']}/plan.txt").status_code == 404
    assert cy.get(f"/files/{copy['id']}/plan.txt").content == b"the plan"
    chatapp(server, "log", "verify", "--files")
    for person in (ana, bo, cy):
        person.close()
