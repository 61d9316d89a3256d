"""A temporary database on the disk of the chat, for what of a large source does not fit in memory.

Its file has no name any more as soon as it is open, so nothing is left of it after a crash.
"""

import sqlite3
import tempfile
from pathlib import Path

CACHE_KB = 8_000


def scratch_database(folder: Path, schema: str) -> sqlite3.Connection:
    """An empty database with these tables, which goes when it is closed."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="importing-", suffix=".sqlite3") as file:
        db = sqlite3.connect(file.name, isolation_level=None)
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        db.executescript(schema)
        db.execute("BEGIN EXCLUSIVE")
    return db
