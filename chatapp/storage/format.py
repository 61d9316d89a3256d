r"""The bytes of the log: how one record becomes one line, and how a line is checked.

Pure functions; nothing here touches a file. docs/log-format.md tells the same to people
who have only `jq` and `sha256sum`.

A line of messages/ (compact JSON in UTF-8, `\n` at its end, shown here on several lines):

    {"v":2,"n":812,"batch":97,"more":0,                     ┐
     "room":"general","seq":41,"type":"message",            │ head
     "sender":"ana","at":"2026-11-22T09:30:00.123Z",        │
     "cid":"…","reply_to":…,"target":…,"emoji":…,"on":…     ┘ those that apply
     ,"text":"hola","salt":"9hJ2…16 characters"             body, where the type has a text
     ,"hash":"64 hex digits"                                chain
     ,"crc":"8 hex digits"}                                 check

A line of directory/ has another head, and no body:

    {"v":2,"n":7,"batch":3,"more":0,"table":"rooms","key":"tea","at":"…","value":{…}   head
     ,"hash":"…","crc":"…"}

`n` counts the lines of a journal, 1, 2, 3 … `batch` counts what was written and made durable
    together; `more` lines of the same batch follow this one. A batch counts whole or not at
    all: the last one of a file is finished where its last line has `"more":0`.
`crc` is the CRC-32 (of zlib, gzip, PNG) of all bytes before `,"crc":`. It comes last, so that
    checking a line serialises nothing.
`hash` is SHA-256 of: the previous line's hash, 64 digits; the head's bytes as they stand,
    from `{` to before `,"text":`; and where there is a body, its digest, 64 digits.
    The first line of all follows 64 zeros. A line that was changed, dropped, inserted or
    moved breaks the chain there.
The digest of a body is SHA-256 of salt and text (not of their JSON). Erasing a text puts
    `,"erased":"when","body":"digest"` in its place: the chain stays whole, and without the
    salt nobody can find a short text again by trying.

Strings in a head escape their quotes, so the first `,"text":"` of a line is the real one.
"""

import base64
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Literal
from zlib import crc32

import msgspec

from chatapp.model import Event, EventType

VERSION = 2
"""Of the lines. Version 1 had no salt; migrations_json/ upgrades it."""
GENESIS = b"0" * 64
"""What the first line of a journal takes for its previous hash."""
SALT_BYTES = 12

_TEXT = b',"text":"'
_ERASED = b',"erased":"'
_SALT = b',"salt":"'
_BODY = b',"body":"'
_HASH = b',"hash":"'
_CRC = b',"crc":"'
_CRC_TAIL = len(_CRC) + 8 + len(b'"}\n')

# Where these are in a line, counted from its end: `,"salt":"…","hash":"…","crc":"…"}`.
_HASH_BEGINS = -(_CRC_TAIL + len(_HASH) + 64 + len(b'"'))
_HASH_DIGITS = slice(_HASH_BEGINS + len(_HASH), -_CRC_TAIL - 1)
_SALT_BEGINS = _HASH_BEGINS - len(_SALT) - 16 - len(b'"')
_SALT_DIGITS = slice(_SALT_BEGINS + len(_SALT), _HASH_BEGINS - 1)
_TEXT_ENDS = _SALT_BEGINS - 1
_BODY_BEGINS = _HASH_BEGINS - len(_BODY) - 64 - len(b'"')
_BODY_DIGITS = slice(_BODY_BEGINS + len(_BODY), _HASH_BEGINS - 1)


RecordType = EventType | Literal["lost"]
"""`lost` stands in for an event that `chatapp log repair` could not save."""


class Place(msgspec.Struct, frozen=True):
    """Where a line stands among the others: what the journal decides, not the writer's draft."""

    n: int
    batch: int
    more: int


class Tip(msgspec.Struct, frozen=True):
    """The last line of a chain, or what stands in for it: the next one builds on this."""

    n: int = 0
    batch: int = 0
    hash: str = GENESIS.decode()


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of messages/, decoded."""

    v: int
    n: int
    batch: int
    more: int
    room: str
    seq: int
    type: RecordType
    sender: str
    at: str
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    text: str | None = None
    salt: str | None = None
    erased: str | None = None
    body: str | None = None
    hash: str
    crc: str

    @property
    def event(self) -> Event:
        """What happened, as a manager knows it. A lost event is one that takes itself back."""
        if self.type == "lost":
            return Event(
                room=self.room,
                seq=self.seq,
                sender=self.sender,
                at=self.at,
                type="delete",
                target=self.seq,
            )
        return Event(
            room=self.room,
            seq=self.seq,
            sender=self.sender,
            at=self.at,
            type=self.type,
            text="" if self.erased else self.text,
            cid=self.cid,
            reply_to=self.reply_to,
            target=self.target,
            emoji=self.emoji,
            on=self.on,
            erased_at=self.erased,
        )


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of directory/, decoded. With an empty value, the key is deleted."""

    v: int
    n: int
    batch: int
    more: int
    table: str
    key: str
    at: str
    value: msgspec.Raw = msgspec.Raw()
    hash: str
    crc: str


class _EventLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Head and body of an event: encoded in one go, for this is done for every message."""

    v: int
    n: int
    batch: int
    more: int
    room: str
    seq: int
    type: str
    sender: str
    at: str
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    text: str | None = None
    salt: str | None = None


class _EntryHead(msgspec.Struct, frozen=True, omit_defaults=True):
    v: int
    n: int
    batch: int
    more: int
    table: str
    key: str
    at: str
    value: msgspec.Raw | None = None


CUT_OFF = "it is cut off"


class Damage(Exception):
    """A line that is not what was written. Says in what; the reader knows where."""


_encode = msgspec.json.Encoder().encode
_decode_record = msgspec.json.Decoder(Record).decode
_decode_event = msgspec.json.Decoder(Event).decode
_decode_entry = msgspec.json.Decoder(Entry).decode


def encode_events(
    events: Sequence[Event], salts: Sequence[str], tip: Tip
) -> tuple[list[bytes], Tip]:
    """The lines of a batch that follows `tip`, and where it ends."""
    lines: list[bytes] = []
    batch, n, more, previous = tip.batch + 1, tip.n, len(events), tip.hash.encode()
    for event, salt in zip(events, salts, strict=True):
        n += 1
        more -= 1
        line, previous = encode_event(event, Place(n, batch, more), salt, previous)
        lines.append(line)
    return lines, Tip(n, batch, previous.decode())


def encode_event(event: Event, place: Place, salt: str, previous: bytes) -> tuple[bytes, bytes]:
    """The line of an event, and its hash, which the next line needs.

    One that was erased elsewhere is the line of an empty text, erased.
    """
    text = event.text
    line = _encode(
        _EventLine(
            VERSION,
            place.n,
            place.batch,
            place.more,
            event.room,
            event.seq,
            event.type,
            event.sender,
            event.at,
            event.cid,
            event.reply_to,
            event.target,
            event.emoji,
            event.on,
            text,
            None if text is None else salt,
        )
    )[:-1]
    if text is None:
        return _sealed(line, line, previous)
    line, digits = _sealed(line, line[: line.index(_TEXT)] + body_digest(salt, text), previous)
    return line if event.erased_at is None else erase(line, event.erased_at), digits


def encode_record(record: Record, place: Place, previous: bytes) -> tuple[bytes, bytes]:
    """A record's line in another place, behind another line; its salt, if it has one, is kept."""
    head = _encode(
        _EventLine(
            VERSION,
            place.n,
            place.batch,
            place.more,
            record.room,
            record.seq,
            record.type,
            record.sender,
            record.at,
            record.cid,
            record.reply_to,
            record.target,
            record.emoji,
            record.on,
        )
    )[:-1]
    if record.erased is not None:
        digest = (record.body or "").encode()
        body = b',"erased":"%b","body":"%b"' % (record.erased.encode(), digest)
        return _sealed(head + body, head + digest, previous)
    if record.text is None:
        return _sealed(head, head, previous)
    salt = record.salt or ""
    body = b',"text":%b,"salt":"%b"' % (_encode(record.text), salt.encode())
    return _sealed(head + body, head + body_digest(salt, record.text), previous)


def encode_entry(
    table: str, key: str, value: msgspec.Raw | None, *, at: str, place: Place, previous: bytes
) -> tuple[bytes, bytes]:
    """The line of a directory's value, and its hash."""
    head = _encode(_EntryHead(VERSION, place.n, place.batch, place.more, table, key, at, value))[
        :-1
    ]
    return _sealed(head, head, previous)


def erase(line: bytes, when: str) -> bytes:
    """The same line without its text. Its hash stays, so the chain does too."""
    record = decode_record(line)
    if record.text is None or record.salt is None:
        return line
    head = line[: line.index(_TEXT)]
    digest = body_digest(record.salt, record.text)
    return _checked(
        b'%b,"erased":"%b","body":"%b","hash":"%b"'
        % (head, when.encode(), digest, record.hash.encode())
    )


def body_digest(salt: str, text: str) -> bytes:
    return sha256((salt + text).encode()).hexdigest().encode()


def salts(randomness: bytes) -> list[str]:
    """A salt from every 12 random bytes: 16 characters of URL-safe base64."""
    text = base64.urlsafe_b64encode(randomness).decode()
    return [text[i : i + 16] for i in range(0, len(text), 16)]


def check_crc(line: bytes) -> None:
    """Raises `Damage` unless the line is whole: this is what torn writes and bad bits break."""
    if line[-_CRC_TAIL:] == b',"crc":"%08x"}\n' % crc32(line[:-_CRC_TAIL]):
        return
    if len(line) <= _CRC_TAIL or line[-1:] != b"\n":
        raise Damage(CUT_OFF)
    raise Damage("its checksum is wrong")


def line_hash(line: bytes) -> bytes:
    """The chain's hash that a line carries."""
    return line[_HASH_DIGITS]


def expected_hash(line: bytes, previous: bytes) -> bytes:
    """The hash that a line of messages/ or directory/ must carry after `previous`."""
    if line.startswith(_SALT, _SALT_BEGINS):
        cut = line.find(_TEXT)
        text = line[cut + len(_TEXT) : _TEXT_ENDS]
        if b"\\" in text:
            text = msgspec.json.decode(b'"%b"' % text, type=str).encode()
        digest = sha256(line[_SALT_DIGITS] + text).hexdigest().encode()
        covered = previous + line[:cut] + digest
    elif line.startswith(_BODY, _BODY_BEGINS):
        covered = previous + line[: line.find(_ERASED)] + line[_BODY_DIGITS]
    else:
        covered = previous + line[:_HASH_BEGINS]
    return sha256(covered).hexdigest().encode()


def decode_record(line: bytes) -> Record:
    try:
        return _decode_record(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damage(f"it is no record ({error})") from None


def decode_event(line: bytes) -> Event:
    """What a record says happened; a shorter way there for nearly all of them."""
    try:
        event = _decode_event(line)
    except (msgspec.DecodeError, UnicodeDecodeError):  # lost, or no record
        return decode_record(line).event
    if event.text is None and event.type in ("message", "edit"):  # erased
        return decode_record(line).event
    return event


def decode_entry(line: bytes) -> Entry:
    try:
        return _decode_entry(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damage(f"it is no entry ({error})") from None


_START = re.compile(rb'\{"v":(\d{1,9}),"n":(\d{1,16}),"batch":(\d{1,16}),"more":(\d{1,9}),')


def place_of(line: bytes) -> Place:
    """Where a line says that it stands, read from its first bytes."""
    found = _START.match(line)
    if not found:
        raise Damage("it does not begin like a record")
    if int(found[1]) != VERSION:
        raise Damage(f"it has version {found[1].decode()}, and this program reads {VERSION}")
    return Place(int(found[2]), int(found[3]), int(found[4]))


def starts(data: bytes) -> list[int]:
    """Where in a piece of rubble a line may begin, newline before it or not."""
    return [found.start() for found in _START.finditer(data)]


def _sealed(line: bytes, covered: bytes, previous: bytes) -> tuple[bytes, bytes]:
    """The line with its hash, over what of it is `covered`, and its checksum; and the hash."""
    digits = sha256(previous + covered).hexdigest().encode()
    return _checked(b'%b,"hash":"%b"' % (line, digits)), digits


def _checked(covered: bytes) -> bytes:
    return covered + b',"crc":"%08x"}\n' % crc32(covered)


def to_json(value: Any) -> msgspec.Raw:
    """A value as compact JSON, to be put into a head as it stands."""
    return msgspec.Raw(_encode(value))
