"""Private rooms and direct messages in the console: closed until an admin says why."""

import json

import pytest
import socketio

from chatapp.admin.private_rooms import OPEN_SECONDS, Closed, Viewings
from chatapp.domain.errors import Empty, NoSuchRoom
from chatapp.domain.model import Person, Room
from chatapp.tables.short_lived import ShortLivedTables
from tests.support.accounts import Notes
from tests.support.cast import add_account, with_account
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.test_way_of_a_message import call, hear

BOSS = Person(name="Boss", id="boss", role="admin")
HERE, ELSEWHERE = {"sid": "one browser"}, {"sid": "another"}


class Minutes:
    """A clock that is set by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Minutes:
    return Minutes()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def viewings(clock: Minutes, notes: Notes, told: list[str]) -> Viewings:
    rooms = [
        Room(name="general", title="General"),
        Room(name="salaries", title="Our Salaries", kind="private"),
        Room(name="direct-1", title="ana, bo", kind="direct"),
    ]
    return Viewings(
        lambda: rooms,
        notes,
        rooms_in_log=lambda: {"general", "salaries", "left-over"},
        tell=lambda room: told.append(room.name),
        opened=ShortLivedTables().table("viewings", float),
        now=clock,
    )


@pytest.mark.parametrize("room", ["salaries", "direct-1", "left-over"])
def test_a_room_is_open_to_the_browser_that_gave_a_reason_and_for_a_while(
    viewings: Viewings, clock: Minutes, notes: Notes, room: str
):
    with pytest.raises(Closed):
        viewings.where(HERE, room)

    viewings.open(BOSS, HERE, room, "a complaint").result()

    assert viewings.where(HERE, room) == [room]
    assert notes == [("Boss", "view")]
    with pytest.raises(Closed):
        viewings.where(ELSEWHERE, room)
    clock.now += OPEN_SECONDS
    with pytest.raises(Closed):
        viewings.where(HERE, room)


def test_without_a_reason_or_a_room_nothing_is_opened_or_noted(viewings: Viewings, notes: Notes):
    with pytest.raises(Empty):
        viewings.open(BOSS, HERE, "salaries", " ")
    with pytest.raises(NoSuchRoom):
        viewings.open(BOSS, HERE, "nowhere", "a complaint")

    assert notes == []
    assert not viewings.is_open(HERE, "salaries")


def test_where_nobody_asks_for_a_room_one_looks_in_those_that_everybody_may_enter(
    viewings: Viewings,
):
    viewings.open(BOSS, HERE, "salaries", "a complaint").result()

    assert viewings.where(HERE, "") == ["general"]


@pytest.mark.parametrize("typed", ["General", "#general", " GENERAL "])
def test_a_public_room_is_open_however_it_is_typed(viewings: Viewings, typed: str):
    assert viewings.where(HERE, typed) == ["general"]


@pytest.mark.parametrize("typed", ["Salaries", "#salaries", "our salaries"])
def test_a_private_room_is_closed_however_it_is_typed(viewings: Viewings, typed: str):
    with pytest.raises(Closed) as closed:
        viewings.where(HERE, typed)

    assert closed.value.room == "salaries"


def test_members_hear_of_a_room_that_was_opened(viewings: Viewings, told: list[str]):
    viewings.open(BOSS, HERE, "salaries", "a complaint")

    assert told == ["salaries"]


# At a real server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    server = server_with_admin(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def nils(server: Server):
    nils = with_account(server, "Nils")
    yield nils
    nils.disconnect()


@pytest.fixture(scope="module")
def secret(mia: socketio.SimpleClient, nils: socketio.SimpleClient) -> str:
    """A direct message of Mia and Nils."""
    room = call(mia, "create", {"kind": "direct", "members": ["Nils"]})["room"]["name"]
    call(mia, "message", {"room": room, "text": "between us"})
    call(mia, "message", {"room": "general", "text": "to everybody"})
    return str(room)


def test_a_group_is_listed_by_its_people_or_its_name(
    boss: Visitor, mia: socketio.SimpleClient, nils: socketio.SimpleClient, server: Server
):
    others = ["Nils", "Olaf", "Paul", "Quinn"]
    for name in others[1:]:
        add_account(server, name)
    room = call(mia, "create", {"kind": "direct", "members": others})["room"]["name"]

    listed = boss.get("/admin/rooms?q=quinn").text
    call(mia, "update", {"room": room, "title": "Trip"})
    named = boss.get("/admin/rooms?q=quinn").text

    assert "Group conversation of Mia, Nils, Olaf, Paul and Quinn" in listed
    assert "Trip" in named
    assert "Quinn" in boss.get(f"/admin/room?name={room}").text
    call(mia, "update", {"room": room, "title": ""})


def test_no_page_and_no_download_shows_what_is_private(boss: Visitor, secret: str):
    pages = {
        path: boss.get(path).text
        for path in (
            "/admin/messages",
            "/admin/messages?sender=Mia",
            "/admin/messages?text=us",
            f"/admin/messages?room={secret}",
            f"/admin/messages?room={secret}&text=between",
            f"/admin/message?room={secret}&seq=1",
            f"/admin/room/as-of?name={secret}&at=2100-01-01",
            "/admin/messages.jsonl",
            "/admin/messages.csv",
            f"/admin/messages.csv?room={secret}",
            f"/admin/messages.jsonl?room={secret.upper()}",
            "/admin/person?name=Mia",
        )
    }

    assert "to everybody" in pages["/admin/messages"]
    assert "to everybody" in pages["/admin/messages.csv"]
    assert "to everybody" in pages["/admin/person?name=Mia"]
    assert [path for path, page in pages.items() if "between us" in page] == []


def test_an_act_on_a_private_message_does_not_show_it(boss: Visitor, secret: str):
    answers = [
        boss.submit(f"/admin/message/{act}", room=secret, seq=1, reason="")
        for act in ("delete", "ban")
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not [answer for answer in answers if "between us" in answer.text]


def test_who_says_why_reads_the_room_and_is_on_record(boss: Visitor, secret: str):
    refused = boss.submit("/admin/rooms/view", room=secret, reason=" ")
    answer = boss.submit("/admin/rooms/view", room=secret, reason="Nils complained")
    page = boss.get(answer.headers["Location"]).text

    assert refused.status_code == 400
    assert "between us" in page
    assert "Direct message between Mia and Nils" in page
    assert "between us" in boss.get(f"/admin/messages.csv?room={secret}").text
    assert "between us" in boss.get(f"/admin/message?room={secret}&seq=1").text
    assert "between us" in boss.get(f"/admin/room/as-of?name={secret}&at=2100-01-01").text
    assert "between us" not in boss.get("/admin/messages").text
    assert "Viewed " in boss.get("/admin/audit").text
    records = boss.get("/admin/audit.jsonl?room=view").text.splitlines()
    details = json.loads(json.loads(records[0])["text"])
    assert (details["room"], details["reason"]) == (secret, "Nils complained")


def test_members_are_told_only_where_the_owner_wants_it(
    boss: Visitor, mia: socketio.SimpleClient, nils: socketio.SimpleClient, secret: str
):
    boss.submit("/admin/rooms/view", room=secret, reason="once")
    assert _seen_by(nils, secret)["viewed_at"] is None

    boss.submit("/admin/settings", viewings="on", was_viewings="off")
    boss.submit("/admin/rooms/view", room=secret, reason="once more")

    while not (room := hear(nils, "room"))["viewed_at"]:
        pass
    assert room["name"] == secret
    assert _seen_by(nils, secret)["viewed_at"] == room["viewed_at"]
    boss.submit("/admin/settings", viewings="off", was_viewings="on")


def _seen_by(person: socketio.SimpleClient, name: str) -> dict:
    (room,) = [each for each in call(person, "rooms", {})["rooms"] if each["name"] == name]
    return room
