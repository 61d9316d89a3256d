"""The rules of scheduled messages: writing, changing, listing and cancelling them.

Whether a message may be posted is decided when its time has come (`sender.py`), by the rules that
hold then. When it is written, only what could never be posted is refused.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import Attached, BadPayload, NotAllowed, NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_SCHEDULED, MAX_SCHEDULED_DAYS
from chatapp.domain.model import GENERAL, FileInfo, Person
from chatapp.domain.rights import may
from chatapp.features.scheduled.rows import ScheduledRow, ScheduledRows
from chatapp.protocol.requests import AttachedFile, Post, Schedule
from chatapp.protocol.values import Scheduled

LATE = timedelta(minutes=1)
"""How long ago a time may be: clocks differ."""

CheckPost = Callable[[Person, Post], None]
"""Raises an error if a person could never post this."""


class ScheduledManager:
    """`file(id, alt)` describes an uploaded file; None: it is gone. `new_id()` is unique."""

    def __init__(
        self,
        rows: ScheduledRows,
        *,
        check: CheckPost,
        file: Callable[[str, str], FileInfo | None],
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._rows = rows
        self._check = check
        self._file = file
        self._clock = clock
        self._new_id = new_id

    def schedule(self, person: Person, wanted: Schedule) -> Future[Scheduled]:
        """Write a message for later or, with an id, change its text or time."""
        if wanted.id is not None:
            return self._change(person, wanted.id, wanted)
        if wanted.at is None:
            raise BadPayload("Say at what time the message is to be sent.")
        row = ScheduledRow(
            by=person.id,
            at=self._checked_time(wanted.at),
            room=wanted.room or GENERAL,
            text=wanted.text or "",
            thread=wanted.thread,
            also_to_room=wanted.also_to_room,
            reply_to=wanted.reply_to,
            files=_by_id(wanted.files),
        )
        self._check(person, row.post())
        if not may(person, "schedule messages"):
            raise NotAllowed("Only people with an account can send a message later.")
        if len(self._rows.of(person.id)) >= MAX_SCHEDULED:
            raise NotAllowed(f"You have {MAX_SCHEDULED} scheduled messages. Cancel one first.")
        if any(map(self._rows.has_file, row.files)):
            raise Attached("That file is part of a scheduled message already. Send it anew.")
        id = self._new_id()
        return self._rows.change(id, None, row).then(lambda _: self.shown(id, row))

    def all_of(self, person: Person, room: str | None = None) -> list[Scheduled]:
        """A person's scheduled messages, by time: all, or those of a room."""
        rows = self._rows.of(person.id)
        return [self.shown(id, row) for id, row in rows.items() if room in (None, row.room)]

    def cancel(self, person: Person, id: str) -> Future[Scheduled]:
        row = self._own(person, id)
        return self._rows.change(id, row, None).then(lambda _: self.shown(id, row))

    def shown(self, id: str, row: ScheduledRow) -> Scheduled:
        files = [self._file(file, alt) for file, alt in row.files.items()]
        return Scheduled(
            id=id,
            at=row.at,
            room=row.room,
            text=row.text,
            thread=row.thread,
            also_to_room=row.also_to_room,
            reply_to=row.reply_to,
            files=[file for file in files if file],
            refused=row.refused,
        )

    def _change(self, person: Person, id: str, wanted: Schedule) -> Future[Scheduled]:
        row = self._own(person, id)
        if wanted.room or wanted.thread or wanted.reply_to or wanted.also_to_room or wanted.files:
            raise BadPayload("Only the text and the time of a scheduled message can be changed.")
        changed = msgspec.structs.replace(
            row,
            text=row.text if wanted.text is None else wanted.text,
            at=row.at if wanted.at is None else self._checked_time(wanted.at),
            refused=None,
        )
        if wanted.now:
            changed = msgspec.structs.replace(changed, at=timestamp(self._clock()))
        elif wanted.at is None and row.refused:
            raise BadPayload("Say at what time the message is to be sent now.")
        if changed.text != row.text:
            self._check(person, changed.post())
        return self._rows.change(id, row, changed).then(lambda _: self.shown(id, changed))

    def _own(self, person: Person, id: str) -> ScheduledRow:
        row = self._rows.table.get(id)
        if row is None or row.by != person.id:
            raise NotFound("That message is not scheduled any more.")
        if row.sending:
            raise NotAllowed("That message is being sent right now.")
        return row

    def _checked_time(self, at: datetime) -> str:
        now = self._clock()
        if at > now + timedelta(days=MAX_SCHEDULED_DAYS):
            raise BadPayload("A message can be scheduled for the next year, not for later.")
        if at < now - LATE:
            raise BadPayload("That time has passed. Choose a later one.")
        return timestamp(max(at, now))


def _by_id(files: Sequence[str | AttachedFile]) -> dict[str, str]:
    asked = [AttachedFile(id=each) if isinstance(each, str) else each for each in files]
    if len({each.id for each in asked}) < len(asked):
        raise BadPayload("A message has each file once.")
    return {each.id: each.alt for each in asked}
