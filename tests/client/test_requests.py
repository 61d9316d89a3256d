"""Every event of the protocol is a method of `ChatClient`, and does what its docstring says."""

from collections.abc import Iterator

import pytest

from chatapp.client import ChatClient
from chatapp.client.news import Disconnected, ProfileChanged
from chatapp.domain.errors import (
    BadName,
    BadPayload,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    Unauthorized,
)
from chatapp.protocol.values import Profile
from tests.protocol.test_protocol import PAYLOADS
from tests.support.cast import new_token
from tests.support.server import Server
from tests.support.waiting import wait_until

CALLED_OTHERWISE = {"message": "send", "resume": "messages"}
SOON = (0.05, 0.2)


def with_account(house: Server, name: str, role: str) -> ChatClient:
    token = new_token(house, name, role)
    return ChatClient(house.url, token=token, reconnect_seconds=SOON)


@pytest.fixture(scope="module")
def ana(house: Server) -> Iterator[ChatClient]:
    with with_account(house, "ana", "owner") as ana:
        yield ana


@pytest.fixture(scope="module")
def ben(house: Server) -> Iterator[ChatClient]:
    with with_account(house, "ben", "member") as ben:
        yield ben


@pytest.mark.parametrize("event", PAYLOADS)
def test_every_event_has_a_method_that_says_what_it_does(event: str) -> None:
    method = getattr(ChatClient, CALLED_OTHERWISE.get(event, event))

    assert method.__doc__


def test_a_private_room_is_there_for_who_is_invited_until_they_are_removed(
    ana: ChatClient, ben: ChatClient
) -> None:
    ana.create("cellar", kind="private")
    with pytest.raises(NoSuchRoom):
        ben.join("cellar")

    room = ana.invite("cellar", "BEN")
    assert room.invited == ["ana", "ben"]
    assert ben.join("cellar").kind == "private"
    ana.remove("cellar", "ben")
    with pytest.raises(NoSuchRoom):
        ben.history("cellar")


def test_a_room_that_is_deleted_is_gone(ana: ChatClient, ben: ChatClient) -> None:
    ana.create("attic")
    ben.join("attic")

    ana.delete_room("attic")

    with pytest.raises(NoSuchRoom):
        ben.history("attic")


def test_a_room_is_muted_for_a_time_and_for_good(ana: ChatClient) -> None:
    muted = ana.prefs("general", muted_until="2030-01-01T10:00:00+02:00")
    assert (muted.muted_until, muted.level) == ("2030-01-01T08:00:00.000Z", "all")
    assert ana.prefs("general", level="mentions").muted_until == muted.muted_until
    assert ana.rooms()[0].muted_until == muted.muted_until
    with pytest.raises(BadPayload):
        ana.prefs("general", muted_until="tomorrow")

    assert ana.prefs("general", muted_until="always").muted_until == "always"
    assert ana.prefs("general", muted_until="", level="all").muted_until is None


def test_the_same_two_always_talk_in_the_same_room(ana: ChatClient, ben: ChatClient) -> None:
    room = ana.talk_to("ben")

    assert ben.talk_to("ana").name == room.name
    assert room.kind == "direct"
    assert ben.send(room.name, "psst").room == room.name


def test_a_room_is_changed_by_who_made_it(ana: ChatClient, ben: ChatClient) -> None:
    ana.create("kitchen")

    changed = ana.update("kitchen", topic="Soup", slow_seconds=5)

    assert (changed.topic, changed.slow_seconds, changed.title) == ("Soup", 5, "kitchen")
    with pytest.raises(NotAllowed):
        ben.update("kitchen", topic="Salad")


def test_what_is_unread_is_counted_and_marked(ana: ChatClient, ben: ChatClient) -> None:
    ana.create("reading")
    ben.join("reading")
    first = ana.send("reading", "one").seq
    ben.read("reading", first)
    ana.send("reading", "two, @ben")

    assert ben.read("reading", first).mentions == 1
    assert ben.read("reading", first + 1).unread == 0
    assert ben.read("reading", first, back=True).unread == 1


def test_rooms_are_arranged_and_preferred(ana: ChatClient) -> None:
    ana.create("first")
    ana.create("second")
    ana.arrange(["second", "first"])
    prefs = ana.prefs("second", level="mentions", favourite=True)

    rooms = {room.name: room for room in ana.rooms()}
    assert (prefs.level, prefs.favourite) == ("mentions", True)
    assert (rooms["second"].level, rooms["second"].favourite) == ("mentions", True)
    assert rooms["second"].place < rooms["first"].place

    assert ana.prefs("second", closed=True).closed
    assert [room.name for room in ana.rooms() if room.closed] == ["second"]
    ana.send("second", "back again")
    assert not [room for room in ana.rooms() if room.closed]


def test_a_search_goes_on_where_the_last_page_ended(ana: ChatClient) -> None:
    ana.create("sought")
    for number in range(3):
        ana.send("sought", f"needle {number}")

    page = ana.search("needle", "sought", limit=2)
    rest = ana.search("needle", "sought", limit=2, before=page.before)

    assert [message.text for message in page.messages] == ["needle 2", "needle 1"]
    assert (page.more, rest.more) == (True, False)
    assert [message.text for message in rest.messages] == ["needle 0"]


def test_what_a_message_said_before(ana: ChatClient) -> None:
    seq = ana.send("general", "teh").seq
    ana.edit("general", seq, "the")

    assert [version.text for version in ana.versions("general", seq)] == ["teh", "the"]


def test_people_are_shown_as_they_like(ana: ChatClient, ben: ChatClient) -> None:
    news: list[object] = []
    ana.on_event = news.append

    profile = ben.profile(display_name="Ben Nevis", colour="blue")
    ben.status("idle")

    assert profile == Profile(name="ben", display_name="Ben Nevis", colour="blue")
    wait_until(lambda: ProfileChanged(profile) in news)
    [seen] = ana.people(["BEN", "nobody"])
    assert (seen.display_name, seen.state) == ("Ben Nevis", "idle")
    assert [one.name for one in ana.people_of("general", "nevis")] == ["ben"]
    with pytest.raises(BadName):
        ben.profile(display_name="a\u202eb")
    assert ben.profile(display_name="", colour="") == Profile(name="ben")


def test_who_is_away_was_last_seen_some_time(house: Server, ana: ChatClient) -> None:
    with with_account(house, "eve", "member") as eve:
        assert eve.people_of("general") == []

    [away] = wait_until(lambda: ana.people_of("general"))
    assert away.name == "eve"
    assert away.last_seen is not None


def test_admins_mute_kick_and_ban(house: Server, ana: ChatClient, ben: ChatClient) -> None:
    with pytest.raises(NotAllowed):
        ben.kick("ana", "why not")
    with ChatClient(house.url, name="Gus", reconnect_seconds=SOON) as gus:
        ana.mute("Gus", 60, "noise")
        with pytest.raises(NotAllowed, match="noise"):
            gus.send("general", "noise")
        ana.mute("Gus", 0)
        gus.send("general", "sorry")
        news: list[object] = []
        gus.on_event = news.append
        ana.kick("Gus", "go away")
        wait_until(lambda: any(isinstance(one, Disconnected) for one in news))
    ana.ban("Gus", reason="spam")
    with pytest.raises(Unauthorized, match="spam"):
        ChatClient(house.url, name="Gus").connect()
    ana.unban("Gus")
    with pytest.raises(NotFound):
        ana.unban("Gus")
    with ChatClient(house.url, name="Gus") as gus:
        assert gus.is_connected
