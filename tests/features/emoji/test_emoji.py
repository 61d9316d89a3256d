"""The chat's own emoji with real clients of a real server: from an upload to a reaction."""

import io

import pytest
from PIL import Image

from chatapp.blobs.folder import FolderBlobs
from tests.features.emoji.test_pictures import animation
from tests.support.cast import chatapp, with_account
from tests.support.files import Sender, picture
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


def blobs_of(house: Server) -> set[str]:
    return {name for name, _ in FolderBlobs(house.data / "files").names()}


def code(answer: dict) -> str:
    return "ok" if answer["ok"] else str(answer["error"]["code"])


def test_an_upload_becomes_an_emoji_for_everybody(house: Server, ana: Sender):
    ben = with_account(house, "Ben")
    upload = ana.send(animation(frames=4), "party.gif")

    answer = call(
        ana.socket, "add_emoji", {"name": "party_on", "file": upload["id"], "aliases": ["woo"]}
    )

    emoji = answer["emoji"]
    assert (emoji["name"], emoji["aliases"], emoji["animated"]) == ("party_on", ["woo"], True)
    change = hear(ben, "emoji")
    assert (change["name"], change["emoji"]) == ("party_on", emoji)
    listed = call(ben, "emoji", {})
    assert listed == {"ok": True, "version": change["version"], "emoji": [emoji]}
    assert call(ben, "emoji", {"version": change["version"]}) == {
        "ok": True,
        "version": change["version"],
    }
    assert call(ben, "rooms", {})["emoji"] == change["version"]
    assert ana.get(f"/api/v1/files/{upload['id']}").status_code == 404, "the upload is used up"
    wait_until(lambda: upload["sha256"] not in blobs_of(house), what="its bytes to be gone")
    assert blobs_of(house) == {emoji["sha256"], emoji["sha256"] + ".preview"}

    for address, frames in ((emoji["sha256"], 4), (emoji["sha256"] + "/still", 1)):
        served = ana.get(f"/emoji/{address}")
        assert served.headers["Content-Type"] == "image/webp"
        assert served.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in served.headers["Content-Security-Policy"]
        assert getattr(Image.open(io.BytesIO(served.content)), "n_frames", 1) == frames
    assert ana.http.get(house.url + f"/emoji/{emoji['sha256']}", headers={
        "Authorization": "Bearer nobody"
    }).status_code == 401  # fmt: skip

    seq = call(ana.socket, "message", {"text": "so :party_on:"})["message"]["seq"]
    reacted = call(ben, "react", {"room": "general", "seq": seq, "emoji": ":woo:", "on": True})
    assert reacted["event"]["emoji"] == ":party_on:"
    assert call(ben, "remove_emoji", {"name": "party_on"})["error"]["code"] == "not_allowed"
    assert call(ana.socket, "remove_emoji", {"name": "woo"}) == {"ok": True}
    assert hear(ben, "emoji")["emoji"] is None
    assert call(ben, "rooms", {})["emoji"] == ""
    assert ana.get(f"/emoji/{emoji['sha256']}").status_code == 404
    wait_until(lambda: not blobs_of(house), what="the picture to be gone")

    again = {"room": "general", "seq": seq, "emoji": ":party_on:"}
    history = call(ben, "history", {"room": "general", "around": seq, "limit": 1})
    [message] = history["messages"]
    assert (message["text"], message["reactions"]) == ("so :party_on:", {":party_on:": ["Ben"]})
    assert code(call(ana.socket, "react", {**again, "on": True})) == "not_found"
    assert code(call(ben, "react", {**again, "on": False})) == "ok"


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"some text", "text", "unsupported"),
        (picture()[:50], "cut_off", "unsupported"),
        (picture("PNG") + bytes(256 * 1024), "too_large", "too_large"),
        (picture(), "fire", "name_taken"),
        (picture(), "?", "bad_name"),
    ],
)
def test_what_is_refused_changes_nothing(house, ana: Sender, content, name: str, expected: str):
    before = blobs_of(house)
    upload = ana.send(content)

    answer = call(ana.socket, "add_emoji", {"name": name, "file": upload["id"]})

    assert code(answer) == expected
    assert call(ana.socket, "emoji", {})["emoji"] == []
    assert ana.ask("DELETE", f"/api/v1/files/{upload['id']}").status_code == 200, "still there"
    wait_until(lambda: blobs_of(house) == before, what="nothing to be left")


def test_a_removed_picture_is_not_served_although_a_file_has_its_bytes(house: Server, ana: Sender):
    added = {"name": "twice", "file": ana.send(picture("WEBP"))["id"]}
    digest = call(ana.socket, "add_emoji", added)["emoji"]["sha256"]
    as_emoji = ana.get(f"/emoji/{digest}")
    assert as_emoji.status_code == 200
    same = ana.send(as_emoji.content, "same.webp")
    assert same["sha256"] == digest
    assert call(ana.socket, "message", {"files": [same["id"]]})["ok"]

    assert call(ana.socket, "remove_emoji", {"name": "twice"})["ok"]

    assert ana.get(f"/emoji/{digest}").status_code == 404
    assert digest in blobs_of(house)


def test_only_ones_own_upload_that_is_not_sent_becomes_an_emoji(house: Server, ana: Sender):
    eve = with_account(house, "Eve")
    upload = ana.send(picture())
    wanted = {"name": "mine", "file": upload["id"]}

    assert code(call(eve, "add_emoji", wanted)) == "not_found"
    assert call(ana.socket, "message", {"text": "", "files": [upload["id"]]})["ok"]
    assert code(call(ana.socket, "add_emoji", wanted)) == "attached"
    assert code(call(ana.socket, "add_emoji", {**wanted, "file": "missing"})) == "not_found"
    assert call(ana.socket, "emoji", {})["emoji"] == []


def test_the_command_line_adds_one_while_the_server_runs(house: Server, ana: Sender, tmp_path):
    path = tmp_path / "logo.webp"
    path.write_bytes(picture("WEBP", (300, 300)))

    chatapp(house, "emoji", "add", "logo", str(path), "--alias", "brand")

    [emoji] = call(ana.socket, "emoji", {})["emoji"]
    assert (emoji["name"], emoji["aliases"], emoji.get("by")) == ("logo", ["brand"], None)
    assert ":logo:" in chatapp(house, "emoji", "list")
    assert code(call(ana.socket, "remove_emoji", {"name": "logo"})) == "not_allowed"
    chatapp(house, "emoji", "remove", "logo")
    assert call(ana.socket, "emoji", {})["emoji"] == []


def test_admins_see_all_of_them_in_the_console_and_remove_them(tmp_path):
    server = server_with_admin(tmp_path)
    try:
        ana, boss = Sender(server, "Ana"), Visitor(server.url).sign_in()
        upload = ana.send(animation(frames=4), "party.gif")
        call(ana.socket, "add_emoji", {"name": "party_on", "file": upload["id"]})

        page = boss.get("/admin/emoji").text
        assert all(word in page for word in (":party_on:", "Ana", "animated", "1 emoji"))
        assert boss.submit("/admin/emoji/remove", name="party_on").status_code == 303

        assert hear(ana.socket, "emoji")["emoji"] is not None
        assert hear(ana.socket, "emoji")["emoji"] is None
        assert "There are no emoji here yet." in boss.get("/admin/emoji").text
        assert boss.submit("/admin/emoji/remove", name="party_on").status_code == 404
        audit = boss.get("/admin/audit").text
        assert "Added the emoji :party_on:" in audit
        assert "Removed the emoji :party_on:" in audit
        boss.submit("/admin/settings", emoji_makers="nobody")
        file = ana.send(picture())["id"]
        refused = call(ana.socket, "add_emoji", {"name": "new_one", "file": file})
        assert code(refused) == "not_allowed"
        ana.close()
    finally:
        server.close()
