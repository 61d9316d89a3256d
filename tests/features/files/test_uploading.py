"""Files sent to a real server in one request, attached, and read again."""

import hashlib
import subprocess

import pytest

from tests.support.files import HERE, Sender, picture
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


def said(person: Sender, files, **more):
    return call(person.socket, "message", {"files": files, **more})


def test_a_file_is_sent_and_read_again(ana: Sender):
    content = b"some text\n" * 1000

    file = ana.send(content, "notes.txt")

    assert len(file.pop("id")) == 22
    assert file == {
        "name": "notes.txt",
        "type": "text/plain",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_several_files_are_sent_with_curl(house, ana: Sender, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a" * 300_000)
    (tmp_path / "ñandú 2.png").write_bytes(picture())
    token = ana.http.headers["Authorization"]

    sent = subprocess.run(
        ["curl", "-s", "-F", "file=@a.txt", "-F", "file=@ñandú 2.png", "-F", "x=y",
         "-H", f"Authorization: {token}", house.url + HERE],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert '"ok":true' in sent
    assert [name in sent for name in ('"a.txt"', '"ñandú 2.png"', "image/png")] == [True] * 3


def test_a_message_with_files_reaches_the_others_and_they_read_them(ana: Sender, bo: Sender):
    photo = ana.send(picture("JPEG", (3000, 200), turned=True), "beach.jpg")
    notes = ana.send(b"hello", "notes.txt")
    assert bo.get(f"/files/{photo['id']}/beach.jpg").status_code == 404

    answer = said(ana, [photo["id"], {"id": notes["id"], "alt": "What we need"}], cid="first")

    assert answer["ok"]
    assert answer["message"]["files"] == [photo, notes | {"alt": "What we need"}]
    assert (photo["width"], photo["height"]) == (200, 3000)
    heard = call(bo.socket, "history", {"room": "general", "limit": 1})["messages"][0]
    assert heard["files"] == answer["message"]["files"]
    assert bo.get(f"/files/{notes['id']}/x").content == b"hello"
    preview = bo.get(f"/files/{photo['id']}/preview")
    assert (preview.status_code, preview.headers["Content-Type"]) == (200, "image/webp")
    assert bo.get(f"/files/{photo['id']}/preview?size=full").headers["Content-Type"] == "image/webp"
    assert bo.get(f"{HERE}/{photo['id']}").json()["file"] == photo


def test_a_retry_is_the_same_message_and_another_one_does_not_get_the_file(ana: Sender):
    file = ana.send(b"once")["id"]
    first = said(ana, [file], cid="retried")

    again = said(ana, [file], cid="retried")
    other = said(ana, [file], cid="another")
    without = said(ana, [file])

    assert again["duplicate"]
    assert again["message"]["seq"] == first["message"]["seq"]
    assert [refused["error"]["code"] for refused in (other, without)] == ["attached"] * 2


def test_nobody_attaches_what_is_not_theirs_or_not_there(ana: Sender, bo: Sender):
    file = ana.send(b"mine")["id"]

    for files in ([file], ["nothing"], [""], ["../secret"]):
        assert said(bo, files)["error"]["code"] == "not_found"
    assert said(ana, [file, file])["error"]["code"] == "bad_payload"
    assert said(ana, [file] * 11)["error"]["code"] == "bad_payload"
    assert said(ana, [], text="")["error"]["code"] == "empty"
    assert said(ana, [file])["ok"]


def test_a_message_that_is_refused_leaves_the_file_free(ana: Sender):
    file = ana.send(b"free")["id"]

    assert said(ana, [file], room="missing")["error"]["code"] == "no_such_room"
    assert said(ana, [file], text="x" * 20_000)["error"]["code"] == "too_long"
    assert said(ana, [file], reply_to=99_999)["error"]["code"] == "not_found"
    assert said(ana, [file])["ok"]


def test_who_leaves_a_private_room_reads_its_files_no_more(ana: Sender, bo: Sender):
    call(ana.socket, "create", {"room": "secret", "kind": "private"})
    call(ana.socket, "invite", {"room": "secret", "name": "Bo"})
    file = ana.send(b"between us")["id"]
    said(ana, [file], room="secret")
    assert bo.get(f"/files/{file}/x").status_code == 200

    call(ana.socket, "remove", {"room": "secret", "name": "Bo"})

    assert bo.get(f"/files/{file}/x").status_code == 404
    assert bo.get(f"/files/{file}/preview").status_code == 404
    assert bo.get(f"{HERE}/{file}").status_code == 404
    assert ana.get(f"/files/{file}/x").status_code == 200


def test_the_files_of_a_deleted_message_are_gone(ana: Sender, bo: Sender):
    file = ana.send(b"a mistake")["id"]
    seq = said(ana, [file])["message"]["seq"]
    assert bo.get(f"/files/{file}/x").status_code == 200

    call(ana.socket, "delete", {"room": "general", "seq": seq})

    assert [each.get(f"/files/{file}/x").status_code for each in (ana, bo)] == [404, 404]
    assert said(ana, [file])["error"]["code"] == "attached"


def test_one_removes_what_one_has_not_attached(house, ana: Sender, bo: Sender):
    content = b"never mind, but not like any other file"
    first, same = ana.send(content), ana.send(content)
    kept = house.data / "files" / first["sha256"][:2] / first["sha256"][2:4] / first["sha256"]
    assert bo.ask("DELETE", f"{HERE}/{first['id']}").status_code == 404

    assert ana.ask("DELETE", f"{HERE}/{first['id']}").status_code == 200

    assert ana.get(f"{HERE}/{first['id']}").status_code == 404
    assert ana.get(f"/files/{same['id']}/x").content == content
    assert ana.ask("DELETE", f"{HERE}/{same['id']}").status_code == 200
    wait_until(lambda: not kept.exists(), what="the bytes to be gone")


def test_an_attached_file_is_not_removed(ana: Sender):
    file = ana.send(b"said")["id"]
    said(ana, [file])

    answer = ana.ask("DELETE", f"{HERE}/{file}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")


def test_a_guest_sends_with_the_cookie_and_the_token_of_forms(house):
    guest = Visitor(house.url)
    assert guest.submit("/name", name="Gus").status_code == 303
    token = guest.token

    without = guest.http.post(house.url + HERE, data=b"x")
    sent = guest.http.post(house.url + HERE, data=b"x", headers={"X-CSRF-Token": token})
    nobody = Visitor(house.url)
    unknown = nobody.http.post(house.url + HERE, data=b"x", headers={"X-CSRF-Token": nobody.token})
    wrong = nobody.http.post(house.url + HERE, data=b"x", headers={"Authorization": "Bearer no"})

    assert [each.status_code for each in (without, sent, unknown, wrong)] == [403, 201, 401, 401]
    guest.close()
    nobody.close()


@pytest.mark.parametrize("size", [0, 1, 65_536, 5_000_001])
def test_every_byte_comes_back(ana: Sender, size: int):
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)

    raw = ana.send(content, "raw.bin")
    answer = ana.ask("POST", HERE, files={"file": ("form.bin", content)})

    [form] = answer.json()["files"]
    assert raw["sha256"] == form["sha256"] == hashlib.sha256(content).hexdigest()
    assert ana.get(f"/files/{form['id']}/x").content == content


def test_a_body_in_chunks_is_a_file_too(ana: Sender):
    answer = ana.ask("POST", HERE, data=iter([b"one ", b"two " * 50_000, b"three"]))

    [file] = answer.json()["files"]
    assert file["bytes"] == 4 + 4 * 50_000 + 5
