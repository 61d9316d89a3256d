"""Which journals a data folder has, and which of them have an index."""

from pathlib import Path

from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.staging import is_between

JOURNALS = ("messages", "directory", "audit")
INDEXES = {"messages": "index.sqlite3", "audit": "audit.sqlite3"}
"""Of those that have one."""


def index_of(data: Path, journal: str) -> Path | None:
    return data / INDEXES[journal] if journal in INDEXES else None


def journals_of(disk: Disk, data: Path) -> list[str]:
    """The journals of a data folder: a server that never ran has not all of them."""
    for name in JOURNALS:
        if is_between(disk, data / name):
            raise StorageError(
                f"A command was broken off while it exchanged {data / name}; "
                "`chatapp log reindex` or the next start of the server finishes it."
            )
    present = [name for name in JOURNALS if disk.exists(data / name)]
    if not present:
        raise StorageError(f"There is no log in {data}.")
    return present
