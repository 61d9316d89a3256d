"""The errors of the log. Each message is one line for the person who runs the server."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage


class StorageError(Exception):
    """The data on disk is damaged, or belongs to another user or server. Says where, and what to
    do."""


class OtherVersion(StorageError):
    """The data is of an older or newer version: not damaged, so a repair must not change it."""


class IndexFailed(StorageError):
    """SQLite cannot read or write the index; the log may be intact. `damaged`: whether the file
    itself is the cause, and not a full disk or a lock."""

    def __init__(self, message: str, *, damaged: bool = False) -> None:
        super().__init__(message)
        self.damaged = damaged


class DiskFull(Exception):
    """A batch could not be written and was undone. A later attempt may succeed."""


class DiskFailed(Exception):
    """Written data may or may not be on disk. This process writes nothing more."""


class FilesChanged(DiskFailed):
    """Somebody else deleted, cut or overwrote files that this process writes. Says which, where a
    copy of the open files is now, and what to do."""


def damaged(path: Path, line: int, problem: object, advice: str) -> StorageError:
    """The error for a damaged line of a segment; `advice` says what to do about it."""
    place = f"{path.parent.name}/{path.name} line {line}"
    return StorageError(f"{place} is damaged: {problem}. {advice}")


@contextmanager
def one_line_for(folder: Path) -> Iterator[None]:
    """Turn errors of the system and of SQLite into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder} cannot be used: {error.strerror or error}."
        ) from error
    except sqlite3.Error as error:
        if folder.parent.exists() and disk_usage(folder.parent).free == 0:
            raise StorageError(f"The disk of {folder} is full; make room there.") from error
        raise StorageError(f"The index of {folder} cannot be made: {error}.") from error
