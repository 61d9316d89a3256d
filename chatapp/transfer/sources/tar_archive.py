"""Reads a compressed TAR archive that somebody else made, without unpacking it into a folder.

Files of a compressed archive can only be read one after the other, so it is uncompressed into one
temporary file first. Nothing is ever written by a name of the archive.
"""

import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import IO, BinaryIO, cast

from chatapp.log.errors import StorageError
from chatapp.transfer.sources.archives import DamagedMember

MAX_RATIO = 200
"""The most that an archive is larger than its compressed bytes."""
ALWAYS_BYTES = 256 << 20
PART_BYTES = 1 << 20
_HEADER_BYTES = 512
_MAGIC = b"ustar"
_MAGIC_AT = 257


def is_tar_gz(path: Path) -> bool:
    """Whether a file is compressed, and what is inside begins as an archive does."""
    with path.open("rb") as file:
        try:
            head = _decompressor().decompress(file.read(PART_BYTES), _HEADER_BYTES)
        except zlib.error:
            return False
    return head[_MAGIC_AT:].startswith(_MAGIC)


def _decompressor() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


class TarOfSource:
    """Names are those below the archive's only folder, as Zulip has it."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._plain = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed by close()
        try:
            _uncompress(path, self._plain)
            self._tar = tarfile.open(fileobj=self._plain)  # noqa: SIM115
            members = self._tar.getmembers()
        except (tarfile.TarError, zlib.error, EOFError) as error:
            self._plain.close()
            raise StorageError(f"{path.name} is no archive ({str(error)[:80]}).") from None
        except BaseException:
            self._plain.close()
            raise
        self._members = {
            one.name.removeprefix("./").partition("/")[2]: one for one in members if one.isreg()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self) -> list[str]:
        return sorted(self._members)

    def open(self, name: str) -> BinaryIO:
        """Raises `DamagedMember` if it is not there."""
        try:
            return cast(BinaryIO, self._tar.extractfile(self._members[name]))
        except (KeyError, tarfile.TarError) as error:
            raise DamagedMember(f"{name[:60]} cannot be read ({str(error)[:60]})") from None

    def close(self) -> None:
        self._tar.close()
        self._plain.close()


def _uncompress(path: Path, plain: IO[bytes]) -> None:
    most = MAX_RATIO * path.stat().st_size + ALWAYS_BYTES
    unpack = _decompressor()
    written = 0
    with path.open("rb") as file:
        while not unpack.eof:
            part = unpack.unconsumed_tail or file.read(PART_BYTES)
            if not part:
                raise EOFError("it ends too early")
            written += plain.write(unpack.decompress(part, PART_BYTES))
            if written > most:
                raise StorageError(f"{path.name} is too large when unpacked.")
    plain.seek(0)
