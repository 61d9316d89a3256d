"""One record, one line: whatever is written is read again, and any changed bit is seen."""

import json
import re
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatapp.domain.model import Event, FileInfo
from chatapp.log import format
from chatapp.log.chain import followed
from chatapp.log.format import GENESIS, ChainHead, Damage, Position

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
FILES = st.builds(
    FileInfo,
    id=TEXTS,
    name=TEXTS,
    type=TEXTS,
    bytes=st.integers(0, 2**53 - 1),
    sha256=st.just("ab" * 32),
    width=st.none() | st.integers(1, 10_000),
    alt=st.none() | TEXTS,
)
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
    thread=st.none() | st.integers(1, 2**53 - 1),
    also_to_room=st.none() | st.booleans(),
    files=st.none() | st.lists(FILES, min_size=1, max_size=3),
).map(lambda event: event if event.text is not None else replace(event, files=None))
SALT = "0123456789abcdef"


def line_of(event: Event, place: Position | None = None) -> bytes:
    return format.encode_event(event, place or Position(1, 1, 0), SALT, GENESIS)[0]


def follow(line: bytes, previous: bytes = GENESIS) -> None:
    list(followed([(0, [line])], ChainHead(0, 0, previous.decode())))


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

    erased = format.erase(line, "2026-11-23T00:00:00.000Z") if format.has_text(line) else line

    follow(erased)
    assert len(erased) == len(line)
    before, after = format.decode_record(line), format.decode_record(erased)
    assert after.hash == before.hash
    assert (after.text, after.files, after.salt) == (None, None, None)
    assert after.blobs == event.blobs
    assert bool(after.erased) == (event.text is not None)
    assert after.event.erased_at == (None if event.text is None else "2026-11-23T00:00:00.000Z")
    assert replace(after.event, text=None, files=None, erased_at=None) == (
        replace(event, text=None, files=None)
    )


def with_crc(covered: bytes) -> bytes:
    return b'%b,"crc":"%08x"}\n' % (covered, crc32(covered))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b'"text":"hola"', b'"text":"hole"', "not the one that was written"),
        (b'"salt":"0', b'"salt":"1', "not the one that was written"),
        (b',"text":"hola","salt":"0123456789abcdef"', b"", "its text is missing"),
        (b'"text":"hola"', b'"text":"hola","files":[]', "not the one that was written"),
        (b'"text":"hola","salt":"0123456789abcdef"', b'"erased":"now","text":"hi"', "more in it"),
        (b'"text":"hola","salt":"0123456789abcdef"', b'"erased":"now" x', "more in it"),
    ],
)
def test_a_body_that_was_changed_is_seen_though_its_checksum_is_right(
    old: bytes, new: bytes, complaint: str
):
    covered = line_of(message("hola")).partition(b',"crc":"')[0]
    assert old in covered

    with pytest.raises(Damage, match=complaint):
        follow(with_crc(covered.replace(old, new)))


def test_a_head_without_its_digest_is_seen_though_its_text_is_erased():
    line = format.erase(line_of(message("hola")), "2026-11-23T00:00:00.000Z")
    covered = re.sub(rb',"body":"\w+"', b"", line.partition(b',"crc":"')[0])

    with pytest.raises(Damage, match="its text is missing"):
        follow(with_crc(covered))


def test_the_digest_tells_nothing_without_the_salt():
    lines = [
        format.encode_event(message("yes"), Position(1, 1, 0), salt, GENESIS)[0]
        for salt in ("0123456789abcdef", "fedcba9876543210")
    ]

    erased = [format.erase(line, "2026-11-23T00:00:00.000Z") for line in lines]

    assert len({format.decode_record(line).body for line in erased}) == 2
    assert not any(b"0123456789abcdef" in line or b"yes" in line for line in erased)


def test_what_was_erased_elsewhere_is_written_without_a_text():
    event = replace(message(""), erased_at="2026-11-23T00:00:00.000Z")

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
    when = "2026-11-23T00:00:00.000Z"
    for line in (line_of(message("hola")), format.erase(line_of(message("hola")), when)):
        record = format.decode_record(line)

        again, _ = format.encode_record(record, Position(1, 1, 0), GENESIS)

        follow(again)
        assert replace(format.decode_record(again), crc=record.crc) == record


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        (Position(2, 1, 0), "number 2 where 1 belongs"),
        (Position(1, 2, 0), "of batch 2"),
    ],
)
def test_a_line_in_the_wrong_place_is_named(place: Position, complaint: str):
    with pytest.raises(Damage, match=complaint):
        follow(line_of(message("hola"), place))


def test_a_line_behind_another_line_than_its_own_is_seen():
    with pytest.raises(Damage, match="does not follow"):
        follow(line_of(message("hola")), b"1" * 64)


def test_a_line_of_another_version_says_so():
    with pytest.raises(Damage, match="version 4, and this program reads 3"):
        format.place_of(b'{"v":4,"n":1,"batch":1,"more":0,')
