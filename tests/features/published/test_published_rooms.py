"""Rooms that the web can read, at a real server: what is there, for whom, and what never is."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from tests.support.cast import chatapp, new_token, with_token
from tests.support.files import picture
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.test_way_of_a_message import call, hear

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SCRIPT = "<script>alert(1)</script> & *hello*"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("published"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def boss(server: Server) -> Iterator[Visitor]:
    boss = Visitor(server.url).sign_in()
    boss.submit("/admin/settings", web_rooms="on", was_web_rooms="off")
    yield boss
    boss.close()


@pytest.fixture(scope="module")
def mia(server: Server, boss: Visitor) -> Iterator[socketio.SimpleClient]:
    mia = with_token(server, new_token(server, "mia", "member"))
    yield mia
    mia.disconnect()


def get(server: Server, path: str, **headers: str) -> requests.Response:
    return requests.get(server.url + path, headers=headers, timeout=DEADLINE_SECONDS)


def say(mia: socketio.SimpleClient, room: str, text: str, **more: Any) -> int:
    answer = call(mia, "message", {"room": room, "text": text, **more})
    assert answer["ok"], answer
    return int(answer["message"]["seq"])


def open_room(server: Server, mia: socketio.SimpleClient, room: str, *options: str) -> None:
    call(mia, "create", {"room": room})
    chatapp(server, "room", "publish", room, "--reason", "for everyone", *options)


def test_what_is_written_from_now_on_is_read_without_an_account(
    server: Server, mia: socketio.SimpleClient, tmp_path: Path
) -> None:
    (tmp_path / "mia.png").write_bytes(picture())
    chatapp(server, "user", "photo", "mia", str(tmp_path / "mia.png"))
    call(mia, "create", {"room": "garden"})
    before = say(mia, "garden", "BEFORE")
    assert get(server, "/web/garden/").status_code == 404

    chatapp(server, "room", "publish", "garden", "--reason", "for everyone")
    wait_until(lambda: hear(mia, "room")["published"], what="the room to be told")
    seq = say(mia, "garden", SCRIPT)
    reply = say(mia, "garden", "A REPLY", thread=seq)

    page = get(server, "/web/garden/")
    assert page.status_code == 200
    assert "BEFORE" not in page.text
    assert "opened the room" not in page.text, "lines of the chat concern the room"
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<em>hello</em>" in page.text
    assert "1 reply" in page.text
    message = get(server, f"/web/garden/{seq}")
    assert "A REPLY" in message.text
    assert f'<link rel="canonical" href="{server.url}/web/garden/{seq}">' in message.text
    assert f'href="{server.url}/web/garden/{seq}"' in get(server, f"/web/garden/{reply}").text
    assert "og:title" in message.text
    assert "/photos/" not in message.text, "photos are for people in the chat"
    assert "garden" in get(server, "/web/").text
    for gone in (f"/web/garden/{before}", "/web/garden/99", "/web/nowhere/", "/web/garden/0"):
        assert get(server, gone).status_code == 404, gone
    lines = call(mia, "history", {"room": "garden"})["messages"]
    assert "published" in [line["system"]["what"] for line in lines if "system" in line]


def test_votes_that_are_hidden_in_the_chat_are_hidden_on_the_web(
    server: Server, mia: socketio.SimpleClient
) -> None:
    open_room(server, mia, "ballots")
    polls: dict[bool, int] = {}
    for hidden in (True, False):
        poll = {"question": "Lunch?", "options": ["Pizza", "Salad"], "hidden": hidden}
        answer = call(mia, "message", {"room": "ballots", "text": "", "poll": poll})
        polls[hidden] = answer["message"]["seq"]
        call(mia, "vote", {"room": "ballots", "seq": polls[hidden], "options": [0]})

    pages = {hidden: get(server, f"/web/ballots/{seq}").text for hidden, seq in polls.items()}

    assert "Pizza" in pages[True]
    assert '<span class="poll-count">1</span>' in pages[False]
    assert "poll-count" not in pages[True]


def test_what_is_deleted_or_withdrawn_is_gone_at_once_from_caches_too(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    open_room(server, mia, "news")
    seq = say(mia, "news", "SOON GONE")
    page = get(server, "/web/news/")
    assert page.headers["Cache-Control"] == "no-cache"
    same = get(server, "/web/news/", **{"If-None-Match": page.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")

    call(mia, "delete", {"room": "news", "seq": seq})

    changed = get(server, "/web/news/", **{"If-None-Match": page.headers["ETag"]})
    assert changed.status_code == 200
    assert "SOON GONE" not in changed.text
    assert get(server, f"/web/news/{seq}").status_code == 404
    say(mia, "news", "STILL THERE")
    chatapp(server, "room", "withdraw", "news", "--reason", "no longer")
    pages = ["/web/news/", f"/web/news/{seq + 2}", "/web/news/feed.atom", "/web/news/sitemap-1.xml"]
    for path in pages:
        assert get(server, path).status_code == 404, path
    assert "news" not in get(server, "/web/").text
    boss.submit("/admin/settings", web_rooms="off", was_web_rooms="on")
    assert get(server, "/web/").status_code == get(server, "/web/garden/").status_code == 404
    assert "Allow" not in get(server, "/robots.txt").text
    boss.submit("/admin/settings", web_rooms="on", was_web_rooms="off")


def test_files_of_published_messages_are_read_and_no_others(
    server: Server, mia: socketio.SimpleClient, boss: Visitor
) -> None:
    open_room(server, mia, "pictures")

    def post(room: str) -> tuple[int, str]:
        answer = boss.http.post(
            f"{server.url}/api/v1/files",
            files={"file": ("my notes.txt", b"what I noted")},
            headers={"X-CSRF-Token": boss.token},
            timeout=DEADLINE_SECONDS,
        )
        assert answer.status_code == 201, answer.text
        return 0, str(answer.json()["files"][0]["id"])

    _, id = post("pictures")
    admin = socketio.SimpleClient()
    admin.connect(server.url, headers={"Cookie": cookies(boss)}, transports=["websocket"])
    call(admin, "join", {"room": "pictures"})
    seq = call(admin, "message", {"room": "pictures", "files": [id]})["message"]["seq"]
    _, other = post("general")
    call(admin, "message", {"room": "general", "files": [other]})

    page = get(server, "/web/pictures/").text
    (url,) = re.findall(r'href="(/web/pictures/\d+/files/[^"]+)"', page)
    file = get(server, url)
    assert (file.status_code, file.content) == (200, b"what I noted")
    assert "sandbox" in file.headers["Content-Security-Policy"]
    for path in (f"/web/pictures/{seq}/files/{other}/x", f"/files/{id}/x"):
        assert get(server, path).status_code in (401, 404), path
    call(admin, "delete", {"room": "pictures", "seq": seq})
    assert get(server, url).status_code == 404
    admin.disconnect()


def cookies(visitor: Visitor) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in visitor.http.cookies)


def test_search_engines_and_feeds_find_every_message(
    server: Server, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "archive"})
    seqs = [say(mia, "archive", f"number {number} & more") for number in range(120)]
    chatapp(server, "room", "publish", "archive", "--everything", "--reason", "for everyone")

    robots = get(server, "/robots.txt").text
    sitemaps = ElementTree.fromstring(get(server, f"/web/{robots.split('/web/')[2].strip()}").text)
    found: set[str] = set()
    for part in [each.text or "" for each in sitemaps.iter(f"{SITEMAP}loc")]:
        urls = ElementTree.fromstring(get(server, part.removeprefix(server.url)).text)
        found |= {each.text or "" for each in urls.iter(f"{SITEMAP}loc")}
        assert all(each.text for each in urls.iter(f"{SITEMAP}lastmod"))
    assert found >= {f"{server.url}/web/archive/{seq}" for seq in seqs}
    feed = ElementTree.fromstring(get(server, "/web/archive/feed.atom").text)
    titles = [each.findtext(f"{ATOM}title") for each in feed.iter(f"{ATOM}entry")]
    assert titles[0] == "number 119 & more"
    read: list[str] = []
    path: str | None = "/web/archive/"
    while path:
        page = get(server, path).text
        read += re.findall(r"number (\d+) &amp; more</p>", page)
        older = re.search(r'rel="prev" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert sorted(map(int, read)) == list(range(120))


def test_only_admins_publish_and_only_public_rooms(
    server: Server, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    call(mia, "create", {"room": "secret", "kind": "private"})
    say(mia, "secret", "A SECRET")
    wrong = [("secret", "new", "x"), ("general", "all", "x"), ("general", "new", " ")]

    for room, what, reason in wrong:
        answer = boss.submit("/admin/room/publish", room=room, what=what, reason=reason)
        assert answer.status_code in (400, 403), room

    assert get(server, "/web/secret/").status_code == 404
    assert get(server, "/web/general/").status_code == 404
    open_room(server, mia, "gone")
    boss.submit("/admin/room/delete", room="gone", confirm="gone", reason="over")
    assert get(server, "/web/gone/").status_code == 404


def test_an_address_that_asks_too_fast_is_slowed_down(
    server: Server, mia: socketio.SimpleClient
) -> None:
    statuses = [get(server, "/robots.txt").status_code for _ in range(200)]

    assert 429 in statuses
    assert "Retry-After" in get(server, "/robots.txt").headers
