"""Reading single lines of the log, at the places that the index or the tail gives."""

import os
from collections import OrderedDict
from pathlib import Path

from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.format import Record
from chatapp.storage.index import Found
from chatapp.storage.manifest import segment_path

OPEN_FILES = 64


class Files:
    """Segments open for reading, the last used ones kept open. Not for two threads at once."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self.folder = folder
        self._fds: OrderedDict[int, int] = OrderedDict()

    def record(self, found: Found) -> Record:
        """The record at a place. Raises StorageError where it is not there, or damaged."""
        return self.line_and_record(found)[1]

    def line_and_record(self, found: Found) -> tuple[bytes, Record]:
        line = self._disk.read(self._fd(found.first), found.size, found.offset)
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
        for fd in self._fds.values():
            self._disk.close(fd)
        self._fds.clear()

    def _fd(self, first: int) -> int:
        if first in self._fds:
            self._fds.move_to_end(first)
        else:
            self._fds[first] = self._disk.open(segment_path(self.folder, first), os.O_RDONLY)
            if len(self._fds) > OPEN_FILES:
                self._disk.close(self._fds.popitem(last=False)[1])
        return self._fds[first]
