"""The picture of a preview is a copy, made anew, for those who may read the message."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chatapp.blobs.folder import FolderBlobs
from chatapp.upkeep.files.references import references
from tests.outbound.conftest import Host, host, page
from tests.support.files import Sender, picture
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until

__all__ = ["host"]

POT = picture("JPEG", (1200, 900), at=True)
HTML = b'<title>Tea</title><meta property="og:image" content="/pot">'


@pytest.fixture
def tea(host: Callable[..., Host]) -> Host:
    def say(connection: Any, head: bytes) -> None:
        if b"GET /pot" in head:
            connection.sendall(page(POT, "Content-Type: image/jpeg"))
        elif b"GET /broken" in head:
            connection.sendall(page(HTML.replace(b"/pot", b"/no-pot"), "Content-Type: text/html"))
        elif b"GET /no-pot" in head:
            connection.sendall(page(POT[:2000], "Content-Type: image/jpeg"))
        else:
            connection.sendall(page(HTML, "Content-Type: text/html"))

    return host(say)


@pytest.fixture
def server(tmp_path: Path, tea: Host) -> Iterator[Server]:
    server = server_with_admin(tmp_path, CHATAPP_OUTBOUND_HOSTS=tea.place)
    yield server
    server.close()


@pytest.fixture
def boss(server: Server) -> Iterator[Visitor]:
    boss = Visitor(server.url).sign_in()
    boss.submit("/admin/settings", previews="on")
    yield boss
    boss.close()


def previewed(ana: Sender, text: str) -> tuple[int, dict[str, Any]]:
    seq = ana.socket.call("message", {"text": text})["message"]["seq"]
    found: list[dict[str, Any]] = []

    def has_preview() -> bool:
        page = ana.socket.call("history", {"room": "general", "around": seq})["messages"]
        found[:] = next(each for each in page if each["seq"] == seq).get("previews", [])
        return bool(found)

    wait_until(has_preview, what="the preview")
    return seq, found[0]


def test_a_picture_is_copied_made_anew_and_goes_with_its_message(
    server: Server, tea: Host, boss: Visitor
) -> None:
    ana = Sender(server, "Ana")
    seq, preview = previewed(ana, tea.url)
    image = preview["image"]
    url = f"{server.url}/files/{image['id']}/{image['name']}"

    answer = ana.http.get(url)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(answer.content)) as copied:
        assert copied.size == (image["width"], image["height"]) == (960, 720)
        assert not copied.getexif()
    assert Visitor(server.url).get(f"/files/{image['id']}/{image['name']}").status_code in {
        401,
        404,
    }
    assert references(server.data / "messages").kept == {image["sha256"]: image["bytes"]}

    ana.socket.call("hide_previews", {"room": "general", "seq": seq})
    assert ana.http.get(url).status_code == 404

    boss.submit("/admin/erasures/message", room="general", seq=seq, reason="by request")
    blobs = FolderBlobs(server.data / "files")
    wait_until(lambda: blobs.size(image["sha256"]) is None, what="the bytes to go")


def test_a_picture_that_is_broken_leaves_a_preview_without_one(
    server: Server, tea: Host, boss: Visitor
) -> None:
    _, preview = previewed(Sender(server, "Ana"), tea.url.replace("/page", "/broken"))

    assert preview["title"] == "Tea"
    assert "image" not in preview
    assert list(FolderBlobs(server.data / "files").names()) == []
