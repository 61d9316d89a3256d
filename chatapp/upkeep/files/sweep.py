"""Removes the bytes of files that no message has any more: erased, removed, or of dropped days.

A row of the table `files` goes after the bytes, so what a crash interrupts is found again by the
row. Bytes without a row are what a crash left of an upload; they are removed when two sweeps in a
row have found them, a day apart: the first one may have met an upload that was not finished.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Protocol

import msgspec

from chatapp.blobs.names import original_of
from chatapp.ports import Blobs
from chatapp.upkeep.files.references import FileReferences


class FileRow(Protocol):
    """A row of the table `files`, by the file's id."""

    @property
    def sha256(self) -> str: ...
    @property
    def created_at(self) -> str: ...
    @property
    def is_attached(self) -> bool: ...
    @property
    def room(self) -> str: ...
    @property
    def seq(self) -> int: ...


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """The ids of files that were removed, and bytes without a file: removed now, or perhaps by the
    next sweep."""

    files: list[str]
    orphans: int = 0
    suspects: list[str] = []


def lost_files(
    rows: Mapping[str, FileRow],
    known: FileReferences,
    head: Callable[[str], int],
    *,
    since: str = "~",
) -> list[str]:
    """The ids of attached files that no record has any more.

    The rows must be older than what is `known`, because a message is in the log before its files
    have rows. `head(room)` is the last seq of a room in that log: another process may have
    appended more, of which its rows are heard first. The picture of a preview has its row before
    its record, so rows from `since` on count only if a record says that they are gone.
    """
    return [
        id
        for id, row in rows.items()
        if row.is_attached
        and id not in known.ids
        and row.seq <= head(row.room)
        and (row.created_at < since or row.sha256 in known.gone)
    ]


def sweep_files(
    blobs: Blobs,
    ids: Iterable[str],
    *,
    row: Callable[[str], FileRow | None],
    held: Callable[[], Set[str]],
    known: FileReferences,
    delete_row: Callable[[str], object],
) -> list[str]:
    """Remove the bytes and rows of these files. Returns the ids of those that had some.

    `row(id)` is a row as it is now, `held()` are the digests of rows that stay: the same bytes may
    have been uploaded again, by somebody else.
    """
    swept = []
    for id in ids:
        found = row(id)
        if found is None:
            continue
        digest = found.sha256
        if digest and digest not in known.kept and digest not in held():
            blobs.delete(digest)
        delete_row(id)
        swept.append(id)
    return swept


def orphans(blobs: Blobs, known: FileReferences, held: Set[str]) -> set[str]:
    """Digests of bytes that neither a record nor a row has."""
    found = {original_of(name) for name, _ in blobs.names()}
    return found - known.kept.keys() - held


def sweep_orphans(
    blobs: Blobs, suspects: Set[str], known: FileReferences, held: Callable[[], Set[str]]
) -> Swept:
    """Remove bytes that the last sweep has suspected too, and those that are known to be gone."""
    found = orphans(blobs, known, held())
    removed = 0
    for digest in sorted(found & (suspects | known.gone)):
        if digest not in held():
            blobs.delete(digest)
            removed += 1
    left = sorted(found - suspects - known.gone)
    return Swept(files=[], orphans=removed, suspects=left)
