"""Copies of files, for messages that are forwarded: a file of another person, with the same bytes.

A copy counts as any file of the person who forwards it. Its row is written before the message, so
that erasing the original leaves the bytes; a row without a message goes after a day, as that of an
upload does.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future, all_of
from chatapp.domain.model import FileInfo, Person
from chatapp.domain.rates import PersonPace
from chatapp.features.files.limits import FileLimits
from chatapp.features.files.model import StoredFile
from chatapp.tables.table import Table


class FileCopies:
    """`release(sha256)` removes bytes that no file has any more."""

    def __init__(
        self,
        table: Table[StoredFile],
        limits: FileLimits,
        *,
        release: Callable[[str], None],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        pace: PersonPace | None = None,
    ) -> None:
        self._table = table
        self._limits = limits
        self._release = release
        self._clock = clock
        self._new_id = new_id
        self._pace = pace

    def check(self, person: Person, files: Sequence[FileInfo]) -> None:
        """Raises what stands against as many new files."""
        self._limits.check(person, sum(file.bytes for file in files), len(files))
        if self._pace is not None:
            self._pace.check(person, len(files))

    def make(self, person: Person, files: Sequence[FileInfo]) -> Future[list[FileInfo]]:
        """Copies that no message has yet."""
        copies = [replace(file, id=self._new_id()) for file in files]
        written = [
            self._table.put(copy.id, self._row(person, copy), expected=None) for copy in copies
        ]
        return all_of(written).then(lambda _: copies)

    def drop(self, files: Sequence[FileInfo]) -> None:
        """No message has these copies, and none will."""
        for file in files:
            row = self._table.get(file.id)
            if row is not None and not row.is_attached:
                deleted = self._table.delete(file.id, expected=row)
                deleted.then(partial(self._dropped, row.sha256))

    def _dropped(self, sha256: str, _: None) -> None:
        self._release(sha256)

    def _row(self, person: Person, file: FileInfo) -> StoredFile:
        return StoredFile(
            by=person.id,
            bytes=file.bytes,
            created_at=timestamp(self._clock()),
            name=file.name,
            type=file.type,
            sha256=file.sha256,
            width=file.width,
            height=file.height,
        )
