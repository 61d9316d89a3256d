"""Reading single lines of the log, at the places that the index or the tail gives.

Where a segment was written anew while the server runs (hot_erase.py), `moved` knows where its
lines begin now, by the new file's inode: the index may say the old places or the new ones.
"""

import os
from collections import OrderedDict
from pathlib import Path

from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.format import Record
from chatapp.storage.hot_erase import Starts
from chatapp.storage.index import Found
from chatapp.storage.manifest import segment_path

OPEN_FILES = 64


class Files:
    """Segments open for reading, the last used ones kept open. Not for two threads at once."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self.folder = folder
        self._fds: OrderedDict[int, int] = OrderedDict()
        self._starts: dict[int, Starts] = {}
        self.moved: dict[int, Starts] = {}

    def record(self, found: Found) -> Record:
        """The record at a place. Raises StorageError where it is not there, or damaged."""
        return self.line_and_record(found)[1]

    def line_and_record(self, found: Found) -> tuple[bytes, Record]:
        fd = self._fd(found.first)
        offset, size = self._place(found)
        line = self._disk.read(fd, size, offset)
        try:
            format.check_crc(line)
            record = format.decode_record(line)
            if record.n != found.n:
                raise format.Damage(f"it is number {record.n}")
        except format.Damage as damage:
            path = segment_path(self.folder, found.first)
            raise StorageError(
                f"{self.folder.name}/{path.name} line {found.n - found.first + 1} is damaged: "
                f"{damage}. Stop the server and run `chatapp log verify`."
            ) from None
        return line, record

    def close(self) -> None:
        """Lets go of the files; they are opened again where they are needed."""
        for fd in self._fds.values():
            self._disk.close(fd)
        self._fds.clear()
        self._starts.clear()

    def _place(self, found: Found) -> tuple[int, int]:
        starts = self._starts.get(found.first)
        if starts is None:
            return found.offset, found.size
        line = found.n - found.first
        return starts[line], starts[line + 1] - starts[line]

    def _fd(self, first: int) -> int:
        if first in self._fds:
            self._fds.move_to_end(first)
        else:
            fd = self._fds[first] = self._disk.open(segment_path(self.folder, first), os.O_RDONLY)
            self._starts.pop(first, None)
            if self.moved and (starts := self.moved.get(self._disk.inode(fd))):
                self._starts[first] = starts
            if len(self._fds) > OPEN_FILES:
                self._disk.close(self._fds.popitem(last=False)[1])
        return self._fds[first]
