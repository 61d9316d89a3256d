"""The inbox: what is unread in all rooms, a few messages of each, in pages."""

import pytest

from chatapp.domain.clock import now, timestamp
from chatapp.domain.model import Draft, Person, Room
from chatapp.features.reading.inbox import FIRST_UNREAD, Inbox
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.protocol.requests import Prefs, Read, ReadInbox
from tests.support.waiting import wait_until

ANA = Person(name="Ana", id="ana", role="member")
ROOMS = [Room(name=name, title=name.title()) for name in ("general", "design", "far", "quiet")]


@pytest.fixture
def memberships(directory) -> Memberships:
    return Memberships(directory)


@pytest.fixture
def reading(memberships, log) -> ReadingManager:
    return ReadingManager(memberships, log)


@pytest.fixture
def inbox(reading, memberships, log) -> Inbox:
    for room in ROOMS:
        reading.mark(ANA, Read(room=room.name, seq=0)).result()
        memberships.join(ANA, room)
    return Inbox(reading, memberships, log, visible_to=lambda _: ROOMS, clock=now)


def say(log, sender, text, *, room="general"):
    """At another time than anything before: the log's times are milliseconds."""
    last = max(filter(None, (log.last_at(each.name) for each in ROOMS)), default="")
    wait_until(lambda: timestamp(now()) > last, what="the clock to go on")
    by = ANA.id if sender == "Ana" else "ben"
    log.append(Draft(room=room, sender=sender, by=by, text=text)).result()


def rooms(inbox: Inbox, person: Person = ANA, **wanted) -> list[str]:
    return [each.room for each in inbox.page(person, ReadInbox(**wanted)).rooms]


def test_rooms_that_call_come_first_and_then_the_newest(inbox, log):
    say(log, "Ben", "@Ana, look", room="design")
    say(log, "Ben", "one", room="far")
    say(log, "Ben", "two")
    say(log, "Ana", "mine", room="quiet")

    assert rooms(inbox) == ["design", "general", "far"]


def test_of_a_room_there_are_the_first_unread_messages_and_all_mentions_up_to_a_few(inbox, log):
    say(log, "Ana", "mine")
    for number in range(5):
        say(log, "Ben", f"number {number}")
    for number in range(9):
        say(log, "Ben", f"@Ana {number}")

    (room,) = inbox.page(ANA, ReadInbox()).rooms

    texts = [message.text for message in room.messages]
    assert texts == ["number 0", "number 1", "number 2", "@Ana 0", "@Ana 1", "@Ana 2"]
    assert len(texts) == 2 * FIRST_UNREAD
    assert (room.unread, room.mentions, room.read) == (14, 9, 0)


def test_pages_go_on_where_the_last_one_ended_also_if_that_room_was_read(inbox, reading, log):
    for room in ("quiet", "far", "design", "general"):
        say(log, "Ben", "news", room=room)
    page = inbox.page(ANA, ReadInbox(limit=2))
    assert [each.room for each in page.rooms] == ["general", "design"]

    for seq in (0, 1):
        reading.mark(ANA, Read(room="design", seq=seq)).result()
        last = inbox.page(ANA, ReadInbox(limit=2, after=page.after))
        assert ([each.room for each in last.rooms], last.after) == (["far", "quiet"], None)


def test_a_room_is_there_as_far_as_one_wants_to_hear_of_it(inbox, reading, log):
    reading.prefer(ANA, Prefs(room="design", level="mentions")).result()
    reading.prefer(ANA, Prefs(room="far", level="nothing")).result()
    reading.prefer(ANA, Prefs(room="quiet", muted_until="always")).result()
    for room in ("design", "far", "quiet"):
        say(log, "Ben", "to all", room=room)
        assert rooms(inbox) == []
    for room in ("design", "far"):
        say(log, "Ben", "@Ana", room=room)

    (room,) = inbox.page(ANA, ReadInbox()).rooms

    assert (room.room, [message.text for message in room.messages]) == ("design", ["@Ana"])
