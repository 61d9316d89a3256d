"""Reads what somebody else made: one file, or a ZIP archive of several without unpacking it.

Nothing is ever written by a name of the archive: a file is looked up by the name that its format
gives it. What is unpacked is bounded, whatever the archive says of its size.
"""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from chatapp.log.errors import StorageError

MAX_MEMBER_BYTES = 64 << 20
"""Of a file that is read as a whole."""
MAX_RATIO = 1_000
"""The most that a file of text is larger than its compressed bytes."""

_DAMAGES = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What a damaged or encrypted archive raises, or one of an unknown compression."""


class DamagedMember(Exception):
    """A file of an archive cannot be read, with the reason."""


class ZipOfSource:
    """Names are those below the folder that has a file of the name `beside`: some programs put
    everything into one folder. Raises StorageError for what is no archive."""

    def __init__(self, path: Path, beside: tuple[str, ...]) -> None:
        try:
            self._zip = ZipFile(path)
        except (*_DAMAGES, ValueError) as error:
            raise StorageError(f"{path.name} is no ZIP archive ({error}).") from None
        top = _folder_of(self._zip.namelist(), beside)
        self._members = {
            info.filename.removeprefix(top): info
            for info in self._zip.infolist()
            if info.filename.startswith(top) and not info.is_dir()
        }
        self.size = sum(info.compress_size for info in self._members.values())

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self, *endings: str) -> Iterator[str]:
        """Those with one of these endings, or all."""
        return (name for name in self._members if name.endswith(endings or ""))

    def compressed_bytes(self, name: str) -> int:
        return self._members[name].compress_size

    def size_of(self, name: str) -> int:
        """What the archive says; 0 if the file is not in it."""
        return self._members[name].file_size if name in self._members else 0

    def read(self, name: str) -> bytes:
        """All bytes of a file. Raises `DamagedMember`, also for one that is too large."""
        info = self._members[name]
        if info.file_size > MAX_MEMBER_BYTES or _is_bomb(info):
            raise DamagedMember(f"a file is larger than {MAX_MEMBER_BYTES >> 20} MB when unpacked")
        with _told():
            return self._zip.read(info)

    def open(self, name: str) -> BinaryIO:
        """The bytes of a file as a stream, of which reading raises `DamagedMember`."""
        info = self._members[name]
        if _is_bomb(info):
            raise DamagedMember("a file is too large when unpacked")
        with _told():
            return cast(BinaryIO, UnpackedStream(cast(BinaryIO, self._zip.open(info))))

    def close(self) -> None:
        self._zip.close()


class FileOfSource:
    """An export that is one file, as if it were alone in an archive. No message's file is in it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __contains__(self, name: str) -> bool:
        return False

    def names(self, *_endings: str) -> Iterator[str]:
        """Its own, whatever it is called."""
        yield self._path.name

    def size_of(self, name: str) -> int:
        return self._path.stat().st_size

    def open(self, name: str) -> BinaryIO:
        if name != self._path.name:
            raise DamagedMember("there are no files beside the messages")
        return self._path.open("rb")

    def close(self) -> None:
        pass


def files_of_source(path: Path, beside: tuple[str, ...] = ()) -> ZipOfSource | FileOfSource:
    """Raises StorageError for a damaged archive."""
    return ZipOfSource(path, beside) if is_zipfile(path) else FileOfSource(path)


class UnpackedStream(io.BufferedIOBase):
    """The bytes of a file of an archive. Damage is found while they are read."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed

    def read(self, size: int | None = -1, /) -> bytes:
        with _told():
            return self._packed.read(-1 if size is None else size)

    def readline(self, size: int | None = -1, /) -> bytes:
        with _told():
            return self._packed.readline(-1 if size is None else size)

    def close(self) -> None:
        self._packed.close()
        super().close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _DAMAGES as error:
        raise DamagedMember(f"a file cannot be unpacked ({str(error)[:60]})") from None


def _folder_of(names: list[str], beside: tuple[str, ...]) -> str:
    """The folder of the first of these files, with its slash; the highest one, if there are
    several."""
    found = [
        name.removesuffix(wanted)
        for name in names
        for wanted in beside
        if name == wanted or name.endswith(f"/{wanted}")
    ]
    return min(found, key=len, default="")


def _is_bomb(info: ZipInfo) -> bool:
    return info.file_size > MAX_RATIO * max(info.compress_size, 1) and info.file_size > 1 << 20
