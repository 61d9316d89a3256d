"""Admins see which files there are, read those of deleted messages, and remove one."""

from collections.abc import Iterator
from typing import Any

import pytest

from chatapp.blobs.folder import FolderBlobs
from tests.support.files import Sender, picture
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("chat"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def boss(chat: Server) -> Iterator[Visitor]:
    boss = Visitor(chat.url).sign_in()
    yield boss
    boss.close()


@pytest.fixture(scope="module")
def ana(chat: Server) -> Iterator[Sender]:
    ana = Sender(chat, "Ana")
    yield ana
    ana.close()


@pytest.fixture(scope="module")
def bo(chat: Server) -> Iterator[Sender]:
    bo = Sender(chat, "Bo")
    yield bo
    bo.close()


def say(person: Sender, *files: dict[str, Any], room: str = "general") -> int:
    ids = [file["id"] for file in files]
    answer = call(person.socket, "message", {"room": room, "text": "look", "files": ids})
    seq: int = answer["message"]["seq"]
    return seq


def has_bytes(chat: Server, file: dict[str, Any]) -> bool:
    return FolderBlobs(chat.data / "files").size(file["sha256"]) is not None


def test_files_are_listed_and_found(boss: Visitor, ana: Sender, bo: Sender):
    call(ana.socket, "create", {"room": "kitchen"})
    call(ana.socket, "create", {"room": "secret", "kind": "private"})
    sun = ana.send(picture(size=(9, 9)), "sun over <b>.png")
    plan = bo.send(b"the plan", "北京 plan.txt")
    hidden = ana.send(b"for us only", "hidden.txt")
    say(ana, sun, room="kitchen")
    say(bo, plan)
    say(ana, hidden, room="secret")

    def names(query: str = "") -> list[bool]:
        page = boss.get(f"/admin/files{query}").text
        assert "hidden.txt" not in page
        return [name in page for name in ("sun over _b_.png", "北京 plan.txt")]

    assert names() == [True, True]
    assert names("?text=sun") == [True, False]
    assert names("?text=北京") == [False, True]
    assert names("?kind=image") == [True, False]
    assert names("?kind=document") == [False, True]
    assert names("?sender=bo") == [False, True]
    assert names("?room=kitchen") == [True, False]
    assert names("?text=nowhere") == [False, False]
    assert "reason" in boss.get("/admin/files?room=secret").text
    assert boss.get("/admin/files?kind=soup").status_code == 400
    page = boss.get("/admin/files").text
    assert "of 10 GB" in page
    assert "Who has most" in page


def test_a_private_rooms_file_is_closed(boss: Visitor, ana: Sender):
    call(ana.socket, "create", {"room": "closed", "kind": "private"})
    file = ana.send(b"nobody's business", "diary.txt")
    seq = say(ana, file, room="closed")
    path = f"/admin/file?room=closed&seq={seq}&id={file['id']}"

    before = boss.get(path)
    boss.submit("/admin/rooms/view", room="closed", reason="a complaint")
    after = boss.get(path)

    assert before.status_code == 403
    assert after.content == b"nobody's business"


def test_a_removed_file_leaves_its_message(chat: Server, boss: Visitor, ana: Sender, bo: Sender):
    bad, good = ana.send(b"it must go", "bad.txt"), ana.send(b"it may stay", "good.txt")
    seq = say(ana, bad, good)
    while hear(bo.socket, "message").get("seq") != seq:
        pass

    refused = boss.submit("/admin/files/remove", room="general", seq=seq, id=bad["id"], reason="")
    assert refused.status_code == 400
    answer = boss.submit(
        "/admin/files/remove", room="general", seq=seq, id=bad["id"], reason="asked by police"
    )

    assert answer.status_code == 303
    heard = hear(bo.socket, "edit")
    assert (heard["target"], heard["files"][0]["sha256"]) == (seq, bad["sha256"])
    wait_until(lambda: not has_bytes(chat, bad), what="the bytes to go")
    assert has_bytes(chat, good)
    [message] = call(bo.socket, "history", {"room": "general", "around": seq, "limit": 1})[
        "messages"
    ]
    assert message["text"] == "look"
    assert "edited_at" not in message
    assert message["files"] == [
        {**bad, "name": "", "removed": True},
        good,
    ]
    assert bo.get(f"/files/{bad['id']}/bad.txt").status_code == 404
    assert bo.get(f"/files/{good['id']}/good.txt").content == b"it may stay"
    assert "bad.txt" not in boss.get("/admin/files").text
    assert "Removed a file from message" in boss.get("/admin/audit").text
    assert "A file that was removed" in boss.get(f"/admin/message?room=general&seq={seq}").text
    again = boss.submit(
        "/admin/files/remove", room="general", seq=seq, id=bad["id"], reason="once more"
    )
    assert again.status_code == 404


def test_bytes_that_another_message_has_stay(chat: Server, boss: Visitor, ana: Sender, bo: Sender):
    one, two = ana.send(b"the same bytes", "one.txt"), bo.send(b"the same bytes", "two.txt")
    seq, other = say(ana, one), say(bo, two)

    boss.submit("/admin/files/remove", room="general", seq=seq, id=one["id"], reason="a reason")

    wait_until(lambda: ana.get(f"/files/{one['id']}/x").status_code == 404, what="it to go")
    assert ana.get(f"/files/{two['id']}/x").content == b"the same bytes"
    page = call(ana.socket, "files", {"room": "general"})["files"]
    assert one["id"] not in [each["file"]["id"] for each in page]
    assert other in [each["seq"] for each in page]


def test_admins_read_and_remove_the_files_of_deleted_messages(
    chat: Server, boss: Visitor, ana: Sender
):
    file = ana.send(b"I regret this", "regret.txt")
    seq = say(ana, file)
    epoch = call(ana.socket, "join", {"room": "general"})["room"]["epoch"]
    known = {"room": "general", "epoch": epoch, "after": seq - 1}
    assert call(ana.socket, "resume", known)["events"][0]["files"] == [file]
    call(ana.socket, "delete", {"room": "general", "seq": seq})
    assert "files" not in call(ana.socket, "resume", known)["events"][0]
    path = f"/admin/file?room=general&seq={seq}&id={file['id']}"

    page = boss.get("/admin/files").text
    assert "regret.txt" in page
    assert "message deleted" in page
    shown = boss.get(path)
    assert shown.content == b"I regret this"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert ana.get(f"/files/{file['id']}/regret.txt").status_code == 404

    boss.submit("/admin/files/remove", room="general", seq=seq, id=file["id"], reason="a reason")
    wait_until(lambda: not has_bytes(chat, file), what="the bytes to go")
    assert boss.get(path).status_code == 404
    assert "regret.txt" not in boss.get("/admin/files").text


def test_erasing_a_moved_message_erases_where_it_was_too(chat: Server, boss: Visitor, ana: Sender):
    call(ana.socket, "create", {"room": "moved"})
    file = ana.send(b"written in the wrong room", "wrong.txt")
    seq = say(ana, file)
    call(ana.socket, "move", {"room": "general", "seqs": [seq], "to_room": "moved"})
    [copy] = [
        each
        for each in call(ana.socket, "history", {"room": "moved"})["messages"]
        if each.get("files")
    ]
    assert ana.get(f"/files/{file['id']}/wrong.txt").content == b"written in the wrong room"

    boss.submit("/admin/erasures/message", room="moved", seq=copy["seq"], reason="by request")

    wait_until(lambda: not has_bytes(chat, file), what="the bytes to go")
    logged = b"".join(path.read_bytes() for path in (chat.data / "messages").glob("0*.jsonl"))
    assert b"wrong.txt" not in logged
