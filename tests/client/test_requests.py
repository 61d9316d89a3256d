"""Every event of the protocol is a method of `ChatClient`, and does what its docstring says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chatapp.client import ChatClient
from chatapp.client.news import Disconnected, PeopleOutOfOffice, ProfileChanged
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import (
    BadName,
    BadPayload,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    Unauthorized,
)
from chatapp.domain.model import Votes
from chatapp.protocol.pushes import ScheduledChange
from chatapp.protocol.values import (
    GroupInfo,
    Notifications,
    PersonStatus,
    Profile,
    QuietHours,
    ThreadMark,
)
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


@pytest.fixture
def eva(house: Server) -> Iterator[ChatClient]:
    with with_account(house, "eva", "member") as eva:
        yield eva


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


def test_a_message_is_pinned_for_everyone_and_listed(ana: ChatClient, ben: ChatClient) -> None:
    ana.create("pinboard")
    ben.join("pinboard")
    first, second = (ben.send("pinboard", text).seq for text in ("one", "two"))
    for seq in (first, second):
        ben.pin("pinboard", seq)

    page = ana.pins("pinboard", limit=1)
    assert [(pin.seq, pin.pinned_by, pin.message.text) for pin in page.pins] == [
        (second, "ben", "two")
    ]
    rest = ana.pins("pinboard", after=page.after)
    assert [pin.seq for pin in rest.pins] == [first]
    assert ana.update("pinboard", pinning="admins").pins == [second, first]
    with pytest.raises(NotAllowed):
        ben.unpin("pinboard", first)
    ana.unpin("pinboard", first)
    assert ben.join("pinboard").pins == [second]


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


def test_what_notifies_somebody(ana: ChatClient) -> None:
    night = QuietHours(start="22:00", end="07:00", days=[1, 7], zone="Europe/Madrid")

    assert ana.notifications(keywords=["tea"]) == Notifications(keywords=["tea"])
    assert ana.notifications(quiet=night) == Notifications(keywords=["tea"], quiet=night)
    assert ana.notifications().quiet == night
    assert ana.notifications(keywords=(), quiet=None) == Notifications()
    with pytest.raises(BadPayload):
        ana.notifications(keywords=["…"])


def test_what_people_say_of_themselves(ana: ChatClient, ben: ChatClient) -> None:
    news: list[object] = []
    ana.on_event = news.append
    until = datetime.now(UTC) + timedelta(days=1)

    status = ben.status(emoji="🌴", text="Vacation", until=until, out_of_office=True)

    assert status == PersonStatus(
        emoji="🌴", text="Vacation", until=timestamp(until), out_of_office=True
    )
    profile = Profile(name="ben", status=status)
    wait_until(lambda: ProfileChanged(profile) in news)
    ana.join("general")
    ana.send("general", "@ben are you there?")
    [out] = [each for each in news if isinstance(each, PeopleOutOfOffice)]
    assert (out.room, out.people) == ("general", [profile])
    assert ben.status("idle") is None
    [seen] = ana.people(["ben"])
    assert (seen.state, seen.status) == ("idle", status)
    assert ben.status(text="") is None
    assert ana.people(["ben"])[0].status is None


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


def test_threads_are_followed_read_named_and_moved(house: Server, ana: ChatClient) -> None:
    token = new_token(house, "cid", "member")
    marks: list[ThreadMark] = []
    with (
        ChatClient(house.url, token=token) as cid,
        ChatClient(house.url, token=token) as elsewhere,
    ):
        elsewhere.on_event = lambda news: (
            marks.append(news) if isinstance(news, ThreadMark) else None
        )
        elsewhere.join("general")
        root = ana.send("general", "Lunch?")
        aside = ana.send("general", "Pizza!")
        reply = ana.send("general", "At noon", thread=root.seq)

        followed = cid.follow("general", root.seq)
        read = cid.read("general", reply.seq, thread=root.seq)
        wait_until(lambda: [mark.read for mark in marks][-1:] == [reply.seq], what="the mark")
        ana.title("general", root.seq, "Food")
        moved = ana.move("general", [aside.seq], to_thread=root.seq)
        [thread] = cid.threads("general").threads
        page = cid.history("general", thread=root.seq)
        folded = cid.history("general", folded=True, limit=200).messages

    assert (followed.following, followed.root.text) == (True, "Lunch?")
    assert (read.thread, read.unread) == (root.seq, 0)
    assert moved == [aside.seq]
    assert (thread.thread, thread.title) == (root.seq, "Food")
    assert {"Pizza!", "At noon"} <= {message.text for message in page.messages}
    assert {message.thread for message in page.messages} == {root.seq}
    assert aside.seq not in [message.seq for message in folded]
    assert [message.replies.title for message in folded if message.replies] == ["Food"]


def test_messages_are_written_for_later_changed_and_cancelled(house: Server) -> None:
    token = new_token(house, "dee", "member")
    told: list[ScheduledChange] = []
    later = datetime.now(UTC) + timedelta(hours=1)
    with (
        ChatClient(house.url, token=token) as dee,
        ChatClient(house.url, token=token) as elsewhere,
    ):
        elsewhere.on_event = lambda news: (
            told.append(news) if isinstance(news, ScheduledChange) else None
        )
        elsewhere.join("general")
        kept = dee.schedule("general", "Later", at=later, files=[("a.txt", b"a")], alt="an a")
        gone = dee.schedule("general", "Never", at=later + timedelta(hours=1))
        listed = dee.scheduled("general")
        dee.unschedule(gone.id)
        dee.reschedule(kept.id, text="Now", now=True)
        wait_until(lambda: [each.gone for each in told][-1:] == ["sent"], what="it to be sent")
        found = dee.history("general").messages

    assert [each.id for each in listed] == [kept.id, gone.id]
    assert [file.alt for file in kept.files] == ["an a"]
    (sent,) = [message for message in found if message.cid == f"sched:{kept.id}"]
    assert (sent.text, len(sent.files or ())) == ("Now", 1)


def test_people_vote_and_the_author_closes_the_poll(ana: ChatClient, ben: ChatClient) -> None:
    asked = ana.poll("general", "Lunch?", ["Pizza", "Salad"], multiple=True)

    voted = ben.vote("general", asked.seq, [0, 1])
    again = ben.vote("general", asked.seq, [1, 0])
    voters = ana.voters("general", asked.seq, 1)
    with pytest.raises(NotAllowed):
        ben.close_poll("general", asked.seq)
    closed = ana.close_poll("general", asked.seq)

    assert voted
    assert voted.votes == Votes(voters=1, counts=[1, 1], names=[["ben"], ["ben"]], own=[0, 1])
    assert (again, voters.names, voters.after) == (None, ["ben"], None)
    assert closed
    assert closed.poll
    assert closed.text
    assert "Pizza — 1 vote" in closed.text
    assert ana.close_poll("general", asked.seq) is None


def test_the_same_people_get_the_same_group_until_it_has_a_name(
    ana: ChatClient, ben: ChatClient, eva: ChatClient
) -> None:
    group = ana.talk_to("ben", "eva")

    assert ben.talk_to("eva", "ana").name == group.name
    assert ana.update(group.name, title="Trip").group == GroupInfo(named=True, may_remove=True)
    assert eva.talk_to("ana", "ben").name != group.name
    with pytest.raises(NotAllowed):
        ben.remove(group.name, "eva")
    eva.leave(group.name)
    assert ben.invite(group.name, "eva").invited == ["ana", "ben", "eva"]


def test_messages_are_forwarded_and_the_original_is_found(ana: ChatClient, ben: ChatClient) -> None:
    for room in ("pantry", "yard"):
        ana.create(room)
        ben.join(room)
    seq = ana.send("pantry", "cups?").seq

    comment, copy = ben.forward("pantry", [seq], to_room="yard", text="Look")

    page = ben.history("yard", around=copy, limit=4).messages
    told = {message.seq: message for message in page}
    assert told[comment].text == "Look"
    assert told[copy].text == "cups?"
    assert told[copy].forwarded
    assert told[copy].forwarded.sender == "ana"
    assert ben.original("yard", copy) == ("pantry", seq)
    with pytest.raises(NotFound):
        ben.original("yard", comment)
