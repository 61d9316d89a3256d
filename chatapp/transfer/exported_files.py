"""The files of an export: named by their SHA-256, in a folder `files` beside it.

    chat.jsonl
    files/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png

The endings are those of their types, so that other programs open them; the names that people gave
are in the export, because a name may be anything.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from chatapp.blobs.names import BlobMissing
from chatapp.domain.files import all_files, is_removal
from chatapp.domain.model import Event, FileInfo
from chatapp.log.progress import Progress, unwatched
from chatapp.ports import Blobs
from chatapp.store.data_folder import FILES
from chatapp.transfer.exported_emoji import ExportedEmoji

ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
}
OTHER_ENDING = ".bin"


class CopiedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The files beside an export, and the digests of those that are missing or damaged."""

    files: int
    bytes: int
    missing: list[str]


class ExportedFiles:
    """Notes which files an export has, and which emoji; then they are copied."""

    def __init__(self, emoji: ExportedEmoji | None = None) -> None:
        self.emoji = emoji or ExportedEmoji()
        self._wanted: dict[str, FileInfo] = {}
        self._removed: set[str] = set()

    def note(self, event: Event) -> None:
        """An event that is exported as it happened."""
        self.emoji.note(event)
        if is_removal(event):
            self._removed.update(event.blobs or ())
            return
        for file in all_files(event):
            self.path_of(file)

    def path_of(self, file: FileInfo) -> str:
        """Where the file is, as seen from the export."""
        self._wanted.setdefault(file.sha256, file)
        return f"{FILES}/{name_of(file)}"

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self._all.values())

    @property
    def _all(self) -> dict[str, FileInfo]:
        return {file.sha256: file for file in self.emoji.pictures} | self._wanted

    def copy(self, blobs: Blobs, beside: Path, progress: Progress = unwatched) -> CopiedOut:
        """Copy them into the folder `files` in the folder `beside`. What is there already stays."""
        missing: list[str] = []
        wanted = self._all
        if wanted:
            (beside / FILES).mkdir(exist_ok=True)
        self.emoji.write(blobs, beside / FILES)
        for digest, file in wanted.items():
            path = beside / FILES / name_of(file)
            if not (path.exists() and path.stat().st_size == file.bytes):
                is_there = _copy(blobs, digest, path)
                if not is_there and digest not in self._removed:
                    missing.append(digest)
            progress(file.bytes)
        return CopiedOut(files=len(wanted) - len(missing), bytes=self.bytes, missing=missing)


def name_of(file: FileInfo) -> str:
    return file.sha256 + ENDINGS.get(file.type, OTHER_ENDING)


def exported(beside: Path, digest: str) -> Path | None:
    """The file with this digest beside an export, whatever its ending."""
    return next(iter(sorted((beside / FILES).glob(f"{digest}*"))), None)


def parts_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            yield part


def _copy(blobs: Blobs, digest: str, path: Path) -> bool:
    """A file appears whole, with the bytes that its name says, or not at all."""
    making = path.with_name(f"{path.name}.{os.getpid()}.making")
    found = sha256()
    try:
        with making.open("wb") as file:
            for part in blobs.read(digest):
                found.update(part)
                file.write(part)
        if found.hexdigest() != digest:
            return False
        making.replace(path)
    except BlobMissing:
        return False
    finally:
        making.unlink(missing_ok=True)
    return True
