"""Keeps in the index which messages of a room are pinned, and looks them up.

The line that pinned or unpinned a message last has a row. What is deleted is not pinned any more.
An index that is complete has no rows but those of pinned messages, so a room has few of them.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import sqlite3
from collections.abc import Iterable

from chatapp.domain.clock import moment_of, timestamp
from chatapp.domain.model import Pin
from chatapp.index.schema import NOBODY, PIN_NOTED, REPLY, SHOWN

Place = tuple[int, int | None]
"""The id of a room, and the seq of a message."""


def note_pins(db: sqlite3.Connection, lines: Iterable[tuple[int, int, int, bool]]) -> None:
    """Room, seq, the number of the line's record, and whether it pins the message."""
    db.executemany(_NOTE, list(lines))


def forget_unpinned(db: sqlite3.Connection, places: Iterable[Place]) -> None:
    """Remove the rows of those messages that are not pinned, or deleted."""
    db.executemany(f"{_FORGET} AND room = ? AND seq = ?", list(places))


def forget_all_unpinned(db: sqlite3.Connection) -> None:
    db.execute(_FORGET)


def pinned(db: sqlite3.Connection, room: int) -> list[Pin]:
    """The pinned messages of a room, the one that was pinned last first."""
    return [
        Pin(seq=seq, line=line, sender=sender, at=timestamp(moment_of(at)))
        for seq, line, sender, at in db.execute(_PINNED, (room,))
    ]


_NOTE = f"INSERT INTO pins (room, seq, line, pinned) VALUES (?, ?, ?, ?){PIN_NOTED}"
_MESSAGE = (
    f"records AS message WHERE message.room = pins.room AND message.follows IN ({SHOWN}, {REPLY})"
    f" AND message.seq = pins.seq AND message.author <> {NOBODY}"
)
_FORGET = f"DELETE FROM pins WHERE (NOT pinned OR NOT EXISTS (SELECT 1 FROM {_MESSAGE}))"
_PINNED = (
    "SELECT pins.seq, line.seq, name, line.at FROM pins"
    " CROSS JOIN records AS line ON line.n = pins.line"
    " CROSS JOIN senders ON senders.id = line.sender"
    f" WHERE pins.room = ? AND pinned AND EXISTS (SELECT 1 FROM {_MESSAGE})"
    " ORDER BY line.n DESC, pins.seq DESC"
)
