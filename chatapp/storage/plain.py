"""What goes wrong while data is opened, said in one line."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        raise StorageError(f"The index of {folder} cannot be made: {error}.") from error
