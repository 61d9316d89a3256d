"""What admins do to rooms and messages from the console, and who hears of it: a real server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

from tests.support.cast import chatapp, with_account
from tests.support.index_oracle import problems_of
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


def said(mia: socketio.SimpleClient, text: str, room: str = "general") -> int:
    answer = call(mia, "message", {"room": room, "text": text})
    return int(answer["message"]["seq"])


def audited(server: Server, what: str) -> list[dict[str, object]]:
    lines = chatapp(server, "audit", "--what", what, "--json").splitlines()
    return [json.loads(json.loads(line)["text"]) for line in lines]


def test_an_open_page_hears_at_once_that_an_admin_deleted_a_message(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    seq = said(mia, "buy pills")

    answer = boss.submit("/admin/message/delete", room="general", seq=seq, reason="<b>spam</b>")

    assert answer.status_code == 303
    event = hear(mia, "delete")
    assert (event["target"], event["sender"]) == (seq, "admin")
    assert "Deleted by admin" in boss.get(answer.headers["Location"]).text
    details = {"room": "general", "seq": seq, "reason": "<b>spam</b>"}
    assert audited(server, "delete")[-1] == details
    assert "<b>spam" not in boss.get("/admin/audit").text


def test_an_admin_deletes_in_a_room_that_they_are_not_in(
    boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "secret", "kind": "private"})
    seq = said(mia, "buy pills", "secret")

    boss.submit("/admin/rooms/view", room="secret", seq=seq, reason="Mia asked for help")
    boss.submit("/admin/message/delete", room="secret", seq=seq, reason="spam")

    assert hear(mia, "delete")["room"] == "secret"
    (message,) = call(mia, "history", {"room": "secret"})["messages"]
    assert (message["text"], message["deleted_by"]) == ("", "admin")


def test_without_a_reason_nothing_is_deleted_or_noted(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    seq, noted = said(mia, "stays"), audited(server, "delete")

    answer = boss.submit("/admin/message/delete", room="general", seq=seq, reason=" ")

    assert answer.status_code == 400
    assert "The reason is empty." in answer.text
    assert "stays" in boss.get(f"/admin/message?room=general&seq={seq}").text
    assert audited(server, "delete") == noted


def test_what_is_deleted_twice_is_noted_once(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    seq, noted = said(mia, "buy pills"), len(audited(server, "delete"))

    for _ in range(2):
        boss.submit("/admin/message/delete", room="general", seq=seq, reason="spam")

    assert len(audited(server, "delete")) == noted + 1


@pytest.mark.parametrize("seq", ["", "0", "-1", "1e3", "99999999", "9" * 400, "²"])
def test_a_message_that_is_not_there_is_a_page_that_says_so(boss: Visitor, seq: str) -> None:
    assert boss.get("/admin/message", params={"room": "general", "seq": seq}).status_code in (
        400,
        404,
    )


def test_texts_are_erased_while_the_chat_goes_on(tmp_path: Path) -> None:
    server = server_with_admin(tmp_path)
    mia, ben = with_account(server, "Mia"), with_account(server, "Ben")
    seq = said(mia, "my address")
    said(mia, "my telephone")
    said(ben, "not mine")
    boss = Visitor(server.url).sign_in()
    epoch = call(ben, "join", {"room": "general"})["room"]["epoch"]
    assert "my address" in written(server)

    asked = boss.submit("/admin/erasures/person", name="Mia", confirm="Mia", reason="her wish")

    assert asked.status_code == 303
    heard = hear(ben, "erased")
    assert (heard["room"], heard["seqs"]) == ("general", [seq, seq + 1])
    wait_until(lambda: "2 texts erased" in boss.get("/admin/erasures").text, what="the end of it")
    assert ["my" in written(server), "not mine" in written(server)] == [False, True]
    now = call(ben, "resume", {"room": "general", "epoch": epoch, "after": seq})
    assert (now["recovered"], now["epoch"]) == (False, heard["epoch"])
    assert call(ben, "search", {"query": "address"})["messages"] == []
    (message, *_) = call(ben, "history", {"room": "general"})["messages"]
    assert (message["text"], message["erased_at"]) == ("", heard["at"])
    assert said(mia, "I am still here") == seq + 3
    (asked_for,) = audited(server, "erase")
    assert (asked_for["name"], asked_for["reason"]) == ("Mia", "her wish")
    boss.submit("/admin/overview/check")
    wait_until(lambda: "No problems found" in boss.get("/admin/overview").text, what="a look")
    server.stop()
    index = server.data / "index.sqlite3"
    assert problems_of(server.data / "messages", index) == []
    for one in (mia, ben):
        one.disconnect()
    boss.close()
    server.close()


def written(server: Server) -> str:
    return "".join(file.read_text() for file in (server.data / "messages").glob("*.jsonl"))


def test_rooms_are_listed_with_what_happened_there(
    boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "kitchen", "title": "<i>Kitchen</i>", "kind": "private"})
    said(mia, "soup?", "kitchen")

    page = boss.get("/admin/rooms?q=KITCHEN").text

    assert "&lt;i&gt;Kitchen&lt;/i&gt;" in page
    assert "1 record · last message" in page
    assert "1 member · 1 online" in page
    assert "general" not in page
    assert "No matches" in boss.get("/admin/rooms?q=attic").text
    assert "Mia" in boss.get("/admin/room?name=kitchen").text
    assert boss.get("/admin/room?name=attic").status_code == 404


def test_the_brakes_of_a_room_hold_at_once_and_are_noted(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "join", {"room": "general"})

    form = {"room": "general", "slow_seconds": "0", "previews": "on", "reason": "a storm"}
    answer = boss.submit("/admin/room", read_only="on", **form)

    assert answer.status_code == 303
    while not hear(mia, "room")["read_only"]:
        pass
    assert call(mia, "message", "hi")["error"]["code"] == "not_allowed"
    assert audited(server, "room")[-1] == {
        "room": "general",
        "read_only": True,
        "reason": "a storm",
        "address": "127.0.0.1",
    }
    boss.submit("/admin/room", **form)
    assert call(mia, "message", "hi")["ok"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"slow_seconds": "3601", "reason": "x"}, "at most 3600 seconds"),
        ({"slow_seconds": "soon", "reason": "x"}, "must be a whole number"),
        ({"slow_seconds": "0", "threads": "some", "reason": "x"}, "off or free or required"),
        ({"slow_seconds": "0", "reason": ""}, "The reason is empty"),
        ({"slow_seconds": "0", "reason": "x", "archived": "on"}, "it stays open"),
    ],
)
def test_what_a_room_cannot_be_is_said_on_its_page(
    boss: Visitor, fields: dict[str, str], complaint: str
) -> None:
    answer = boss.submit("/admin/room", room="general", **fields)

    assert answer.status_code in (400, 403)
    assert complaint in answer.text
