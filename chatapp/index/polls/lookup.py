"""Queries the index for the votes of polls."""

# ruff: noqa: S608 - statements are put together of constants; values are bound

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from chatapp.domain.polls import Chosen
from chatapp.index.polls.counting import VOTERS
from chatapp.index.schema import VOTE


class IndexedVoter(msgspec.Struct, frozen=True):
    """Who has voted, by name and by the id in votes, and the seq of the vote."""

    seq: int
    name: str
    voter: str


class IndexedPoll(msgspec.Struct, frozen=True):
    """The votes of a poll as the index has them: how many people have voted, how many for each
    option, and who did so first."""

    voters: int
    counts: dict[int, int]
    first: dict[int, list[IndexedVoter]]


class IndexedChoice(msgspec.Struct, frozen=True):
    """A person's last vote, when it was in milliseconds, and how often they have voted."""

    choice: Chosen = 0
    seq: int = 0
    at: int = 0
    changes: int = 0


class OpenPoll(msgspec.Struct, frozen=True):
    """A poll that closes by itself; the time is in milliseconds."""

    room: str
    seq: int
    closes_at: int


class PollLookup:
    """`room_id(name)` is the id of a room, 0 if the index does not have it."""

    def __init__(self, connection: sqlite3.Connection, room_id: Callable[[str], int]) -> None:
        self._db = connection
        self._room_id = room_id

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is asked within it is answered from one state of the index, which another thread may
        be adding votes to."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def version(self) -> int:
        """Another number after each change of the index."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)

    def polls(self, room: str, seqs: Collection[int], names: int) -> dict[int, IndexedPoll]:
        """The votes of these polls, each with so many names of an option."""
        found = {seq: IndexedPoll(0, {}, {}) for seq in seqs}
        asked = msgspec.json.encode(sorted(seqs)).decode()
        for seq, option, count, first in self._db.execute(
            _COUNTS, (names, self._room_id(room), asked)
        ):
            if option == VOTERS:
                found[seq] = msgspec.structs.replace(found[seq], voters=count)
            else:
                found[seq].counts[option] = count
                found[seq].first[option] = [IndexedVoter(*one) for one in _decode_names(first)]
        return found

    def choices(self, room: str, wanted: Iterable[tuple[int, str]]) -> list[IndexedChoice]:
        """The last votes of these people in these polls, in this order."""
        asked = msgspec.json.encode(list(wanted)).decode()
        rows = self._db.execute(_CHOICES, (self._room_id(room), asked))
        return [IndexedChoice() if row[0] is None else IndexedChoice(*row) for row in rows]

    def voters(
        self, room: str, poll: int, option: int, after: int, limit: int
    ) -> list[IndexedVoter]:
        """Who voted for an option, by the seqs of their votes, which are above `after`."""
        values = (self._room_id(room), poll, option, after, limit)
        return [IndexedVoter(*row) for row in self._db.execute(_VOTERS, values)]

    def waiting(self) -> list[OpenPoll]:
        """The polls that close by themselves."""
        rows = self._db.execute("SELECT name, poll, at FROM closing JOIN rooms ON id = room")
        return [OpenPoll(*row) for row in rows]


_decode_names = msgspec.json.Decoder(list[tuple[int, str, str]]).decode
_NAMED = (
    "SELECT seq, senders.name AS name, authors.name AS voter FROM choices"
    " CROSS JOIN senders ON senders.id = sender CROSS JOIN authors ON authors.id = choices.voter"
)
_COUNTS = (
    "SELECT poll, option, count, (SELECT json_group_array(json_array(seq, name, voter))"
    f" FROM ({_NAMED} WHERE room = counts.room AND poll = counts.poll AND option = counts.option"
    " ORDER BY seq LIMIT ?1)) FROM counts WHERE room = ?2"
    " AND poll IN (SELECT value FROM json_each(?3))"
)
_CHOICES = (
    "SELECT choice, votes.seq, records.at, changes FROM json_each(?2) AS asked"
    " LEFT JOIN authors ON authors.name = json_extract(asked.value, '$[1]')"
    " LEFT JOIN votes ON votes.room = ?1 AND poll = json_extract(asked.value, '$[0]')"
    " AND voter = authors.id LEFT JOIN records ON records.room = votes.room"
    f" AND follows = {VOTE} AND records.seq = votes.seq ORDER BY asked.key"
)
_VOTERS = f"{_NAMED} WHERE room = ? AND poll = ? AND option = ? AND seq > ? ORDER BY seq LIMIT ?"
