"""A file to which lines are appended. One that was cut off by a crash is removed at the next
start."""

import os
from collections.abc import Iterator
from pathlib import Path


class AppendedLines:
    def __init__(self, path: Path) -> None:
        self._path = path
        cut_after_last_line(path)
        self._file = path.open("ab")

    def stored(self) -> Iterator[bytes]:
        self._file.flush()
        with self._path.open("rb") as file:
            yield from file

    def append(self, *lines: bytes) -> None:
        """Lines without their newlines; they are on disk after `sync`."""
        self._file.write(b"".join(line + b"\n" for line in lines))

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def replace_by(self, making: Path) -> None:
        """This file is the other one from now on."""
        self._file.close()
        making.replace(self._path)
        self._file = self._path.open("ab")

    def close(self) -> None:
        self._file.close()


def cut_after_last_line(path: Path) -> None:
    """Remove what a crash has left of a line."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end, tail = file.seek(0, os.SEEK_END), b""
        start = end
        while start and b"\n" not in tail:
            start = max(0, start - 65_536)
            file.seek(start)
            tail = file.read(end - start)
        file.truncate(start + tail.rfind(b"\n") + 1)
