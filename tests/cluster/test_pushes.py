"""What is done at one server, people at the other hear of at once, as if it had been done there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio

from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp, new_token, with_token
from tests.support.closing import SimpleClient
from tests.support.cluster import new_name, two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear, hears_nothing_before


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    """One chat for all tests of the module; the owner `admin` is known to both."""
    with two_nodes(postgres.new_database("pushes"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def guest(clients: list[SimpleClient]) -> Callable[[Server, str], SimpleClient]:
    def guest(node: Server, name: str) -> SimpleClient:
        clients.append(SimpleClient())
        clients[-1].connect(node.url, auth={"name": name}, transports=["websocket"])
        return clients[-1]

    return guest


def hear_of(client: SimpleClient, event: str, **expected: Any) -> dict[str, Any]:
    """The next event of this name with these fields."""
    while True:
        news = hear(client, event)
        if expected.items() <= news.items():
            return dict(news)


def room_of(client: SimpleClient, name: str) -> dict[str, Any]:
    return next(room for room in call(client, "rooms")["rooms"] if room["name"] == name)


def is_gone(client: SimpleClient) -> bool:
    return not client.client.connected


def test_a_room_that_is_made_renamed_and_archived(member, here, there):
    ana, eva = member("ana").at(here), member("eva").at(there)

    call(ana, "create", {"room": "kitchen"})
    assert hear_of(eva, "room", name="kitchen")["title"] == "kitchen"
    call(ana, "update", {"room": "kitchen", "title": "The kitchen", "topic": "soup"})
    assert hear_of(eva, "room", name="kitchen", title="The kitchen")["topic"] == "soup"
    call(ana, "update", {"room": "kitchen", "archived": True})
    hear_of(eva, "room", name="kitchen", archived=True)


def test_a_room_that_is_deleted(member, here, there):
    ana, eva = member("ana").at(here), member("eva").at(there)
    call(ana, "create", {"room": "loft"})
    hear_of(eva, "room", name="loft")
    call(eva, "join", {"room": "loft"})

    call(ana, "delete_room", {"room": "loft"})

    assert hear(eva, "removed") == {"room": "loft"}
    late = call(eva, "message", {"room": "loft", "text": "late"})
    taken = call(eva, "create", {"room": "loft"})
    assert (late["error"]["code"], taken["error"]["code"]) == ("no_such_room", "room_exists")


def test_a_private_room_opens_and_closes(member, here, there):
    ana, eva, bo = member("ana"), member("eva"), member("bo")
    at_here, at_there, outside = ana.at(here), eva.at(there), bo.at(there)

    call(at_here, "create", {"room": "secret", "kind": "private"})
    call(at_here, "invite", {"room": "secret", "name": eva.name})
    assert hear_of(at_there, "room", name="secret")["joined"]
    call(at_here, "message", {"room": "secret", "text": "psst"})
    hear_of(at_there, "message", room="secret", text="psst")  # The line may come before she is in.
    call(at_here, "remove", {"room": "secret", "name": eva.name})
    hear_of(at_there, "removed", room="secret")
    call(at_here, "message", {"room": "secret", "text": "alone"})
    call(at_here, "message", {"text": "the end"})

    assert hears_nothing_before(at_there, "the end") == []
    assert hears_nothing_before(outside, "the end") == []
    assert call(at_there, "history", {"room": "secret"})["error"]["code"] == "no_such_room"


def test_all_devices_join_and_leave_together(member, here, there):
    ana, eva = member("ana"), member("eva")
    host, phone, laptop = ana.at(here), eva.at(here), eva.at(there)
    call(host, "create", {"room": "garden"})

    call(phone, "join", {"room": "garden"})
    hear_of(laptop, "room", name="garden", joined=True)
    call(host, "message", {"room": "garden", "text": "hello"})
    hear_of(laptop, "message", room="garden", text="hello")
    call(phone, "leave", {"room": "garden"})
    hear_of(laptop, "room", name="garden", joined=False)
    call(host, "message", {"room": "garden", "text": "bye"})
    call(host, "message", {"text": "the end"})

    assert hears_nothing_before(laptop, "the end") == []


def test_a_mute(member, here, there):
    boss, eva = member("boss", "admin").at(here), member("eva")
    at_there = eva.at(there)
    assert call(at_there, "message", {"text": "one"})["ok"]

    call(boss, "mute", {"name": eva.name, "seconds": 60, "reason": "noise"})

    refused = wait_until(
        lambda: call(at_there, "message", {"text": "two"}).get("error"), what="the refusal"
    )
    assert (refused["code"], "noise" in refused["message"]) == ("not_allowed", True)


def test_a_ban(member, here, there):
    boss, eva, bo = member("boss", "admin").at(here), member("eva"), member("bo")
    banned, other = eva.at(there), bo.at(there)

    call(boss, "ban", {"name": eva.name, "reason": "spam"})

    assert "spam" in hear(banned, "closing")["reason"]
    wait_until(lambda: is_gone(banned), what="the end of the connection")
    with pytest.raises(socketio.exceptions.ConnectionError):
        with_token(there, eva.token)
    assert call(other, "message", {"text": "still here"})["ok"]


def test_another_role(member, here, there):
    eva, bo = member("eva"), member("bo")
    at_there, other = eva.at(there), bo.at(there)

    chatapp(here, "user", "role", eva.name, "admin")

    assert "account has changed" in hear(at_there, "closing")["reason"]
    hear_of(other, "profile", name=eva.name, role="admin")


def test_a_removed_account(member, here, there):
    eva, bo = member("eva"), member("bo")
    at_there, other = eva.at(there), bo.at(there)

    chatapp(here, "user", "remove", eva.name, "--yes")

    hear(at_there, "closing")
    assert "role" not in hear_of(other, "profile", name=eva.name)


def test_a_revoked_token(member, here, there):
    eva, bo = member("eva"), member("bo")
    at_there, other = eva.at(there), bo.at(there)
    [id] = [
        line.split()[0] for line in chatapp(here, "token", "list").splitlines() if eva.name in line
    ]

    chatapp(here, "token", "revoke", id)

    hear(at_there, "closing")
    with pytest.raises(socketio.exceptions.ConnectionError):
        with_token(there, eva.token)
    assert call(other, "message", {"text": "still here"})["ok"]


def test_a_sign_out_everywhere(member, here, there, clients):
    eva, bo = member("eva"), member("bo")
    other = bo.at(there)
    browser = Visitor(there.url)
    browser.sign_in(eva.name)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.http.cookies)
    clients.append(SimpleClient())
    clients[-1].connect(there.url, headers={"Cookie": cookies}, transports=["websocket"])
    assert call(clients[-1], "rooms")["me"] == eva.name

    chatapp(here, "user", "password", eva.name, "--password-stdin", input=PASSWORD + "!")

    hear(clients[-1], "closing")
    assert browser.get("/account", allow_redirects=False).status_code == 303
    browser.close()
    assert call(other, "message", {"text": "still here"})["ok"]


def test_a_session_that_began_at_the_other_server(here, there):
    browser = Visitor(here.url).sign_in()

    moved = Visitor(there.url)
    moved.http.cookies = browser.http.cookies

    wait_until(lambda: moved.get("/admin").status_code == 200, what="the session to be known")
    browser.close()
    moved.close()


def test_a_profile(member, here, there):
    eva, bo = member("eva"), member("bo")
    at_here, at_there = eva.at(here), bo.at(there)
    shown = new_name("Eva Number ")

    call(at_here, "profile", {"display_name": shown})

    assert hear_of(at_there, "profile", name=eva.name)["display_name"] == shown


def test_a_new_account_takes_its_name_from_a_guest(here, there, guest):
    name = new_name("zoe")
    zoe = guest(there, name)

    new_token(here, name, "member")

    assert "a member's name now" in hear(zoe, "closing")["reason"]


def test_settings(here, there, guest):
    gus = guest(there, "gus")
    admin = Visitor(here.url).sign_in()

    admin.submit("/admin/settings", max_text_bytes="200")
    assert hear(gus, "settings")["max_text_bytes"] == 200
    admin.submit("/admin/settings", access="members")
    assert "members only" in hear(gus, "closing")["reason"]
    admin.submit("/admin/settings", access="open", max_text_bytes="16384")
    admin.close()


def test_read_marks_preferences_and_the_order_of_rooms(member, here, there):
    eva, bo = member("eva"), member("bo")
    phone, laptop, other = eva.at(here), eva.at(there), bo.at(there)
    seqs = [call(other, "message", {"text": text})["message"]["seq"] for text in ("1", "2")]
    hear_of(phone, "message", seq=seqs[-1])

    call(phone, "read", {"room": "general", "seq": seqs[-1]})
    assert hear_of(laptop, "read", room="general", read=seqs[-1])["unread"] == 0
    call(phone, "read", {"room": "general", "seq": seqs[0], "back": True})
    assert hear_of(laptop, "read", room="general", back=True)["unread"] == 1
    prefs = {"room": "general", "favourite": True, "level": "mentions", "muted_until": "always"}
    call(phone, "prefs", prefs)
    told = {**prefs, "closed": False}
    assert hear(laptop, "prefs") == told
    call(phone, "prefs", {"room": "general", "closed": True})
    assert hear(laptop, "prefs") == {**told, "closed": True}
    call(phone, "arrange", {"rooms": ["general"]})
    assert hear(laptop, "order") == {"rooms": ["general"]}
    quiet = {"start": "22:00", "end": "07:00", "days": [1], "zone": "UTC", "mentions": True}
    call(phone, "notifications", {"keywords": ["tea"], "quiet": quiet})
    assert hear(laptop, "notifications") == {"keywords": ["tea"], "quiet": quiet}
    assert call(laptop, "notifications", {})["notifications"]["keywords"] == ["tea"]
    call(phone, "message", {"text": "the end"})

    names = list(iter(lambda: other.receive()[0], "message"))
    assert not {"read", "prefs", "order", "notifications"} & set(names)


def test_a_mention_outside_of_its_room_is_noted_once(member, here, there):
    ana, eva = member("ana"), member("eva")
    at_here, at_there = ana.at(here), eva.at(there)
    call(at_here, "create", {"room": "attic"})

    call(at_here, "message", {"room": "attic", "text": f"@{eva.name} come up"})

    assert hear(at_there, "mention")["text"] == f"@{eva.name} come up"
    wait_until(lambda: room_of(at_there, "attic")["mentions"] == 1, what="the unread mention")
    rows = [
        line
        for file in (there.data / "directory").glob("*.jsonl")
        for line in file.read_bytes().splitlines()
        if b"attic" in line and b'"reading"' in line
    ]
    assert len(rows) == 1
