"""Every text has its digest in the head of its line, so that erasing it moves no other line.

Before (version 2):

    {"v":2,"n":2,…,"at":…,"text":"yes","salt":"…","hash":"…","crc":"…"}
    {"v":2,"n":3,…,"at":…,"erased":"when","body":"…64 digits…","hash":"…","crc":"…"}

After (version 3):

    {"v":3,"n":2,…,"at":…,"body":"…64 digits…","text":"yes","salt":"…","hash":"…","crc":"…"}
    {"v":3,"n":3,…,"at":…,"body":"…64 digits…","erased":"when","hash":"…","crc":"…"}

Why: when a text was erased, its digest took its place, and was longer than most texts. So all
later lines moved, and the segment and the index were rewritten. Now the rest of an erased line
stays at the same offset: erasing 13,000 texts of 1,000,000 takes seconds, not minutes. It costs 74
bytes for each text.

The digest covers other bytes now, those of the body as stored. That of an already erased text does
not change: the text for comparison no longer exists.

The numbers, the batches, the salts and the epoch stay; the hashes change, because they cover
other bytes. The writer of the upgraded records adds `body`, `hash` and `crc`.
"""

from typing import Any

VERSION = 3
_REPLACED = ("hash", "crc")

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A record of version 3",
    "type": "object",
    "required": ["v", "n", "batch", "more", "room", "seq", "type", "sender", "at", "hash", "crc"],
    "properties": {
        "v": {"const": 3},
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
        "system": {"type": "object"},
        "thread": {"type": "integer", "minimum": 1},
        "also_to_room": {"type": "boolean"},
        "moved_from": {"type": "object", "required": ["room", "seq", "at"]},
        "moved_to": {"type": "object", "required": ["room", "seq"]},
        "forwarded": {"type": "object", "required": ["sender", "at"]},
        "blobs": {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        "body": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "files": {
            "type": "array",
            "items": {"type": "object", "required": ["id", "name", "type", "bytes", "sha256"]},
        },
        "previews": {
            "type": "array",
            "items": {"type": "object", "required": ["url", "title"]},
        },
        "text": {"type": "string"},
        "salt": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"},
        "erased": {"type": "string"},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "crc": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
    },
    "dependentRequired": {
        "text": ["body", "salt"],
        "files": ["text", "blobs"],
        "erased": ["body"],
    },
    "additionalProperties": False,
}


def upgrade(record: dict[str, Any]) -> dict[str, Any]:
    """A record of version 2, of messages/ or directory/, without the fields that the writer
    adds."""
    kept = {key: value for key, value in record.items() if key not in _REPLACED}
    return {**kept, "v": VERSION}
