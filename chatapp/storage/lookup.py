"""Asking the index: where the records are that a reader wants.

Every question is answered along an order that the index keeps, and pages by the last number
or seq of the page before: the thousandth page costs what the first one costs.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from chatapp.limits import name_key
from chatapp.storage import parts, words
from chatapp.storage.index import Found
from chatapp.storage.query import Query
from chatapp.storage.schema import FOUND, SECTION_BITS, cid_hash, connect

HOUR = 3_600_000
DAY = 24 * HOUR
"""In milliseconds, as the index has times."""
COUNTED_AT_ONCE = 1_000_000
"""Some 0.3 seconds."""
ROOMS_AS_WORDS = 64
"""In so many rooms, search finds the rooms as it finds words; in more, it looks at each hit."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are wanted. Times are milliseconds since 1970, `until` not included.

    With `after`, those that follow next upon this number; without, the newest.
    """

    rooms: Sequence[str] | None = None
    sender: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    since: int | None = None
    until: int | None = None
    before: int | None = None
    after: int | None = None


class Counted(msgspec.Struct, frozen=True):
    """How many records there are of each hour since 1970 that has some, up to number `until`;
    with `more`, behind that there are others.
    """

    hours: dict[int, int]
    until: int
    more: bool


class Lookup:
    """Reads by a connection. Not for two threads at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._ids: dict[tuple[str, str], int] = {}

    @classmethod
    def open(cls, path: Path) -> "Lookup":
        connection = connect(path)
        connection.execute("PRAGMA query_only = true")
        return cls(connection)

    def close(self) -> None:
        self._db.close()

    def record(self, room: str, seq: int) -> Found | None:
        found = self._records(
            "room = ? AND follows IN (0, 1) AND seq = ?", (self._id("rooms", room), seq)
        )
        return found[0] if found else None

    def messages_before(self, room: str, seq: int, limit: int) -> list[Found]:
        """The newest messages of a room with a seq below `seq`, oldest first."""
        found = self._records(
            "room = ? AND follows = 0 AND seq < ? ORDER BY seq DESC LIMIT ?",
            (self._id("rooms", room), seq, limit),
        )
        return found[::-1]

    def messages_after(self, room: str, seq: int, until: int, limit: int) -> list[Found]:
        """The oldest messages of a room with a seq above `seq` and below `until`."""
        return self._records(
            "room = ? AND follows = 0 AND seq > ? AND seq < ? ORDER BY seq LIMIT ?",
            (self._id("rooms", room), seq, until, limit),
        )

    def events_after(self, room: str, seq: int, until: int, limit: int) -> list[Found]:
        """The oldest events of a room with a seq above `seq` and below `until`."""
        values = (self._id("rooms", room), seq, until, limit)
        found = [
            *self._records(_EVENTS_AFTER.format(follows=0), values),
            *self._records(_EVENTS_AFTER.format(follows=1), values),
        ]
        return sorted(found, key=_number)[:limit]

    def followers(self, room: str, low: int, high: int, until: int) -> list[Found]:
        """Events below seq `until` that point at messages from `low` to `high`, oldest first."""
        return self._records(
            "follows AND room = ? AND target BETWEEN ? AND ? AND seq < ? ORDER BY seq",
            (self._id("rooms", room), low, high, until),
        )

    def with_cid(self, sender: str, cid: str) -> list[Found]:
        """Messages that may have this cid: hashes collide now and then."""
        return self._records(_WITH_HASH, (cid_hash(sender, cid),))

    def find(self, wanted: Filter, limit: int) -> list[Found]:
        """Records that fit, newest first."""
        wanted = self._as_written(wanted)
        where, values = self._conditions(wanted)
        where += self._on_the_way(self._in_rooms(wanted), limit)
        if wanted.sender is not None:
            where.append("sender = ?")
            values.append(self._id("senders", wanted.sender))
        order = "DESC" if wanted.after is None else "ASC"
        found = self._records(f"{' AND '.join(where)} ORDER BY n {order} LIMIT ?", (*values, limit))
        return found if wanted.after is None else found[::-1]

    def count(self, wanted: Filter) -> Counted:
        """Records by their hour, as many as one who waits behind this may wait for; of a filter,
        only times and numbers count here.
        """
        where, values = self._conditions(wanted)
        low, last = values[:2]
        values[1] = until = min(last, low + COUNTED_AT_ONCE - 1)
        rows = self._db.execute(
            f"SELECT at / {HOUR}, count(*) FROM records WHERE {' AND '.join(where)} GROUP BY 1",
            values,
        )
        return Counted(dict(rows), until=max(until, wanted.after or 0), more=until < last)

    def senders(self, limit: int) -> dict[str, int]:
        """How many of the newest records each sender has."""
        rows = self._db.execute(
            "SELECT name, count(*) FROM (SELECT sender FROM records ORDER BY n DESC LIMIT ?)"
            " JOIN senders ON senders.id = sender GROUP BY name",
            (limit,),
        )
        return dict(rows)

    def first(self, wanted: Filter) -> int | None:
        """The seq of a room's first message of the first day that has one; of a filter, only the
        room and the moment since when count here. Days, because imported ones lie anywhere.
        """
        (in_room,) = self._on_the_way(self._in_rooms(wanted), 1)
        row = self._db.execute(
            "SELECT (SELECT seq FROM records WHERE n BETWEEN days.first AND days.last"
            f" AND {in_room} AND follows = 0 AND at >= ?"
            f" AND at - strftime('%s', day) * 1000 BETWEEN 0 AND {DAY - 1} ORDER BY n LIMIT 1)"
            " AS found FROM days WHERE day >= ? AND found NOT NULL ORDER BY day LIMIT 1",
            (wanted.since, wanted.first_day),
        ).fetchone()
        return row[0] if row else None

    def search(self, query: Query, wanted: Filter, limit: int) -> list[Found]:
        """Messages whose words fit, newest first."""
        wanted = self._as_written(wanted)
        expression = self._expression(query, wanted)
        if expression is None:
            return self._of_these_days(wanted, limit)
        where, values = self._conditions(wanted)
        low, high = values[:2]
        if wanted.rooms is not None:
            where.append("room IN (SELECT value FROM json_each(?))")
            rooms = [self._id("rooms", room) for room in wanted.rooms]
            values.append(msgspec.json.encode(rooms).decode())
        if wanted.sender is not None:
            where.append("sender = ?")
            values.append(self._id("senders", wanted.sender))
        order = "DESC" if wanted.after is None else "ASC"
        found: list[Found] = []
        for first in self._parts_between(low, high, order):
            rows = self._db.execute(
                f"SELECT {FOUND} FROM words_{first} AS words CROSS JOIN records ON n = words.rowid"
                f" WHERE words_{first} MATCH ? AND words.rowid BETWEEN ? AND ?"
                f" AND {' AND '.join(where)} ORDER BY words.rowid {order} LIMIT ?",
                (expression, low, high, *values, limit - len(found)),
            )
            found += [Found(*row) for row in rows]
            if len(found) == limit:
                break
        return found if wanted.after is None else found[::-1]

    def _as_written(self, wanted: Filter) -> Filter:
        """With the sender as the log has the name; people type it in small letters."""
        typed = wanted.sender
        if typed is None or self._id("senders", typed):
            return wanted
        names = self._db.execute(_CALLED_LIKE if typed.isascii() else _NOT_ASCII, (typed,))
        found = (name for (name,) in names if name_key(name) == name_key(typed))
        return msgspec.structs.replace(wanted, sender=next(found, typed))

    def _parts_between(self, low: int, high: int, order: str) -> list[int]:
        """The parts that have these numbers, in the order in which they are searched."""
        firsts = parts.parts(self._db)
        older = [first for first in firsts if first <= low]
        between = older[-1:] + [first for first in firsts if low < first <= high]
        return between[::-1] if order == "DESC" else between

    def _of_these_days(self, wanted: Filter, limit: int) -> list[Found]:
        """Messages by nothing but their time; none where not even that was asked for."""
        none_is_open = wanted.rooms is not None and not wanted.rooms
        if none_is_open or (wanted.since is None and wanted.until is None):
            return []
        where, values = self._conditions(wanted)
        where += self._in_rooms(wanted)
        return self._records(
            f"follows = 0 AND {' AND '.join(where)} ORDER BY n DESC LIMIT ?", (*values, limit)
        )

    def _expression(self, query: Query, wanted: Filter) -> str | None:
        """What FTS5 is asked; None where there is nothing that it could look for."""
        asked = [f"text : ({words.expression(query.terms)})"] if query.terms else []
        if wanted.rooms is not None and len(wanted.rooms) <= ROOMS_AS_WORDS:
            rooms = [parts.room_tag(room) for room in wanted.rooms]
            if not rooms:
                return None
            asked.append(f"tags : ({' OR '.join(rooms)})")
        if wanted.sender is not None:
            asked.append(f"tags : {parts.sender_tag(wanted.sender)}")
        if query.link:
            asked.append("tags : link")
        return " AND ".join(asked) or None

    def _in_rooms(self, wanted: Filter) -> list[str]:
        if wanted.rooms is None:
            return []
        ids = (str(self._id("rooms", room)) for room in wanted.rooms)
        return [f"room IN ({','.join(ids)})"]

    def _on_the_way(self, in_rooms: list[str], limit: int) -> list[str]:
        """The rooms as `find` looks for them, in the order of all records.

        A page of a busy room is met on the way through them; the records of a quiet one are
        few enough to be taken out and sorted. (A plus before a column means: not by its index.)
        """
        if not in_rooms:
            return []
        (rooms,) = in_rooms
        own, all_of_them = self._db.execute(
            f"SELECT (SELECT total(head) FROM rooms WHERE {rooms.replace('room', 'id', 1)}),"
            " (SELECT coalesce(max(n), 0) FROM records)"
        ).fetchone()
        return [f"+{rooms}" if own * own > limit * all_of_them else rooms]

    def _conditions(self, wanted: Filter) -> tuple[list[str], list[Any]]:
        """The range of numbers and of times, as SQL and its values; the numbers come first."""
        low, high = self._numbers_of(wanted.first_day, wanted.last_day)
        if wanted.before is not None:
            high = min(high, wanted.before - 1)
        if wanted.after is not None:
            low = max(low, wanted.after + 1)
        where: list[str] = ["n BETWEEN ? AND ?"]
        values: list[Any] = [low, high]
        if wanted.since is not None:
            where.append("at >= ?")
            values.append(wanted.since)
        if wanted.until is not None:
            where.append("at < ?")
            values.append(wanted.until)
        return where, values

    def _numbers_of(self, first_day: str | None, last_day: str | None) -> tuple[int, int]:
        """The first and last number of the records of some days, clocks that jumped included."""
        low, high = self._db.execute(
            "SELECT coalesce(min(first), 1), coalesce(max(last), 0) FROM days"
            " WHERE day >= coalesce(?, '') AND day <= coalesce(?, '~')",
            (first_day, last_day),
        ).fetchone()
        return low, high

    def _id(self, table: str, name: str) -> int:
        """The id of a room or sender; 0 where the index knows none."""
        known = self._ids.get((table, name))
        if known is None:
            row = self._db.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
            if row is None:
                return 0
            known = self._ids[table, name] = row[0]
        return known

    def _records(self, where: str, values: Sequence[Any]) -> list[Found]:
        rows = self._db.execute(f"SELECT {FOUND} FROM records WHERE {where}", values)
        return [Found(*row) for row in rows]


_WITH_HASH = (
    f"n IN (WITH RECURSIVE sections (section) AS (SELECT max(n) >> {SECTION_BITS} FROM records"
    " UNION ALL SELECT section - 1 FROM sections WHERE section > 0)"
    " SELECT n FROM sections CROSS JOIN cids USING (section) WHERE hash = ?)"
)
_CALLED_LIKE = "SELECT name FROM senders WHERE name = ? COLLATE NOCASE"
_NOT_ASCII = "SELECT name FROM senders WHERE ? NOT NULL AND name GLOB '*[^ -~]*'"
"""SQLite knows no other small letters than those of ASCII."""
_EVENTS_AFTER = "room = ? AND follows = {follows} AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"


def _number(found: Found) -> int:
    return found.n
