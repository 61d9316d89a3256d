"""One record, one line: whatever is written is read again, and any changed bit is seen."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.model import Event
from chatapp.storage import format
from chatapp.storage.chain import followed
from chatapp.storage.format import GENESIS, Damage, Place, Tip

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
EVENTS = st.builds(
    Event,
    room=TEXTS,
    seq=st.integers(1, 2**53 - 1),
    sender=TEXTS,
    at=st.just("2026-11-22T09:30:00.123Z"),
    type=st.sampled_from(["message", "edit", "delete", "react"]),
    text=st.none() | TEXTS,
    cid=st.none() | TEXTS,
    reply_to=st.none() | st.integers(1, 2**53 - 1),
    target=st.none() | st.integers(1, 2**53 - 1),
    emoji=st.none() | TEXTS,
    on=st.none() | st.booleans(),
)
SALT = "0123456789abcdef"


def line_of(event: Event, place: Place | None = None) -> bytes:
    return format.encode_event(event, place or Place(1, 1, 0), SALT, GENESIS)[0]


def follow(line: bytes, previous: bytes = GENESIS) -> None:
    list(followed([(0, [line])], Tip(0, 0, previous.decode())))


def message(text: str) -> Event:
    return Event(room="general", seq=1, sender="ana", at="2026-11-22T09:30:00.123Z", text=text)


@given(EVENTS)
def test_what_is_written_is_read_again(event: Event):
    line = line_of(event)

    follow(line)
    assert format.decode_record(line).event == event
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line)["crc"] == format.decode_record(line).crc


@given(EVENTS, st.data())
def test_any_changed_byte_is_seen(event: Event, data: st.DataObject):
    line = bytearray(line_of(event))
    position = data.draw(st.integers(0, len(line) - 1))
    line[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Damage):
        follow(bytes(line))


@given(EVENTS)
def test_an_erased_line_keeps_its_hash_and_loses_its_text(event: Event):
    line = line_of(event)

    erased = format.erase(line, "2026-11-23T00:00:00.000Z")

    follow(erased)
    before, after = format.decode_record(line), format.decode_record(erased)
    assert after.hash == before.hash
    assert (after.text, after.salt) == (None, None)
    assert bool(after.erased) == (event.text is not None)
    assert after.event.erased_at == (None if event.text is None else "2026-11-23T00:00:00.000Z")
    assert msgspec.structs.replace(after.event, text=None, erased_at=None) == (
        msgspec.structs.replace(event, text=None)
    )


def test_what_was_erased_elsewhere_is_written_without_a_text():
    event = msgspec.structs.replace(message(""), erased_at="2026-11-23T00:00:00.000Z")

    line = line_of(event)

    follow(line)
    assert b'"text"' not in line
    assert format.decode_record(line).event == event


@given(TEXTS)
def test_quotes_in_a_name_cannot_pose_as_a_text(name: str):
    posing = Event(
        room=f'{name},"text":"', seq=1, sender=',"erased":"', at="now", cid=',"salt":"', text=name
    )

    follow(line_of(posing))


def test_a_rechained_record_keeps_its_salt_and_its_erasure():
    for line in (line_of(message("hola")), format.erase(line_of(message("hola")), "then")):
        record = format.decode_record(line)

        again, _ = format.encode_record(record, Place(1, 1, 0), GENESIS)

        assert again == line


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        (Place(2, 1, 0), "number 2 where 1 belongs"),
        (Place(1, 2, 0), "of batch 2"),
    ],
)
def test_a_line_in_the_wrong_place_is_named(place: Place, complaint: str):
    with pytest.raises(Damage, match=complaint):
        follow(line_of(message("hola"), place))


def test_a_line_behind_another_line_than_its_own_is_seen():
    with pytest.raises(Damage, match="does not follow"):
        follow(line_of(message("hola")), b"1" * 64)


def test_a_line_of_another_version_says_so():
    with pytest.raises(Damage, match="version 3, and this program reads 2"):
        format.place_of(b'{"v":3,"n":1,"batch":1,"more":0,')
