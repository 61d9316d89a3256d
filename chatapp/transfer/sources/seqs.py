"""The seqs here of messages of a source that others may refer to.

The newest are in memory, because most replies come soon; older ones are in a temporary database.
"""

import sqlite3
from pathlib import Path

from chatapp.transfer.sources.scratch_database import scratch_database

IN_MEMORY = 50_000
"""Some 10 MB."""
_SCHEMA = (
    "CREATE TABLE seqs (room TEXT, id TEXT, seq INTEGER, PRIMARY KEY (room, id)) WITHOUT ROWID"
)


class SourceSeqs:
    """By room and id in the source. `scratch` is a folder for temporary files."""

    def __init__(self, scratch: Path, in_memory: int = IN_MEMORY) -> None:
        self._scratch = scratch
        self._in_memory = in_memory
        self._newest: dict[tuple[str, str], int] = {}
        self._older: sqlite3.Connection | None = None

    def get(self, room: str, id: str) -> int | None:
        seq = self._newest.get((room, id))
        if seq is None and self._older:
            asked = "SELECT seq FROM seqs WHERE room = ? AND id = ?"
            found = self._older.execute(asked, (room, id)).fetchone()
            return found[0] if found else None
        return seq

    def put(self, room: str, id: str, seq: int) -> None:
        self._newest[room, id] = seq
        if len(self._newest) > self._in_memory:
            self._older = self._older or scratch_database(self._scratch, _SCHEMA)
            rows = ((*key, value) for key, value in self._newest.items())
            self._older.executemany("INSERT OR REPLACE INTO seqs VALUES (?, ?, ?)", rows)
            self._newest = {}

    def forget(self) -> None:
        """Nothing refers any more to messages before."""
        self._newest = {}
        self.close()

    def close(self) -> None:
        if self._older:
            self._older.close()
            self._older = None
