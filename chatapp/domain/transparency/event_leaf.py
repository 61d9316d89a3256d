r"""What readers may know of a record, as a leaf of the tree that proves it to them.

    shown      {"n":812,"room":"general","seq":41,…,"body":"64 hex digits"}
    removable  {"blobs":["64 hex digits"]}         what goes with a deleted text; often nothing
    secret     {"vote":[1]}                        what is told later or never; often nothing

    leaf = SHA-256(00, digest of shown, digest of removable, digest of secret)
    digest of a part = SHA-256(salt, part); without a salt of "{}", where there is nothing

All are JSON of what the record's head says, but for its place in a batch. Each has a salt of its
own, so that nobody finds out by trying what a part that is withheld says, or the leaf beside
theirs: reactions and votes are short. Salts are BLAKE2b (RFC 7693) of the record's number, with a
key that only the chat has.
"""

from hashlib import blake2b, sha256
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from chatapp.domain.model import Forwarded, MovedFrom, MovedTo, SystemLine, told_of_original
from chatapp.domain.polls import ANONYMOUS
from chatapp.domain.structs import prepare
from chatapp.domain.transparency.record_head import RecordType

SALT_BYTES = 16
NOTHING = b"{}"
DIGEST_OF_NOTHING = sha256(NOTHING).digest()


class ShownHead(msgspec.Struct, frozen=True, omit_defaults=True):
    """What everybody who can read the room may know of a record, but for its text. `body` is the
    digest of that, with a salt of its own."""

    n: int
    room: str
    seq: int
    type: RecordType
    sender: str
    by: str | None = None
    at: str = ""  # Always set.
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    system: SystemLine | None = None
    thread: int | None = None
    also_to_room: bool | None = None
    moved_from: MovedFrom | None = None
    moved_to: MovedTo | None = None
    body: str | None = None


class RemovableHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What nobody is told any more once a message was deleted or erased."""

    forwarded: Forwarded | None = None
    blobs: list[str] | None = None


class SecretHead(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`by` and `vote` of a vote, `by` only if it is anonymous; where a private message was written
    that is `forwarded`."""

    by: str | None = None
    vote: list[int] | None = None
    forwarded: Forwarded | None = None


class LeafRecord(ShownHead, frozen=True, omit_defaults=True):
    """What of a line of the log makes its leaf."""

    vote: list[int] | None = None
    forwarded: Forwarded | None = None
    blobs: list[str] | None = None


class HeadParts(NamedTuple):
    shown: bytes
    removable: bytes = NOTHING
    secret: bytes = NOTHING


_shown_values = attrgetter(*ShownHead.__struct_fields__)
_encode = msgspec.json.Encoder().encode
decode_leaf = msgspec.json.Decoder(LeafRecord).decode
"""Of a whole line: quicker than the record, of which the text is most."""
prepare([ShownHead, RemovableHead, SecretHead])


def parts_of_head(record: Any) -> HeadParts:
    """Of a record of the log (`log/format.py`)."""
    shown, forwarded = ShownHead(*_shown_values(record)), record.forwarded
    if record.vote is None and record.blobs is None and forwarded is None:
        return HeadParts(_encode(shown))
    by = None
    if record.vote is not None and record.sender == ANONYMOUS:
        by, shown = record.by, replace(shown, by=None)
    told = forwarded and told_of_original(forwarded)
    secret = SecretHead(by=by, vote=record.vote, forwarded=None if told == forwarded else forwarded)
    removable = RemovableHead(forwarded=told, blobs=record.blobs)
    return HeadParts(_encode(shown), _encode(removable), _encode(secret))


def salts_of(key: bytes, n: int) -> tuple[bytes, bytes, bytes]:
    """The salts of the parts of record `n`."""
    all = blake2b(b"%d" % n, key=key, digest_size=3 * SALT_BYTES).digest()
    return all[:SALT_BYTES], all[SALT_BYTES : 2 * SALT_BYTES], all[2 * SALT_BYTES :]


def digest_of(salt: bytes, part: bytes) -> bytes:
    return DIGEST_OF_NOTHING if part == NOTHING else sha256(salt + part).digest()


def leaf_of_digests(shown: bytes, removable: bytes, secret: bytes) -> bytes:
    return sha256(b"\0" + shown + removable + secret).digest()


def leaf_of_record(record: Any, key: bytes) -> bytes:
    parts, salts = parts_of_head(record), salts_of(key, record.n)
    return leaf_of_digests(*map(digest_of, salts, parts))
