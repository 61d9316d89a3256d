"""What happens to the messages of a room later: edits, reactions, redactions, and which of them
others answer. A large room has more of it than fits in memory, so it is in a temporary database.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chatapp.transfer.sources.records import SourceReaction
from chatapp.transfer.sources.scratch_database import scratch_database

AT_ONCE = 1_000
"""The number of rows that are inserted together."""
_EDIT, _REACTION, _REDACTED, _ROOT = "edit", "reaction", "redacted", "root"
_SCHEMA = (
    "CREATE TABLE changes (target TEXT, kind TEXT, event TEXT, at TEXT, said TEXT, person TEXT)"
)
_ORDER = "CREATE INDEX changes_of ON changes (target, kind)"
_OF_MESSAGE = (
    "SELECT kind, at, said, person FROM changes AS one WHERE target = ? AND NOT"
    " (kind = 'reaction' AND EXISTS (SELECT 1 FROM changes AS taken"
    " WHERE taken.target = one.event AND taken.kind = 'redacted')) ORDER BY rowid"
)


class MatrixEdit(NamedTuple):
    text: str
    at: str


class MatrixChanges(NamedTuple):
    """Of one message. `is_root`: others refer to it."""

    edit: MatrixEdit | None = None
    reactions: Sequence[SourceReaction] = ()
    is_redacted: bool = False
    is_root: bool = False


class ChangesOfRoom:
    """`scratch` is a folder for temporary files. First all changes are added, then asked for."""

    def __init__(self, scratch: Path) -> None:
        self._db = scratch_database(scratch, _SCHEMA)
        self._rows: list[tuple[str, ...]] = []
        self._is_complete = False

    def close(self) -> None:
        self._db.close()

    def edit(self, target: str, text: str, at: str) -> None:
        self._add(target, _EDIT, "", at, text)

    def react(self, event: str, target: str, reaction: SourceReaction) -> None:
        """`event` is the id of the reaction, which may be redacted itself."""
        self._add(target, _REACTION, event, reaction.at or "", reaction.emoji, reaction.person)

    def redact(self, target: str) -> None:
        self._add(target, _REDACTED)

    def refer(self, target: str) -> None:
        self._add(target, _ROOT)

    def of(self, message: str) -> MatrixChanges:
        """What happened to a message; of several edits, the last one."""
        if not self._is_complete:
            self._flush()
            self._db.execute(_ORDER)
            self._is_complete = True
        edit: MatrixEdit | None = None
        reactions: list[SourceReaction] = []
        kinds = set()
        for kind, at, said, person in self._db.execute(_OF_MESSAGE, (message,)):
            kinds.add(kind)
            if kind == _EDIT:
                edit = MatrixEdit(said, at)
            elif kind == _REACTION:
                reactions.append(SourceReaction(said, person, at))
        return MatrixChanges(edit, reactions, _REDACTED in kinds, _ROOT in kinds)

    def _add(  # noqa: PLR0917 - the columns of the table
        self, target: str, kind: str, event: str = "", at: str = "", said: str = "", who: str = ""
    ) -> None:
        self._rows.append((target, kind, event, at, said, who))
        if len(self._rows) >= AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?)", self._rows)
        self._rows = []
