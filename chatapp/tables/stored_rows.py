"""Reads the rows of one table of a directory that a server may be using, or of a backup of one."""

from pathlib import Path
from typing import TypeVar

import msgspec

from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.progress import unwatched

V = TypeVar("V")


def stored_rows(folder: Path, table: str, type: type[V]) -> dict[str, V]:
    """The rows by key, as of now; none if there is no directory in this folder. Raises
    StorageError."""
    disk = Disk()
    if not disk.exists(folder):
        return {}
    mark = b'"table":' + msgspec.json.encode(table)
    rows: dict[str, V] = {}
    for batch in whole_batches(disk, folder, manifest_of(disk, folder), unwatched):
        for line in batch:
            if mark not in line.bytes:
                continue
            entry = format.decode_entry(line.bytes)
            if entry.table != table:
                continue
            if entry.value:
                rows[entry.key] = msgspec.json.decode(entry.value, type=type)
            else:
                rows.pop(entry.key, None)
    return rows
