r"""The bytes of the log: how one record becomes one line, and how a line is checked.

Pure functions; nothing here touches a file. docs/log-format.md tells the same to people
who have only `jq` and `sha256sum`.

A line of messages/ (compact JSON in UTF-8, `\n` at its end, shown here on several lines):

    {"v":3,"n":812,"batch":97,"more":0,                     ┐
     "room":"general","seq":41,"type":"message",            │ head
     "sender":"ana","by":"…","at":"2026-11-22T09:30…Z",     │
     "cid":"…","reply_to":…,"target":…,"emoji":…,"on":…,    │ those that apply
     "vote":[…],"system":{"what":"…","who":"…"},"thread":…, │
     "blobs":["64 hex digits"],                             │
     "body":"64 hex digits"                                 ┘ where the type has a text
     ,"text":"hola","files":[…],"salt":"9hJ2…16 characters" body; files … if there are any
     ,"hash":"64 hex digits"                                chain
     ,"crc":"8 hex digits"}                                 check

A line of directory/ has another head, and no body:

    {"v":3,"n":7,"batch":3,"more":0,"table":"rooms","key":"tea","at":"…","value":{…}   head
     ,"hash":"…","crc":"…"}

`n` counts the lines of a journal, 1, 2, 3 … `batch` counts what was written and made durable
    together; `more` lines of the same batch follow this one. A batch counts whole or not at
    all: the last one of a file is finished where its last line has `"more":0`.
`crc` is the CRC-32 (of zlib, gzip, PNG) of all bytes before `,"crc":`. It comes last, so that
    checking a line serialises nothing.
`hash` is SHA-256 of the previous line's hash, 64 digits, and of the head's bytes as they stand,
    from `{` on. The first line of all follows 64 zeros. A line that was changed, dropped,
    inserted or moved breaks the chain there.
`"body"`, the last field of the head, is SHA-256 of the body's bytes as they stand, from `"text":`
    on. So the chain proves the body without covering it: erasing a text puts `,"erased":"when"`
    and spaces in the place of the body, as many bytes as before. Nothing else of the line changes
    but its checksum, and no other line does. Without the salt, nobody can find a short text again
    by trying.

Strings in a head escape their quotes, so the first `,"text":"` of a line is the real one.
"""

import base64
import re
from collections.abc import Sequence
from hashlib import sha256
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec
from msgspec.structs import replace

from chatapp.domain.model import (
    Draft,
    Event,
    FileInfo,
    LinkPreview,
    Poll,
    Via,
)
from chatapp.domain.transparency.record_head import EventHead

VERSION = 3
"""The current version of lines. migrations_json/ has older ones, and the steps between them."""
GENESIS = b"0" * 64
"""The previous hash of a journal's first line."""
SALT_BYTES = 12

_TEXT = b',"text":"'
_ERASED = b',"erased":"'
_SALT = b',"salt":"'
_BODY = b',"body":"'
_HASH = b',"hash":"'
_CRC = b',"crc":"'
_CRC_TAIL = len(_CRC) + 8 + len(b'"}\n')

# The positions of these in a line, from its end: `,"salt":"…","hash":"…","crc":"…"}`.
_HASH_BEGINS = -(_CRC_TAIL + len(_HASH) + 64 + len(b'"'))
_HASH_DIGITS = slice(_HASH_BEGINS + len(_HASH), -_CRC_TAIL - 1)
_SALT_BEGINS = _HASH_BEGINS - len(_SALT) - 16 - len(b'"')
# The same in a head with a body, from the head's end: `,"body":"…"`.
_BODY_BEGINS = -(len(_BODY) + 64 + len(b'"'))
_BODY_DIGITS = slice(_BODY_BEGINS + len(_BODY), -1)
_ERASED_BODY = re.compile(rb',"erased":"[^"\\]*" *')


class Position(msgspec.Struct, frozen=True):
    """The position of a line among the others, which the journal decides."""

    n: int
    batch: int
    more: int


class ChainHead(msgspec.Struct, frozen=True):
    """The last line of a chain, or its replacement: the next line builds on it."""

    n: int = 0
    batch: int = 0
    hash: str = GENESIS.decode()


_values_of_head = attrgetter(*EventHead.__struct_fields__[4:])
_values_of_draft = attrgetter(*Draft.__struct_fields__[:-1], "erased")
"""The fields of a `Draft`, from a record."""


class Record(EventHead, frozen=True, kw_only=True):
    """One line of messages/, decoded."""

    at: str
    body: str | None = None
    text: str | None = None
    files: list[FileInfo] | None = None
    previews: list[LinkPreview] | None = None
    poll: Poll | None = None
    via: Via | None = None
    salt: str | None = None
    erased: str | None = None
    hash: str
    crc: str

    @property
    def event(self) -> Event:
        """The event for managers. A lost event becomes a message that deletes itself."""
        event = Event(*_values_of_draft(self), seq=self.seq, at=self.at)
        if self.type == "lost":
            return replace(event, type="delete", target=self.seq)
        if self.erased is None:
            return event
        removed = map(_removed, self.blobs) if self.type == "edit" and self.blobs else None
        return replace(event, text="", files=removed and list(removed))


def _removed(digest: str) -> FileInfo:
    """A file that an erased edit has removed, as far as its head says."""
    return FileInfo(id="", name="", type="", bytes=0, sha256=digest, removed=True)


class _EntryHead(msgspec.Struct, frozen=True, omit_defaults=True):
    v: int
    n: int
    batch: int
    more: int
    table: str
    key: str
    at: str
    value: msgspec.Raw | None = None


class TableLine(_EntryHead, frozen=True, kw_only=True):
    """One line of directory/, decoded. With an empty value, the key is deleted."""

    value: msgspec.Raw = msgspec.Raw()
    hash: str
    crc: str


CUT_OFF = "it is cut off"


class Damage(Exception):
    """A line that differs from what was written. Says how; the reader knows where."""


_encode = msgspec.json.Encoder().encode
_decode_record = msgspec.json.Decoder(Record).decode
_decode_event = msgspec.json.Decoder(Event).decode
_decode_entry = msgspec.json.Decoder(TableLine).decode


def encode_events(
    events: Sequence[Event], salts: Sequence[str], tip: ChainHead
) -> tuple[list[bytes], ChainHead]:
    """The lines of a batch that follows `tip`, and its end."""
    lines: list[bytes] = []
    batch, n, more, previous = tip.batch + 1, tip.n, len(events), tip.hash.encode()
    for event, salt in zip(events, salts, strict=True):
        n += 1
        more -= 1
        line, previous = encode_event(event, Position(n, batch, more), salt, previous)
        lines.append(line)
    return lines, ChainHead(n, batch, previous.decode())


def encode_event(event: Event, place: Position, salt: str, previous: bytes) -> tuple[bytes, bytes]:
    """The line of an event, and its hash, which the next line needs.

    An event that was erased elsewhere becomes the line of an erased empty text.
    """
    head = _head(event, place)
    if event.text is None:
        return _sealed(head, head, previous)
    line, digits = _with_text(head, event, salt, previous)
    return line if event.erased_at is None else erase(line, event.erased_at), digits


def encode_record(record: Record, place: Position, previous: bytes) -> tuple[bytes, bytes]:
    """A record's line at another position; its salt, if it has one, is kept."""
    head = _head(record, place)
    if record.erased is not None:
        head = b'%b,"body":"%b"' % (head, (record.body or "").encode())
        erased = b'%b,"erased":%b' % (head, _encode(record.erased))
        return _sealed(erased, head, previous)
    if record.text is None:
        return _sealed(head, head, previous)
    return _with_text(head, record, record.salt or "", previous)


def _head(event: Event | Record, place: Position) -> bytes:
    head = EventHead(VERSION, place.n, place.batch, place.more, *_values_of_head(event))
    return _encode(head)[:-1]


def encode_entry(
    table: str, key: str, value: msgspec.Raw | None, *, at: str, place: Position, previous: bytes
) -> tuple[bytes, bytes]:
    """The line of a directory's value, and its hash."""
    entry = _EntryHead(VERSION, place.n, place.batch, place.more, table, key, at, value)
    head = _encode(entry)[:-1]
    return _sealed(head, head, previous)


def erase(line: bytes, when: str) -> bytes:
    """The same line without its text; its hash does not change, so the chain stays valid."""
    cut, erased = erasure(line, when)
    return line[:cut] + erased


def erasure(line: bytes, when: str) -> tuple[int, bytes]:
    """The offset of a line's text, and the bytes after erasing it: the same number, with a `when`
    of up to 24 characters. Only for a line that has a text."""
    cut = line.index(_TEXT)
    erased = b'%b%b"' % (_ERASED, when.encode())
    padded = erased.ljust(len(line) + _HASH_BEGINS - cut) + line[_HASH_BEGINS:-_CRC_TAIL]
    return cut, b'%b,"crc":"%08x"}\n' % (padded, crc32(padded, crc32(line[:cut])))


def has_text(line: bytes) -> bool:
    """Whether a line has a text that is not erased."""
    return line.startswith(_SALT, _SALT_BEGINS)


def body_digest(body: bytes) -> bytes:
    """The digest of the body's bytes, from `"text":` to the quote after the salt."""
    return sha256(body).hexdigest().encode()


def salts(randomness: bytes) -> list[str]:
    """A salt from every 12 random bytes: 16 characters of URL-safe base64."""
    text = base64.urlsafe_b64encode(randomness).decode()
    return [text[i : i + 16] for i in range(0, len(text), 16)]


def check_crc(line: bytes) -> None:
    """Raises `Damage` unless the line is intact: detects torn writes and flipped bits."""
    if line[-_CRC_TAIL:] == b',"crc":"%08x"}\n' % crc32(line[:-_CRC_TAIL]):
        return
    if len(line) <= _CRC_TAIL or line[-1:] != b"\n":
        raise Damage(CUT_OFF)
    raise Damage("its checksum is wrong")


def line_hash(line: bytes) -> bytes:
    """The hash in a line."""
    return line[_HASH_DIGITS]


def expected_hash(line: bytes, previous: bytes) -> bytes:
    """The hash that a line of messages/ or directory/ must have after `previous`.

    Raises `Damage` if its body does not match the digest in its head.
    """
    return sha256(previous + _proven_head(line)).hexdigest().encode()


def parts_of(line: bytes) -> tuple[bytes, bytes]:
    """The head of a line of messages/, and its body; the body is empty where there is no text, or
    none any more."""
    if has_text(line):
        cut = line.find(_TEXT)
        return line[:cut], line[cut + 1 : _HASH_BEGINS]
    cut = line.find(_ERASED)
    return line[: cut if cut >= 0 else _HASH_BEGINS], b""


def _proven_head(line: bytes) -> bytes:
    if has_text(line):
        cut = line.find(_TEXT)
        head = line[:cut]
        if head[_BODY_DIGITS] != body_digest(line[cut + 1 : _HASH_BEGINS]):
            raise Damage("its text is not the one that was written")
        return head
    cut = line.find(_ERASED)
    if cut >= 0 and not _ERASED_BODY.fullmatch(line[cut:_HASH_BEGINS]):
        raise Damage("there is more in it than an erased text")
    head = line[: cut if cut >= 0 else _HASH_BEGINS]
    if head.startswith(_BODY, _BODY_BEGINS) != (cut >= 0):
        raise Damage("its text is missing")
    return head


def decode_record(line: bytes) -> Record:
    try:
        return _decode_record(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damage(f"it is no record ({error})") from None


def decode_event(line: bytes) -> Event:
    """The event of a record; a fast path for nearly all of them."""
    try:
        event = _decode_event(line)
    except (msgspec.DecodeError, UnicodeDecodeError):  # lost, or not a record
        return decode_record(line).event
    if event.text is None and event.type in ("message", "edit"):  # erased
        return decode_record(line).event
    return event


def decode_entry(line: bytes) -> TableLine:
    try:
        return _decode_entry(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damage(f"it is no entry ({error})") from None


_START = re.compile(rb'\{"v":(\d{1,9}),"n":(\d{1,16}),"batch":(\d{1,16}),"more":(\d{1,9}),')


def place_of(line: bytes) -> Position:
    """The position in a line, read from its first bytes."""
    found = _START.match(line)
    if not found:
        raise Damage("it does not begin like a record")
    if int(found[1]) != VERSION:
        raise Damage(f"it has version {found[1].decode()}, and this program reads {VERSION}")
    return Position(int(found[2]), int(found[3]), int(found[4]))


def head_at(line: bytes) -> ChainHead:
    """The chain's head if it ends with this line."""
    place = place_of(line)
    return ChainHead(place.n, place.batch, line_hash(line).decode())


def starts(data: bytes) -> list[int]:
    """The offsets in damaged bytes at which a line may start, after a newline or not."""
    return [found.start() for found in _START.finditer(data)]


def _with_text(
    head: bytes, said: Event | Record, salt: str, previous: bytes
) -> tuple[bytes, bytes]:
    """The line of a head with a body."""
    files = b"" if said.files is None else b',"files":%b' % _encode(said.files)
    previews = b"" if said.previews is None else b',"previews":%b' % _encode(said.previews)
    poll = b"" if said.poll is None else b',"poll":%b' % _encode(said.poll)
    via = b"" if said.via is None else b',"via":%b' % _encode(said.via)
    more = files + previews + poll + via
    body = b'"text":%b%b,"salt":"%b"' % (_encode(said.text), more, salt.encode())
    head = b'%b,"body":"%b"' % (head, body_digest(body))
    return _sealed(b"%b,%b" % (head, body), head, previous)


def _sealed(line: bytes, covered: bytes, previous: bytes) -> tuple[bytes, bytes]:
    """The line with its checksum and its hash over the `covered` bytes; and the hash."""
    digits = sha256(previous + covered).hexdigest().encode()
    return _checked(b'%b,"hash":"%b"' % (line, digits)), digits


def _checked(covered: bytes) -> bytes:
    return covered + b',"crc":"%08x"}\n' % crc32(covered)


def to_json(value: Any) -> msgspec.Raw:
    """A value as compact JSON, to be inserted into a head."""
    return msgspec.Raw(_encode(value))
