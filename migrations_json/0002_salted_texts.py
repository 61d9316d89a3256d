"""Texts are salted before they are hashed, and a batch says where it ends.

Before (version 1):

    {"v":1,"n":2,"batch":2,"room":…,"text":"yes","hash":"…","crc":"…"}

After (version 2):

    {"v":2,"n":2,"batch":2,"more":0,"room":…,"text":"yes","salt":"…16 characters…",
     "hash":"…","crc":"…"}

Why: erasing a text leaves its digest in the log. Without a salt, whoever has the log can try
all short texts and find "yes" again. The salt is erased with the text.

`more` counts the lines of the same batch that follow: a batch that lacks its end was not
finished, also where it was cut off between two lines.

The numbers, the batches and the epoch stay; the hashes do not, since they cover other bytes.
Whoever writes the upgraded records gives them `more`, `salt`, `hash` and `crc`.
"""

from typing import Any

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
    """A record of version 1, of messages/ or directory/, without what is made anew."""
    kept = {key: value for key, value in record.items() if key not in _REPLACED}
    return {**kept, "v": VERSION}
