"""Whether an index file is the one that was closed, to the last bit.

SQLite finds a page that is no page; a bit that flipped inside a row it does not. So the
checksum of the whole file is written beside it when it is closed, and a small index is checked
when it is opened. Of a large one, reading it all would take longer than a start or a stop may:
of that only the size is noted, and `chatapp log verify` compares every row with the log. An
index that was not closed (the process was killed) has no note, and SQLite's own check must do.
"""

from pathlib import Path
from zlib import crc32

LARGE_BYTES = 256 * 1024 * 1024
LARGE_UNCLOSED_BYTES = 32 * 1024 * 1024
_CHUNK = 1 << 20


def note_checksum(index: Path) -> None:
    """To be called when no connection is open any more."""
    if index.exists() and not index.with_name(index.name + "-wal").exists():
        _beside(index).write_text(_note(index))


def take_checksum(index: Path) -> str | None:
    """What was noted, and once only: from now on the file changes."""
    note = _beside(index)
    if not note.exists():
        return None
    noted = note.read_text(errors="replace")
    note.unlink()
    return noted


def is_as_noted(index: Path, noted: str) -> bool:
    """Whether the file has the noted size and, where it is not large, the noted checksum."""
    if _is_large(index):
        return noted.split()[:1] == [str(index.stat().st_size)]
    return noted == _note(index)


def forget_checksum(index: Path) -> None:
    _beside(index).unlink(missing_ok=True)


def _note(index: Path) -> str:
    size = index.stat().st_size
    return f"{size}\n" if _is_large(index) else f"{size} {_checksum(index):08x}\n"


def _is_large(index: Path) -> bool:
    return index.stat().st_size > LARGE_BYTES


def _checksum(index: Path) -> int:
    checksum = 0
    with index.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum = crc32(chunk, checksum)
    return checksum


def _beside(index: Path) -> Path:
    return index.with_name(index.name + "-checksum")
