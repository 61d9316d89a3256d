"""The messages that wait for their time, in the table `scheduled`.

    waiting ── claimed: sending ── posted ──► no row
                              └── refused ──► waiting for its author, with the reason

A row that is claimed is changed by nobody but who sends it. A crash leaves it claimed; then it is
posted again, and the log sees by its cid whether it has been.
"""

from datetime import datetime

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future
from chatapp.protocol.requests import AttachedFile, Post
from chatapp.protocol.values import RefusedPost
from chatapp.tables.table import TableStore

TABLE = "scheduled"


class ScheduledRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message by the person with the id `by`. `at` is a timestamp; `files` are descriptions by
    the ids of files."""

    by: str
    at: str
    room: str
    text: str
    thread: int | None = None
    also_to_room: bool = False
    reply_to: int | None = None
    files: dict[str, str] = {}
    sending: bool = False
    refused: RefusedPost | None = None

    def is_due(self, now: datetime) -> bool:
        return self.refused is None and self.at <= timestamp(now)

    def post(self, cid: str | None = None) -> Post:
        return Post(
            text=self.text,
            room=self.room,
            cid=cid,
            reply_to=self.reply_to,
            thread=self.thread,
            also_to_room=self.also_to_room,
            files=[AttachedFile(id=id, alt=alt) for id, alt in self.files.items()],
        )


class ScheduledRows:
    """The rows by the ids of their messages, of each person, and of each file."""

    def __init__(self, store: TableStore) -> None:
        self.table = store.table(TABLE, ScheduledRow)
        self._of: dict[str, set[str]] = {}
        self._files: dict[str, set[str]] = {}
        for id, row in self.table.items():
            self._note(id, None, row)
        self.table.on_change(self._note)

    def of(self, person: str) -> dict[str, ScheduledRow]:
        """Those of a person, by time."""
        rows = {id: row for id in self._of.get(person, ()) if (row := self.table.get(id))}
        return dict(sorted(rows.items(), key=lambda item: (item[1].at, item[0])))

    def has_file(self, id: str) -> bool:
        return bool(self._files.get(id))

    def change(self, id: str, old: ScheduledRow | None, new: ScheduledRow | None) -> Future[None]:
        """Resolved when it is durable. Raises `Conflict`, at once or by the future, if the row is
        not `old` any more."""
        return self.table.write(self.table.change(id, new, expected=old))

    def forget(self, person: str) -> None:
        for id in list(self._of.get(person, ())):
            self.table.delete(id)

    def _note(self, id: str, old: ScheduledRow | None, new: ScheduledRow | None) -> None:
        if old:
            _take(self._of, old.by, id)
            for file in old.files:
                _take(self._files, file, id)
        if new:
            self._of.setdefault(new.by, set()).add(id)
            for file in new.files:
                self._files.setdefault(file, set()).add(id)


def _take(index: dict[str, set[str]], key: str, id: str) -> None:
    ids = index.get(key, set())
    ids.discard(id)
    if not ids:
        index.pop(key, None)
