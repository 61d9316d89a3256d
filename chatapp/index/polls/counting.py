"""Keeps the votes of polls in the index, and which polls close by themselves.

Only the last vote of a person counts. Votes are counted when they are added, so a poll costs the
same to read whether ten people have voted or five thousand. A rebuild, which takes the log in
pieces, counts at its end.
"""

# ruff: noqa: S608 - statements are put together of constants; values are bound

import sqlite3
from collections.abc import Iterable

import msgspec

from chatapp.domain.limits import MAX_OPTIONS
from chatapp.domain.polls import Chosen, options_of

VOTERS = -1
"""In place of an option: how many people have voted."""

PollKey = tuple[int, int]
"""The id of a room, and the seq of a poll."""


class CastVote(msgspec.Struct, frozen=True):
    """A vote by the ids of its room, its voter and their name, and the seqs of its poll and of the
    vote itself."""

    room: int
    poll: int
    voter: int
    choice: Chosen
    seq: int
    sender: int


def take_votes(db: sqlite3.Connection, votes: Iterable[CastVote]) -> None:
    """Add votes to what is counted."""
    for vote in votes:
        poll = vote.room, vote.poll
        before, seq = db.execute(_CHOICE, (*poll, vote.voter)).fetchone() or (0, 0)
        keep_votes(db, [vote])
        db.executemany(_TAKE_CHOICE, [(*poll, option, seq) for option in options_of(before)])
        db.executemany(
            "INSERT INTO choices VALUES (?, ?, ?, ?, ?, ?)",
            [
                (*poll, option, vote.seq, vote.sender, vote.voter)
                for option in options_of(vote.choice)
            ],
        )
        counts = [(*poll, option, -1) for option in options_of(before & ~vote.choice)]
        counts += [(*poll, option, 1) for option in options_of(vote.choice & ~before)]
        if bool(before) != bool(vote.choice):
            counts.append((*poll, VOTERS, 1 if vote.choice else -1))
        db.executemany(_COUNT, counts)


def keep_votes(db: sqlite3.Connection, votes: Iterable[CastVote]) -> None:
    """The same without counting; votes come in their order."""
    db.executemany(
        _KEEP, [(one.room, one.poll, one.voter, one.choice, one.seq, one.sender) for one in votes]
    )


def count_all(db: sqlite3.Connection) -> None:
    for statement in _COUNT_ALL:
        db.execute(statement)


def begin_waiting(db: sqlite3.Connection, poll: PollKey, closes_at: int) -> None:
    """A poll that closes by itself; the time is in milliseconds since 1970."""
    db.execute("INSERT OR REPLACE INTO closing VALUES (?, ?, ?)", (*poll, closes_at))


def end_waiting(db: sqlite3.Connection, poll: PollKey) -> None:
    db.execute("DELETE FROM closing WHERE room = ? AND poll = ?", poll)


_CHOICE = "SELECT choice, seq FROM votes WHERE room = ? AND poll = ? AND voter = ?"
_KEEP = (
    "INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET"
    " choice = excluded.choice, seq = excluded.seq, sender = excluded.sender, changes = changes + 1"
)
_TAKE_CHOICE = "DELETE FROM choices WHERE room = ? AND poll = ? AND option = ? AND seq = ?"
_COUNT = (
    "INSERT INTO counts VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET count = count + excluded.count"
)
_COUNT_ALL = (
    "INSERT INTO choices WITH RECURSIVE options (option) AS"
    f" (VALUES (0) UNION ALL SELECT option + 1 FROM options WHERE option < {MAX_OPTIONS - 1})"
    " SELECT room, poll, option, seq, sender, voter FROM votes CROSS JOIN options"
    " WHERE choice >> option & 1",
    "INSERT INTO counts SELECT room, poll, option, count(*) FROM choices"
    " GROUP BY room, poll, option",
    f"INSERT INTO counts SELECT room, poll, {VOTERS}, count(*) FROM votes WHERE choice"
    " GROUP BY room, poll",
)
