"""The first format of records, from the plain JSON array that simple socket chats write.

Before (version 0), one array in one file, rewritten whole with every message:

    [{"client": "ana", "message": "hola", "timestamp": "2026-11-22T09:30:00.123Z"}, …]

After (version 1), one compact line for each record:

    {"v":1,"n":1,"batch":1,"room":"general","seq":1,"type":"message","sender":"ana",
     "at":"2026-11-22T09:30:00.123Z","text":"hola","hash":"…","crc":"9f1c2b7a"}

`n`, `batch`, `seq`, `hash` and `crc` are not in the array: the writer of the records numbers
and chains them. `hash` is SHA-256 of the previous hash (64 zeros before the first line), the
line's bytes before `,"text":` (before `,"hash":` where it has no text), and the SHA-256 of
the text, in hex; `crc` is the CRC-32 of the bytes before `,"crc":`.
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

VERSION = 1
DEFAULT_ROOM = "general"
_COUNTED = re.compile(r"[0-9]{9,13}(\.[0-9]+)?")
"""Seconds or milliseconds as a text. Eight digits are a date, 20261122."""
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A record of version 1",
    "type": "object",
    "required": ["v", "n", "batch", "room", "seq", "type", "sender", "at", "hash", "crc"],
    "properties": {
        "v": {"const": 1},
        "n": {"type": "integer", "minimum": 1},
        "batch": {"type": "integer", "minimum": 1},
        "room": {"type": "string", "minLength": 1},
        "seq": {"type": "integer", "minimum": 1},
        "type": {"enum": ["message", "edit", "delete", "react"]},
        "sender": {"type": "string", "minLength": 1},
        "at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
        "cid": {"type": "string"},
        "reply_to": {"type": "integer", "minimum": 1},
        "target": {"type": "integer", "minimum": 1},
        "emoji": {"type": "string"},
        "on": {"type": "boolean"},
        "text": {"type": "string"},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "crc": {"type": "string", "pattern": "^[0-9a-f]{8}$"},
    },
    "additionalProperties": False,
}


def upgrade(record: dict[str, Any]) -> dict[str, Any]:
    """A row of the array as a record without numbers. Raises KeyError, ValueError, TypeError."""
    text = record["message"]
    sender = record["client"]
    if not isinstance(text, str) or not isinstance(sender, str):
        raise TypeError("client and message must be texts")
    return {
        "v": VERSION,
        "room": record.get("room", DEFAULT_ROOM),
        "type": "message",
        "sender": sender,
        "at": _moment(record["timestamp"]),
        "text": text,
    }


def line_hash(line: bytes, previous: bytes) -> bytes:
    """The hash of a line of version 1 after the hash `previous`."""
    head = line[: line.rindex(b',"hash":"')]
    if b',"text":"' not in head:
        return sha256(previous + head).hexdigest().encode()
    text = msgspec.json.decode(line)["text"]
    head = head[: head.index(b',"text":"')]
    digest = sha256(text.encode()).hexdigest().encode()
    return sha256(previous + head + digest).hexdigest().encode()


def _moment(timestamp: object) -> str:
    """ISO 8601 with or without a zone (UTC then), or seconds or milliseconds since 1970."""
    if isinstance(timestamp, str) and _COUNTED.fullmatch(timestamp):
        timestamp = float(timestamp)
    if isinstance(timestamp, str):
        moment = datetime.fromisoformat(timestamp)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    elif isinstance(timestamp, int | float) and not isinstance(timestamp, bool):
        seconds = timestamp / 1000 if timestamp > 1e11 else timestamp
        moment = datetime.fromtimestamp(seconds, UTC)
    else:
        raise TypeError("timestamp must be a date and time, or a number")
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
