"""Writes a whole journal again, segment by segment, into a staged folder."""

import hashlib
import os
from pathlib import Path

from chatapp.log.disk import Disk, sync_folder, write_all
from chatapp.log.format import ChainHead
from chatapp.log.manifest import Manifest, Sealed, save_manifest, segment_path
from chatapp.log.writer import SEGMENT_BYTES

_BUFFER_BYTES = 1 << 20


class Rewriting:
    """Takes complete batches of finished lines, in order. It has no effect before `finish`."""

    def __init__(
        self, disk: Disk, folder: Path, anchor: ChainHead, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.sealed: list[Sealed] = []
        self._disk = disk
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._first = anchor.n + 1
        self._last = anchor.n
        self._size = 0
        self._digest = hashlib.sha256()
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._fd = self._open()

    def add(self, batch: list[bytes]) -> None:
        if self._size + self._buffered >= self._segment_bytes:
            self._seal()
            self._first = self._last + 1
            self._fd = self._open()
        self._last += len(batch)
        self._buffer += batch
        self._buffered += sum(map(len, batch))
        if self._buffered >= _BUFFER_BYTES:
            self._drain()

    def finish(self, manifest: Manifest) -> None:
        """Make everything durable. The last segment stays active, so it is not sealed."""
        self._drain()
        self._disk.fsync(self._fd)
        self._disk.close(self._fd)
        save_manifest(self._disk, self._folder, manifest)
        sync_folder(self._disk, self._folder)

    def _seal(self) -> None:
        self._drain()
        self._disk.fsync(self._fd)
        self._disk.close(self._fd)
        self.sealed.append(
            Sealed(
                file=segment_path(self._folder, self._first).name,
                first=self._first,
                last=self._last,
                bytes=self._size,
                sha256=self._digest.hexdigest(),
            )
        )
        self._size, self._digest = 0, hashlib.sha256()

    def _drain(self) -> None:
        data = b"".join(self._buffer)
        write_all(self._disk, self._fd, data, self._size)
        self._digest.update(data)
        self._size += len(data)
        self._buffer, self._buffered = [], 0

    def _open(self) -> int:
        path = segment_path(self._folder, self._first)
        return self._disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
