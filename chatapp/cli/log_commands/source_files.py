"""The files of another chat's export: received as if somebody uploaded them."""

import base64
import tempfile
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from msgspec.structs import replace

from chatapp.domain.clock import now, timestamp
from chatapp.domain.errors import TooLarge
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_ALT_CHARACTERS, MAX_FILE_NAME_CHARACTERS
from chatapp.domain.model import FileInfo
from chatapp.domain.visible import visible
from chatapp.features.files.keeping import keep
from chatapp.features.files.model import ID_BYTES, TABLE, StoredFile, as_info
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.receiving import ReceivedFile
from chatapp.features.files.types import UNKNOWN
from chatapp.ports import Blobs
from chatapp.tables.directory import Directory
from chatapp.transfer.sources.archives import DamagedMember
from chatapp.transfer.sources.records import SourceFile

PART_BYTES = 256 * 1024
MAX_FILE_BYTES = 4 << 30
"""A file of a bomb must not fill the disk."""


class SourceFiles:
    """Gives the files of an export their rows, and their bytes a place in `blobs`. `open` is
    `Source.open_file`; `scratch` is a folder on the disk of the chat. Use `close` at the end."""

    def __init__(
        self,
        directory: Directory,
        blobs: Blobs,
        scratch: Path,
        wait: Callable[[Future[Any]], Any],
        *,
        format: str,
        open: Callable[[str], BinaryIO],
    ) -> None:
        self._table = directory.table(TABLE, StoredFile)
        self._blobs = blobs
        self._scratch = scratch
        self._wait = wait
        self._format = format
        self._open = open
        self._pictures = Pictures()

    def bring(self, file: SourceFile, room: str, by: str) -> FileInfo | None:
        """The file, after its bytes are here; None if there are none in the export."""
        id = self._id(file, room)
        row = self._table.get(id)
        if row is not None and self._blobs.size(row.sha256) == row.bytes:
            return as_info(id, replace(row, name=row.name or "file", type=row.type or UNKNOWN))
        if not file.path:
            return None
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="importing-") as folder:
            received = ReceivedFile(Path(folder) / "bytes", _refuse)
            try:
                with closing(self._open(file.path)) as source:
                    while part := source.read(PART_BYTES):
                        received.write(part)
            except (DamagedMember, TooLarge):
                received.discard()
                return None
            row = self._kept(received, _name(file.name), by)
        self._wait(self._table.put(id, row))
        return as_info(id, row, file.alt[:MAX_ALT_CHARACTERS])

    def attach(self, file: FileInfo, room: str, seq: int) -> None:
        row = self._table.get(file.id)
        if row is not None and not row.is_attached:
            attached = replace(row, name="", type="", width=None, height=None, room=room, seq=seq)
            self._wait(self._table.put(file.id, attached))

    def close(self) -> None:
        self._pictures.close()

    def _kept(self, received: ReceivedFile, name: str, by: str) -> StoredFile:
        kept = keep(received, self._blobs, self._pictures, claim=lambda _sha256: None)
        return StoredFile(
            by=by,
            bytes=kept.bytes,
            created_at=timestamp(now()),
            name=name,
            type=kept.type,
            sha256=kept.sha256,
            width=kept.width,
            height=kept.height,
        )

    def _id(self, file: SourceFile, room: str) -> str:
        """The same each time, so that a file is imported once."""
        source = f"{self._format}\n{room}\n{file.id}"
        digest = sha256(source.encode(errors="surrogatepass")).digest()[:ID_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _refuse(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise TooLarge("The file is too large.")


def _name(called: str) -> str:
    plain = visible(called).replace("/", "_").replace("\\", "_").strip()
    return plain[:MAX_FILE_NAME_CHARACTERS] or "file"
