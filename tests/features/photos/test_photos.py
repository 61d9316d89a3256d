"""Photos with real clients of a real server: from an upload to everybody's page, and gone again."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from chatapp.blobs.folder import FolderBlobs
from chatapp.client import ChatClient
from chatapp.exit_codes import NOT_FOUND, OTHER
from tests.cluster.test_pushes import hear_of
from tests.support.cast import COMMAND_SECONDS, chatapp, new_token, with_account
from tests.support.files import Sender, picture
from tests.support.server import Server, environment
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.support.warm import run_warm
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def ana(house: Server) -> Iterator[Sender]:
    ana = Sender(house, "Ana")
    yield ana
    ana.close()


def blobs_of(house: Server) -> set[str]:
    return {name for name, _ in FolderBlobs(house.data / "files").names()}


def test_an_upload_becomes_a_photo_that_everybody_sees_until_it_is_removed(
    house: Server, ana: Sender
):
    ben = with_account(house, "Ben")
    before = blobs_of(house)
    upload = ana.send(picture("JPEG", (600, 400), at=True), "me.jpg")

    profile = call(ana.socket, "photo", {"file": upload["id"]})["profile"]

    digest = profile["photo"]
    assert hear_of(ben, "profile", name="Ana")["photo"] == digest
    [listed] = call(ben, "people", {"names": ["Ana"]})["people"]
    assert listed["photo"] == digest
    served = ana.get(f"/photos/{digest}")
    assert served.headers["Content-Type"] == "image/webp"
    assert served.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert Image.open(io.BytesIO(served.content)).size == (256, 256)
    stranger = {"Authorization": "Bearer nobody"}
    assert ana.http.get(f"{house.url}/photos/{digest}", headers=stranger).status_code == 401
    assert ana.get(f"/api/v1/files/{upload['id']}").status_code == 404, "the upload is used up"
    wait_until(lambda: blobs_of(house) == before | {digest}, what="the upload's bytes to be gone")

    again = ana.send(picture("PNG", (90, 80)), "other.png")
    answer = ana.ask("POST", "/api/v1/photo", json={"file": again["id"]})
    changed = answer.json()["profile"]["photo"]
    assert changed != digest
    assert hear_of(ben, "profile", name="Ana")["photo"] == changed
    assert ana.get(f"/photos/{digest}").status_code == 404
    wait_until(lambda: blobs_of(house) == before | {changed}, what="the old photo to be gone")

    assert "photo" not in call(ana.socket, "photo", {"file": ""})["profile"]
    assert "photo" not in hear_of(ben, "profile", name="Ana")
    wait_until(lambda: blobs_of(house) == before, what="the photo to be gone")


def test_what_is_no_photo_changes_nothing(house: Server, ana: Sender):
    ben = Sender(house, "Bea")
    before = blobs_of(house)
    theirs = ben.send(picture(), "theirs.png")
    text = ana.send(b"no picture", "me.png")
    posted = ana.send(picture("PNG", (50, 50)), "posted.png")
    call(ana.socket, "message", {"text": "look", "files": [{"id": posted["id"]}]})

    codes = {
        name: call(ana.socket, "photo", {"file": file})["error"]["code"]
        for name, file in {
            "theirs": theirs["id"],
            "text": text["id"],
            "posted": posted["id"],
            "missing": "missing",
            "long": "x" * 1000,
        }.items()
    }

    assert codes == {
        "theirs": "not_found",
        "text": "unsupported",
        "posted": "attached",
        "missing": "not_found",
        "long": "bad_payload",
    }
    [listed] = call(ana.socket, "people", {"names": ["Ana"]})["people"]
    assert "photo" not in listed
    assert ben.get(f"/photos/{posted['sha256']}").status_code == 404, "a file is no photo"
    ben.close()
    assert {theirs["sha256"], posted["sha256"]} <= blobs_of(house) - before


def test_the_python_client_sets_a_photo(house: Server, tmp_path: Path):
    file = tmp_path / "zoë.png"
    file.write_bytes(picture("PNG", (300, 500)))

    with ChatClient(house.url, token=new_token(house, "Zoe", "member")) as zoe:
        digest = zoe.photo(file).photo
        assert zoe.people(["Zoe"])[0].photo == digest != ""
        assert zoe.photo(None).photo == ""


def test_the_command_line_and_the_console_set_and_remove_photos(tmp_path: Path):
    file, broken = tmp_path / "me.png", tmp_path / "broken.png"
    file.write_bytes(picture("PNG", (3000, 2000)))
    broken.write_bytes(file.read_bytes()[:500])
    server = server_with_admin(tmp_path)
    try:
        boss = Visitor(server.url).sign_in()
        assert "cannot be read" in refused(server, "photo", "admin", str(broken))
        assert "no account" in refused(server, "photo", "nobody", str(file))
        assert "has no photo" in refused(server, "remove-photo", "admin")
        chatapp(server, "user", "photo", "admin", str(file))
        [digest] = blobs_of(server)
        for page in ("/admin/person?name=admin", "/admin/people", "/account"):
            assert f"/photos/{digest}" in boss.get(page).text
        assert boss.submit("/admin/person/remove-photo", name="admin").status_code == 303
        wait_until(lambda: blobs_of(server) == set(), what="the photo to be gone")
        audit = boss.get("/admin/audit").text
        assert "Set a photo of admin" in audit
        assert "Removed the photo of admin" in audit
        boss.close()
    finally:
        server.close()

    chatapp(server, "user", "photo", "admin", str(file))
    assert blobs_of(server) == {digest}, "without a server"
    chatapp(server, "log", "verify", "--files")
    chatapp(server, "user", "photo", "admin", str(file))
    assert blobs_of(server) == {digest}, "the same photo again"
    chatapp(server, "user", "remove-photo", "admin")
    assert blobs_of(server) == set()


def refused(server: Server, *words: str) -> str:
    settings = environment({"CHATAPP_DATA": str(server.data)})
    done = run_warm(("user", *words), settings, timeout=COMMAND_SECONDS)
    assert done.returncode in (OTHER, NOT_FOUND)
    return done.stderr
