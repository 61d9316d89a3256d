"""What admins do to rooms in the console: members, names, deletion; and who hears of it."""

from collections.abc import Iterator

import pytest
import socketio

from tests.admin.test_upkeep import audited, said
from tests.support.cast import with_account
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def bea(server: Server) -> Iterator[socketio.SimpleClient]:
    bea = with_account(server, "Bea")
    yield bea
    bea.disconnect()


def test_an_admin_adds_and_removes_members_of_a_private_room(
    server: Server, boss: Visitor, mia: socketio.SimpleClient, bea: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "salaries", "kind": "private"})
    assert call(bea, "join", {"room": "salaries"})["error"]["code"] == "no_such_room"
    form = {"room": "salaries", "reason": "Mia is away"}

    added = boss.submit("/admin/room/members", person=" @bea ", **form)

    assert added.status_code == 303
    assert hear(bea, "room")["name"] == "salaries"
    assert said(bea, "hello", "salaries") == 1
    assert {"room": "salaries", "name": "bea"}.items() <= audited(server, "add-member")[-1].items()
    boss.submit("/admin/room/members", remove="Bea", **form)
    assert hear(bea, "removed")["room"] == "salaries"
    assert (
        call(bea, "message", {"room": "salaries", "text": "?"})["error"]["code"] == "no_such_room"
    )
    assert audited(server, "remove-member")[-1]["reason"] == "Mia is away"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"person": "zzz", "reason": "x"}, "no account"),
        ({"person": "bea", "reason": ""}, "The reason is empty"),
        ({"person": "", "reason": "x"}, "name"),
        ({"remove": "zzz", "reason": "x"}, "is not in this room"),
    ],
)
def test_members_that_cannot_be_changed_are_said_on_the_page(
    boss: Visitor, mia: socketio.SimpleClient, fields: dict[str, str], complaint: str
) -> None:
    call(mia, "create", {"room": "plans", "kind": "private"})

    answer = boss.submit("/admin/room/members", room="plans", **fields)

    assert answer.status_code in (400, 404)
    assert complaint in answer.text
    assert (
        boss.submit("/admin/room/members", room="general", person="Bea", reason="x").status_code
        == 403
    )


def test_a_room_is_renamed_for_everyone_and_only_what_changed_is_noted(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "tea", "title": "Tea"})
    form = {"room": "tea", "slow_seconds": "0", "previews": "on", "reason": "clearer"}

    boss.submit("/admin/room", title="Tea & cake", topic="Thursdays", **form)

    while (news := hear(mia, "room"))["title"] != "Tea & cake":
        pass
    assert news["topic"] == "Thursdays"
    noted = audited(server, "room")
    assert {**noted[-1], "address": ""} == {
        "room": "tea",
        "title": "Tea & cake",
        "topic": "Thursdays",
        "reason": "clearer",
        "address": "",
    }
    boss.submit("/admin/room", title="Tea & cake", topic="Thursdays", **form)
    assert audited(server, "room") == noted


def test_a_room_is_deleted_for_everyone_after_its_address_was_typed(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "attic", "title": "Attic"})
    form = {"room": "attic", "reason": "empty"}
    assert boss.submit("/admin/room/delete", confirm="Attic?", **form).status_code == 400
    assert call(mia, "join", {"room": "attic"})["ok"]

    deleted = boss.submit("/admin/room/delete", confirm="#attic", **form)

    assert deleted.status_code == 303
    assert hear(mia, "removed")["room"] == "attic"
    assert call(mia, "join", {"room": "attic"})["error"]["code"] == "no_such_room"
    page = boss.get("/admin/room?name=attic").text
    assert "deleted" in page
    assert "/admin/room/delete" not in page
    assert audited(server, "delete-room")[-1]["reason"] == "empty"
    assert (
        boss.submit("/admin/room/delete", confirm="general", room="general", reason="x").status_code
        == 403
    )
    assert boss.submit("/admin/room", slow_seconds="0", **form, topic="?").status_code == 404


def test_rooms_are_listed_by_title_and_in_pages(boss: Visitor, mia: socketio.SimpleClient) -> None:
    for number in range(60):
        call(mia, "create", {"room": f"page-{99 - number}", "title": f"Paged {number:02}"})

    first = boss.get("/admin/rooms?q=paged").text
    second = boss.get("/admin/rooms?q=paged&after=page-50").text

    assert first.index("Paged 00") < first.index("Paged 49")
    assert "Paged 50" not in first
    assert "after=page-50" in first
    assert "Paged 49" not in second
    assert "Paged 59" in second


def test_an_admin_says_whether_a_room_has_threads_and_reads_who_answered_where(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "threaded"})
    root = said(mia, "cups?", "threaded")
    answer = {"room": "threaded", "text": "I do", "thread": root}
    assert call(mia, "message", answer)["ok"]
    form = {
        "room": "threaded",
        "slow_seconds": "0",
        "previews": "on",
        "title": "threaded",
        "topic": "",
        "pinning": "admins",
    }

    changed = boss.submit("/admin/room", threads="off", reason="too many", **form)

    assert changed.status_code == 303
    while hear(mia, "room")["threads"] != "off":
        pass
    assert call(mia, "message", answer)["error"]["code"] == "not_allowed"
    assert audited(server, "room")[-1]["threads"] == "off"
    assert "no threads" in boss.get("/admin/audit").text
    assert "only the creator and admins pin messages" in boss.get("/admin/audit").text
    assert f"in thread {root}" in boss.get("/admin/messages?room=threaded").text
