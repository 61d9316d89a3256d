"""Settings that admins change in the console count at once, for everybody who is here."""

from collections.abc import Iterator

import pytest
import socketio

from tests.support import closing
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear

DEFAULTS = {
    "name": "Chat",
    "welcome": "",
    "access": "open",
    "room_makers": "everyone",
    "emoji_makers": "members",
    "max_text_bytes": "16384",
    "message_rate": "10 burst, 2 per second",
    "connections_per_address": "200",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(
        tmp_path_factory.mktemp("server"), CHATAPP_CONNECTIONS="5000", CHATAPP_MESSAGE_RATE=""
    )
    yield server
    server.close()


@pytest.fixture
def guest(server: Server) -> Iterator[socketio.SimpleClient]:
    guest = closing.SimpleClient()
    guest.connect(server.url, auth={"name": "Gus"}, transports=["websocket"])
    yield guest
    guest.disconnect()


@pytest.fixture(autouse=True)
def as_it_was(boss: Visitor) -> Iterator[None]:
    yield
    was = {f"was_{name}": "another" for name in DEFAULTS}
    assert boss.submit("/admin/settings", **DEFAULTS, **was).status_code == 303


def test_a_shorter_message_is_all_that_fits_from_now_on(
    boss: Visitor, mia: socketio.SimpleClient
) -> None:
    assert call(mia, "message", "x" * 200)["ok"]

    assert boss.submit("/admin/settings", max_text_bytes="100").status_code == 303

    assert hear(mia, "settings")["max_text_bytes"] == 100
    refusal = call(mia, "message", "x" * 101)["error"]
    assert (refusal["code"], "100" in refusal["message"]) == ("too_long", True)
    assert call(mia, "message", "x" * 100)["ok"]


def test_rooms_are_made_by_whom_the_admins_want(
    boss: Visitor, mia: socketio.SimpleClient, guest: socketio.SimpleClient
) -> None:
    def make(person: socketio.SimpleClient, name: str) -> str:
        answer = call(person, "create", {"room": name})
        return "ok" if answer["ok"] else str(answer["error"]["code"])

    assert [make(guest, "one"), make(mia, "two")] == ["ok", "ok"]
    boss.submit("/admin/settings", room_makers="members")
    assert [make(guest, "three"), make(mia, "four")] == ["not_allowed", "ok"]
    boss.submit("/admin/settings", room_makers="admins")
    assert make(mia, "five") == "not_allowed"
    assert call(mia, "create", {"kind": "direct", "members": ["admin"]})["ok"]


def test_guests_are_shown_out_when_the_chat_is_for_members(
    server: Server, boss: Visitor, mia: socketio.SimpleClient, guest: socketio.SimpleClient
) -> None:
    assert call(guest, "message", "hello")["ok"]

    boss.submit("/admin/settings", access="members")

    assert "members" in hear(guest, "closing")["reason"]
    wait_until(lambda: not guest.connected, what="the end of the guest's connection")
    assert call(mia, "message", "just us")["ok"]
    another = closing.SimpleClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        another.connect(server.url, auth={"name": "Gus"}, transports=["websocket"])
    assert Visitor(server.url).get("/name", allow_redirects=False).status_code == 303


def test_the_pace_is_another_at_once(boss: Visitor, mia: socketio.SimpleClient) -> None:
    boss.submit("/admin/settings", message_rate="1 burst, 0.001 per second")

    answers = [call(mia, "message", "again")["ok"] for _ in range(2)]

    assert answers[-1] is False
    boss.submit("/admin/settings", message_rate="off")
    assert all(call(mia, "message", "again")["ok"] for _ in range(30))


def test_no_more_connections_than_that(server: Server, boss: Visitor) -> None:
    boss.submit("/admin/settings", connections_per_address="1")

    another = closing.SimpleClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        another.connect(server.url, auth={"name": "Gina"}, transports=["websocket"])


def test_the_place_has_its_name_and_its_welcome_on_its_pages(server: Server, boss: Visitor) -> None:
    boss.submit("/admin/settings", name="<b>Harbour</b>", welcome="Ahoy\r\n<script>")

    stranger = Visitor(server.url)
    assert "· &lt;b&gt;Harbour&lt;/b&gt;" in stranger.get("/login").text
    assert "Ahoy\n&lt;script&gt;" in stranger.get("/name").text
    assert "&lt;b&gt;Harbour&lt;/b&gt;</place-name>" in boss.get("/").text


def test_what_another_admin_has_changed_meanwhile_is_not_changed_back(boss: Visitor) -> None:
    boss.submit("/admin/settings", name="Harbour", was_name="Chat")

    stale = {f"was_{name}": text for name, text in DEFAULTS.items()}
    boss.submit("/admin/settings", **(DEFAULTS | {"welcome": "Ahoy"} | stale))

    page = boss.get("/admin/settings").text
    assert 'name="name" value="Harbour"' in page
    assert ">Ahoy</textarea>" in page


def test_what_the_environment_has_fixed_is_shown_and_refused(boss: Visitor) -> None:
    page = boss.get("/admin/settings").text
    assert "CHATAPP_CONNECTIONS" in page

    answer = boss.submit("/admin/settings", connections="1", name="Harbour")

    assert answer.status_code == 403
    assert "CHATAPP_CONNECTIONS" in answer.text
    assert 'name="was_name" value="Chat"' in answer.text


def test_a_wrong_value_comes_back_with_what_was_typed(boss: Visitor) -> None:
    answer = boss.submit("/admin/settings", message_rate="quick", welcome="Ahoy")

    assert answer.status_code == 400
    assert 'value="quick"' in answer.text
    assert ">Ahoy</textarea>" in answer.text
    assert "10 burst, 2 per second" in boss.get("/admin/settings").text
