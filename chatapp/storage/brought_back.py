"""What a restore brings back although it had been erased: the backup is older than the erasing.

Nothing is done about it here; whoever restores is told whose texts they are.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.format import Record
from chatapp.storage.manifest import segment_files, segment_path
from chatapp.storage.recovery import read_lines


def brought_back(disk: Disk, old: Path, new: Path) -> dict[str, int]:
    """How many texts of whom the new log has that were erased in the old one."""
    erased = {_which(record) for record in _with(b',"erased":"', disk, old) if record.erased}
    if not erased:
        return {}
    texts = (record for record in _with(b',"text":"', disk, new) if record.text is not None)
    return dict(Counter(record.sender for record in texts if _which(record) in erased))


def _which(record: Record) -> tuple[str, int, str]:
    return record.room, record.seq, record.at


def _with(mark: bytes, disk: Disk, folder: Path) -> Iterator[Record]:
    """Records whose line has the mark. A log that is restored may be damaged: what can be read."""
    for first in segment_files(disk, folder) if disk.exists(folder) else ():
        for _, line in read_lines(disk, segment_path(folder, first)):
            if mark in line:
                with suppress(format.Damage):
                    yield format.decode_record(line)
