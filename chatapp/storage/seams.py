"""Where the segments of a journal meet: each chain begins at the end of the one before.

So segments can be read side by side. What each of them takes for its beginning is read from the
last line of the one before, and compared with where that one really ended when all are done.
"""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.format import Tip
from chatapp.storage.manifest import segment_path

_LAST_LINE_BYTES = 1 << 20


def starts(disk: Disk, folder: Path, anchor: Tip, firsts: list[int]) -> Iterator[Tip]:
    """The line before each segment."""
    yield anchor
    for first, following in pairwise(firsts):
        yield _tip_of(disk, segment_path(folder, first), following - 1)


def _tip_of(disk: Disk, path: Path, n: int) -> Tip:
    """What the last line of a segment says; a damaged one is found when it is checked."""
    fd = disk.open(path, os.O_RDONLY)
    try:
        size = disk.size(fd)
        end = disk.read(fd, _LAST_LINE_BYTES, max(0, size - _LAST_LINE_BYTES))
    finally:
        disk.close(fd)
    line = end[end.rfind(b"\n", 0, len(end) - 1) + 1 :]
    try:
        format.check_crc(line)
        place = format.place_of(line)
    except format.Damage:
        return Tip(n, 0, "")
    return Tip(place.n, place.batch, format.line_hash(line).decode())
