"""Texts are salted before they are hashed, and lines say how many of their batch follow.

Before (version 1):

    {"v":1,"n":2,"batch":2,"room":…,"text":"yes","hash":"…","crc":"…"}

After (version 2):

    {"v":2,"n":2,"batch":2,"more":0,"room":…,"text":"yes","salt":"…16 characters…",
     "hash":"…","crc":"…"}

Why: erasing a text leaves its digest in the log. Without a salt, anyone who has the log can try
all short texts and find "yes" again. The salt is erased with the text.

`more` counts the lines of the same batch that follow: a batch without its end was not
completed, even if it was cut off between two lines.

The numbers, the batches and the epoch stay; the hashes change, because they cover other bytes.
The writer of the upgraded records adds `more`, `salt`, `hash` and `crc`.
"""

from hashlib import sha256
from typing import Any

import msgspec

VERSION = 2
_REPLACED = ("hash", "crc")

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A record of version 2",
    "type": "object",
    "required": ["v", "n", "batch", "more", "room", "seq", "type", "sender", "at", "hash", "crc"],
    "properties": {
        "v": {"const": 2},
        "n": {"type": "integer", "minimum": 1},
        "batch": {"type": "integer", "minimum": 1},
        "more": {"type": "integer", "minimum": 0},
        "room": {"type": "string", "minLength": 1},
        "seq": {"type": "integer", "minimum": 1},
        "type": {"enum": ["message", "edit", "delete", "react", "lost"]},
        "sender": {"type": "string"},
        "by": {"type": "string", "minLength": 1},
        "at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "cid": {"type": "string"},
        "reply_to": {"type": "integer", "minimum": 1},
        "target": {"type": "integer", "minimum": 1},
        "emoji": {"type": "string"},
        "on": {"type": "boolean"},
        "text": {"type": "string"},
        "salt": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"},
        "erased": {"type": "string"},
        "body": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "crc": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
    },
    "dependentRequired": {"text": ["salt"], "erased": ["body"]},
    "additionalProperties": False,
}


def upgrade(record: dict[str, Any]) -> dict[str, Any]:
    """A record of version 1, of messages/ or directory/, without the fields that the writer
    adds."""
    kept = {key: value for key, value in record.items() if key not in _REPLACED}
    return {**kept, "v": VERSION}


def line_hash(line: bytes, previous: bytes) -> bytes:
    """The hash of a line of version 2 after the hash `previous`."""
    head = line[: line.rindex(b',"hash":"')]
    digest = b""
    if b',"text":"' in head:
        record = msgspec.json.decode(line)
        digest = sha256((record["salt"] + record["text"]).encode()).hexdigest().encode()
        head = head[: head.index(b',"text":"')]
    elif b',"erased":"' in head:
        digest = msgspec.json.decode(line)["body"].encode()
        head = head[: head.index(b',"erased":"')]
    return sha256(previous + head + digest).hexdigest().encode()
