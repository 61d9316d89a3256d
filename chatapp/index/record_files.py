"""Reads single lines of the log, at positions from the index or from memory."""

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from chatapp.index.record_ref import RecordRef
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.errors import damaged
from chatapp.log.format import Record
from chatapp.log.manifest import segment_path

OPEN_FILES = 64


class Files:
    """Open segments; the most recently used ones stay open. Not for two threads at the same
    time."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self.folder = folder
        self._fds: OrderedDict[int, int] = OrderedDict()

    def record(self, found: RecordRef) -> Record:
        """The record at a position. Raises StorageError if it is missing or damaged."""
        return self.line_and_record(found)[1]

    def line_and_record(self, found: RecordRef) -> tuple[bytes, Record]:
        with suppress(format.Damage):
            return self._read(found)
        try:
            return self._read(found)  # it may just have been overwritten by an erasing
        except format.Damage as damage:
            path, line = segment_path(self.folder, found.first), found.n - found.first + 1
            advice = "Stop the server and run `chatapp log verify`."
            raise damaged(path, line, damage, advice) from None

    def lines(self, found: Sequence[RecordRef]) -> Iterator[bytes]:
        """The lines of consecutive records as they stand, unchecked; read at once."""
        for first, refs in groupby(found, attrgetter("first")):
            some = list(refs)
            start, end = some[0].offset, some[-1].offset + some[-1].size
            block = self._disk.read(self._fd(first), end - start, start)
            for ref in some:
                yield block[ref.offset - start :][: ref.size]

    def close(self) -> None:
        """Close the files; they are opened again when needed."""
        for fd in self._fds.values():
            self._disk.close(fd)
        self._fds.clear()

    def _read(self, found: RecordRef) -> tuple[bytes, Record]:
        line = self._disk.read(self._fd(found.first), found.size, found.offset)
        format.check_crc(line)
        record = format.decode_record(line)
        if record.n != found.n:
            raise format.Damage(f"it is number {record.n}")
        return line, record

    def _fd(self, first: int) -> int:
        if first in self._fds:
            self._fds.move_to_end(first)
        else:
            self._fds[first] = self._disk.open(segment_path(self.folder, first), os.O_RDONLY)
            if len(self._fds) > OPEN_FILES:
                self._disk.close(self._fds.popitem(last=False)[1])
        return self._fds[first]
