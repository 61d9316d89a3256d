"""Saving messages for later, and the list of what one has saved.

A list is private. It has places, never texts: a message is read from the log whenever it is shown,
so one that was deleted, erased or moved, or that the person cannot see any more, shows nothing.
"""

from collections.abc import Callable
from datetime import datetime

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import NoSuchRoom, NotFound, QuotaReached
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_SAVED, checked_reminder
from chatapp.domain.model import Message, Person, Room
from chatapp.features.saved.rows import Place, SavedRow, SavedRows
from chatapp.protocol.answers import SavedMessage, SavedPage
from chatapp.protocol.pushes import Reminder, SavedChange
from chatapp.protocol.requests import ListSaved, SaveMessage
from chatapp.protocol.values import Saved
from chatapp.tables.person_rows import PersonRows

SAVED_LIMIT = 20


class SavedManager:
    """`message(room, seq)` is a message as it is now; `find_room(person, name)` raises `NoSuchRoom`
    if they cannot see the room."""

    def __init__(
        self,
        saved: SavedRows,
        message: Callable[[str, int], Message | None],
        *,
        find_room: Callable[[Person, str], Room],
        clock: Callable[[], datetime],
    ) -> None:
        self._saved = saved
        self._message = message
        self._find_room = find_room
        self._clock = clock

    @property
    def rows(self) -> PersonRows[SavedRow]:
        """Of everybody."""
        return self._saved.rows

    # Saving

    def save(self, person: Person, wanted: SaveMessage) -> Future[SavedMessage]:
        """Save a message, set or remove its reminder, or save it no longer. What is in the list
        can be changed even if the person cannot see the message any more."""
        place = self._place(person, wanted)
        row = self._saved.get(person.id, place)
        if not wanted.on:
            gone = Future.of(None) if row is None else self._saved.remove(person, place)
            return gone.then(lambda _: self._answer(person, place))
        changed = self._changed(person, place, row, wanted.remind_at)
        kept = Future.of(row) if changed == row else self._saved.change(person, place, changed)
        return kept.then(lambda _: self._answer(person, place))

    def _changed(
        self, person: Person, place: Place, row: SavedRow | None, remind_at: str | None
    ) -> SavedRow:
        now = self._clock()
        at = None if remind_at is None else checked_reminder(remind_at, now)
        if row is None:
            self._check_new(person, place)
            return SavedRow(at=timestamp(now), remind_at=at or None)
        return row if at is None else SavedRow(at=row.at, remind_at=at or None)

    def _check_new(self, person: Person, place: Place) -> None:
        room, seq = place
        message = self._message(self._find_room(person, room).name, seq)
        if message is None or message.deleted_by is not None or message.erased_at is not None:
            raise NotFound(f"There is no message {seq} in {room!r} to save.")
        if self._saved.count(person.id) >= MAX_SAVED:
            raise QuotaReached(f"You have saved {MAX_SAVED:,} messages; remove some first.")

    def _place(self, person: Person, wanted: SaveMessage) -> Place:
        """Of a row that is there, or of a message in a room that the person can see."""
        if self._saved.get(person.id, (wanted.room, wanted.seq)) is not None:
            return wanted.room, wanted.seq
        return self._find_room(person, wanted.room).name, wanted.seq

    def _answer(self, person: Person, place: Place) -> SavedMessage:
        row = self._saved.get(person.id, place)
        count, due = self.counts(person)
        saved = self._described(person, place, row) if row else None
        return SavedMessage(saved=saved, count=count, due=due)

    # What is saved

    def counts(self, person: Person) -> tuple[int, int]:
        """How many messages a person has saved, and how many of them are due."""
        if not self._saved.count(person.id):
            return 0, 0
        rows = self._saved.of(person.id).values()
        return len(rows), sum(row.due for row in rows)

    def page(self, person: Person, wanted: ListSaved) -> SavedPage:
        """Those that are due first, then the one that was saved last."""
        rows = {_sort_key(place, row): place for place, row in self._saved.of(person.id).items()}
        keys = sorted(rows, reverse=True)
        if wanted.after is not None:
            keys = [key for key in keys if key < wanted.after]
        limit = wanted.limit or SAVED_LIMIT
        found = [(rows[key], self._saved.get(person.id, rows[key])) for key in keys[:limit]]
        return SavedPage(
            saved=[self._described(person, place, row) for place, row in found if row],
            after=keys[limit - 1] if len(keys) > limit else None,
        )

    def change_of(self, person: Person, place: Place) -> SavedChange:
        """A row as it is now, for the person's devices."""
        answer = self._answer(person, place)
        room, seq = place
        return SavedChange(
            room=room, seq=seq, saved=answer.saved, count=answer.count, due=answer.due
        )

    def reminder_of(self, person: Person, place: Place) -> Reminder | None:
        """None if the message is not due, or no longer."""
        row = self._saved.get(person.id, place)
        if row is None or not row.due:
            return None
        room, seq = place
        return Reminder(
            room=room,
            seq=seq,
            remind_at=row.remind_at or row.at,
            message=self._shown(person, place),
            due=self.counts(person)[1],
        )

    def _described(self, person: Person, place: Place, row: SavedRow) -> Saved:
        room, seq = place
        return Saved(
            room=room,
            seq=seq,
            saved_at=row.at,
            remind_at=row.remind_at,
            due=row.due,
            message=self._shown(person, place),
        )

    def _shown(self, person: Person, place: Place) -> Message | None:
        room, seq = place
        try:
            return self._message(self._find_room(person, room).name, seq)
        except NoSuchRoom:
            return None


def _sort_key(place: Place, row: SavedRow) -> str:
    """Sorts what is saved, and says where a page ended."""
    room, seq = place
    at = row.remind_at if row.due else row.at
    return f"{int(row.due)} {at} {room} {seq:016d}"
