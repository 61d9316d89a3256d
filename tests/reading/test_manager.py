"""Read marks on a real directory and a real log."""

import pytest

from chatapp.errors import BadPayload
from chatapp.model import Draft, Person
from chatapp.reading.manager import ReadingManager
from chatapp.reading.mentions import mentions
from chatapp.reading.order import RoomOrder
from chatapp.wire import Prefs, Read

ANA = Person(name="Ana", key="account:ana", role="member")
GUS = Person(name="Gus", key="a secret of Gus's browser")


@pytest.fixture
def reading(directory, log):
    return ReadingManager(directory, log)


def say(log, sender, text):
    log.append(Draft(room="general", sender=sender, text=text)).result()


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
    say(log, "Ana", "my own")
    say(log, "Ben", "hey @ANA, and @anabel")
    say(log, "Ben", "@room lunch")
    log.append(Draft(room="general", sender="Ben", type="edit", target=2, text="2")).result()

    assert state(reading, ANA) == (1, 3, 2)


def test_a_mark_only_moves_forward_unless_it_is_wanted_back(reading, log):
    for text in ("one", "two", "three"):
        say(log, "Ben", text)
    reading.mark(ANA, Read(room="general", seq=3)).result()

    assert reading.mark(ANA, Read(room="general", seq=1)).result().read == 3
    assert reading.mark(ANA, Read(room="general", seq=1, back=True)).result().unread == 2


def test_nobody_reads_what_was_not_said_yet(reading, log):
    say(log, "Ben", "one")

    assert reading.mark(ANA, Read(room="general", seq=99)).result().read == 1


def test_marks_and_wishes_are_there_after_a_restart(reading, directory, log):
    say(log, "Ben", "one")
    reading.mark(ANA, Read(room="general", seq=1)).result()
    reading.prefer(ANA, Prefs(room="general", level="mentions")).result()
    reading.prefer(ANA, Prefs(room="general", favourite=True)).result()
    reading.mark(GUS, Read(room="general", seq=1)).result()

    again = ReadingManager(directory, log)

    kept = again.of(ANA, "general")
    assert (kept.read, kept.level, kept.favourite) == (1, "mentions", True)
    assert again.of(GUS, "general").read == 1
    assert again.of(Person(name="Gus", key="another browser"), "general").read is None
    assert not any(GUS.key in key for key, _ in directory.items("reading"))


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@ana", True),
        ("hi @Ana!", True),
        ("(@ana)", True),
        ("@all look", True),
        ("@anabel", False),
        ("mail ana@ana.org", False),
        ("ana", False),
    ],
)
def test_who_is_called_with_an_at_sign_is_mentioned(text, called):
    assert mentions(text, "ana") is called


def test_a_room_to_which_one_was_invited_is_unread_from_its_beginning(reading, log):
    say(log, "Ben", "hello @ana")

    assert reading.unread(ANA, "general", never_read=0).unread == 1
    reading.mark(ANA, Read(room="general", seq=1)).result()
    assert reading.unread(ANA, "general", never_read=0).unread == 0


def test_rooms_stand_as_one_wants_them_also_after_a_restart(directory):
    order = RoomOrder(directory)
    order.arrange(ANA, ["b", "a"]).result()
    order.arrange(GUS, ["a"]).result()

    again = RoomOrder(directory)

    assert [again.place(ANA, room) for room in ("a", "b", "c")] == [1, 0, None]
    assert again.place(GUS, "b") is None
    assert GUS.key not in str(list(directory.items("order", type=list[str])))
    with pytest.raises(BadPayload):
        again.arrange(ANA, ["a", "a"])
    assert again.place(ANA, "b") == 0
