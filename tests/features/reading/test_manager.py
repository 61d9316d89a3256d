"""Read marks on a real directory and a real log."""

import pytest

from chatapp.domain.errors import BadPayload
from chatapp.domain.model import Draft, Person
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.protocol.requests import Prefs, Read
from chatapp.tables.directory import Directory
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.text.mentions import Mentions
from chatapp.text.tokens import Names

ANA = Person(name="Ana", id="ana", role="member")
GUS = Person(name="Gus", id="guest:gus")


@pytest.fixture
def memberships(directory):
    return Memberships(directory)


@pytest.fixture
def reading(memberships, log):
    return ReadingManager(memberships, log)


def say(log, sender, text, by=None):
    log.append(Draft(room="general", sender=sender, by=by, text=text)).result()


def state(reading, person):
    unread = reading.unread(person, "general")
    return unread.read, unread.unread, unread.mentions


def test_a_room_that_one_never_looked_at_has_nothing_unread(reading, log):
    say(log, "Ben", "hello @ana")

    assert state(reading, ANA) == (None, 0, 0)


def test_what_others_say_behind_the_mark_is_unread_and_mentions_are_counted_apart(reading, log):
    say(log, "Ben", "one")
    reading.mark(ANA, Read(room="general", seq=1)).result()
    say(log, "Ben", "two")
    say(log, "Ana", "my own", by=ANA.id)
    say(log, "Ana", "of a guest who had the name once", by="guest:another")
    say(log, "Ben", "hey @ANA, and @anabel")
    say(log, "Ben", "@room lunch")
    log.append(Draft(room="general", sender="Ben", type="edit", target=2, text="2")).result()

    assert state(reading, ANA) == (1, 4, 2)


def test_a_mark_only_moves_forward_unless_it_is_wanted_back(reading, log):
    for text in ("one", "two", "three"):
        say(log, "Ben", text)
    reading.mark(ANA, Read(room="general", seq=3)).result()

    assert reading.mark(ANA, Read(room="general", seq=1)).result().read == 3
    assert reading.mark(ANA, Read(room="general", seq=1, back=True)).result().unread == 2


@pytest.mark.parametrize("is_indexed_between", [False, True])
def test_a_deleted_message_is_not_unread_and_an_edited_one_calls_whom_it_calls_now(
    reading, directory, log, is_indexed_between
):
    for text in ("to be deleted, @ana", "to be edited", "@ana, to be edited too"):
        say(log, "Ben", text)
    if is_indexed_between:
        log.search("edited").result()
    for change in (
        {"type": "delete", "target": 1},
        {"type": "edit", "target": 2, "text": "@ana"},
        {"type": "edit", "target": 3, "text": "never mind"},
    ):
        log.append(Draft(room="general", sender="Ben", **change)).result()

    unread = reading.unread(ANA, "general", never_read=0)
    log.search("edited").result()  # the index has them then
    of_the_index = ReadingManager(Memberships(directory), log).unread(ANA, "general", never_read=0)

    assert (unread.unread, unread.mentions) == (2, 1)
    assert of_the_index == unread


def test_nobody_reads_what_was_not_said_yet(reading, log):
    say(log, "Ben", "one")

    assert reading.mark(ANA, Read(room="general", seq=99)).result().read == 1


def test_a_closed_room_is_open_again_when_something_is_said(reading, log):
    say(log, "Ben", "one")
    assert reading.prefer(ANA, Prefs(room="general", closed=True)).result().closed
    assert reading.prefer(ANA, Prefs(room="general", favourite=True)).result().closed

    say(log, "Ben", "two")

    assert not reading.prefer(ANA, Prefs(room="general", favourite=False)).result().closed
    assert reading.prefer(ANA, Prefs(room="general", closed=True)).result().closed
    assert not reading.prefer(ANA, Prefs(room="general", closed=False)).result().closed


def test_marks_and_wishes_are_there_after_a_restart(reading, directory, log, tmp_path):
    say(log, "Ben", "one")
    reading.mark(ANA, Read(room="general", seq=1)).result()
    reading.prefer(ANA, Prefs(room="general", level="mentions")).result()
    reading.prefer(ANA, Prefs(room="general", favourite=True)).result()
    reading.mark(GUS, Read(room="general", seq=1)).result()

    directory.close()
    again = Directory.open(tmp_path / "directory")
    kept = Memberships(again).reading(ANA, "general")
    again.close()
    assert (kept.read, kept.level, kept.favourite) == (1, "mentions", True)


def test_a_guests_marks_are_in_memory_only_and_bounded(directory, log):
    memberships = Memberships(directory, ShortLivedTables(max_rows=2))
    reading = ReadingManager(memberships, log)
    say(log, "Ben", "one")

    for number in range(3):
        guest = Person(name="Gus", id=f"guest:{number}")
        reading.mark(guest, Read(room="general", seq=1)).result()

    marks = [
        memberships.reading(Person(name="Gus", id=f"guest:{n}"), "general").read for n in range(3)
    ]
    assert marks == [None, 1, 1]
    assert list(directory.table("reading", dict).items()) == []


def test_a_room_in_which_nothing_happened_is_not_counted_again(reading, log):
    say(log, "Ben", "one")
    reading.mark(ANA, Read(room="general", seq=1)).result()
    for number in range(3):
        say(log, "Ben", f"@ana {number}")
    asked = []
    count = log.unread
    log.unread = lambda person, marks: asked.append(marks[0].last) or count(person, marks)

    first = reading.unread(ANA, "general")
    again = reading.unread(ANA, "general")
    say(log, "Ben", "one more")
    later = reading.unread(ANA, "general")

    assert (first.unread, first.mentions) == (again.unread, again.mentions) == (3, 3)
    assert (later.unread, later.mentions) == (4, 3)
    assert asked == [4, 5]


@pytest.mark.parametrize(
    ("text", "mentioned_keys"),
    [
        ("@ana", True),
        ("hi @Ana!", True),
        ("(@ana)", True),
        ("@all look", True),
        ("@anabel", False),
        ("mail ana@ana.org", False),
        ("ana", False),
        ("@ana-maria please", False),
        ("`@ana`, `@all`", False),
        ("https://social.example/@ana/112233", False),
        ("交给@ana处理", True),
        ("/me waves at @ana", True),
    ],
)
def test_who_is_called_with_an_at_sign_is_mentioned(text, mentioned_keys):
    assert (text in Mentions("ana")) is mentioned_keys


def test_a_longer_name_that_an_account_has_is_meant_by_it(directory, log):
    reading = ReadingManager(Memberships(directory), log, Names(["Ana Maria"]))
    reading.mark(ANA, Read(room="general", seq=0)).result()

    say(log, "Ben", "hello @Ana Maria")
    say(log, "Ben", "hello @Ana")

    assert reading.unread(ANA, "general", never_read=0).mentions == 1


def test_a_room_to_which_one_was_invited_is_unread_from_its_beginning(reading, log):
    say(log, "Ben", "hello @ana")

    assert reading.unread(ANA, "general", never_read=0).unread == 1
    reading.mark(ANA, Read(room="general", seq=1)).result()
    assert reading.unread(ANA, "general", never_read=0).unread == 0


def test_rooms_stand_as_one_wants_them_also_after_a_restart(directory):
    order = Memberships(directory)
    order.arrange(ANA, ["b", "a"]).result()
    order.arrange(GUS, ["a"]).result()

    again = Memberships(directory)

    assert [again.place(ANA, room) for room in ("a", "b", "c")] == [1, 0, None]
    assert again.place(GUS, "b") is None
    with pytest.raises(BadPayload):
        again.arrange(ANA, ["a", "a"])
    assert again.place(ANA, "b") == 0
