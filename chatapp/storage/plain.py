"""What goes wrong while data is opened, said in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage

from chatapp.storage.errors import StorageError


@contextmanager
def one_line_for(folder: Path) -> Iterator[None]:
    """Turns what the system and SQLite say into a StorageError."""
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
