"""Files of a chat that a command changes: their rows in the directory, and their bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chatapp.domain.emoji import EMOJI_TABLE, OwnEmoji
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Draft, Event, FileInfo, Message
from chatapp.domain.photos import PHOTOS_TABLE, Photo
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.files.emoji_picture import EMOJI_PIXELS
from chatapp.features.files.keeping import put_pictures
from chatapp.features.files.model import PREVIEW, TABLE, StoredFile, parts_name
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.types import type_of
from chatapp.ports import Blobs
from chatapp.tables.directory import Directory
from chatapp.transfer.imported_emoji import ImportedEmoji, import_emoji
from chatapp.transfer.imported_files import ImportedFiles
from chatapp.upkeep.files.references import FileReferences, references
from chatapp.upkeep.files.small_pictures import with_small_pictures
from chatapp.upkeep.files.sweep import lost_files, sweep_files, sweep_orphans

Wait = Callable[[Future[Any]], Any]


def sweep(
    directory: Directory,
    messages: Path,
    blobs: Blobs,
    wait: Wait,
    head: Callable[[str], int] = lambda _room: MAX_INTEGER,
    *,
    since: str = "~",
) -> int:
    """Remove the files that no message has any more. Returns their number. `head(room)` is a room's
    last seq in this copy of the log, if it is one; then servers may be making rows `since`."""
    table = directory.table(TABLE, StoredFile)
    rows = dict(table.items())
    known = references(messages)
    lost = set(lost_files(rows, known, head, since=since))

    emoji = directory.table(EMOJI_TABLE, OwnEmoji)
    photos = directory.table(PHOTOS_TABLE, Photo)

    def held() -> set[str]:
        """Digests of files that stay, of emoji and of photos."""
        files = {row.sha256 or parts_name(id) for id, row in table.items() if id not in lost}
        files |= {row.sha256 for _, row in emoji.items()}
        return files | {row.sha256 for _, row in photos.items()}

    swept = sweep_files(
        blobs,
        lost,
        row=table.get,
        held=held,
        known=known,
        delete_row=lambda id: wait(table.delete(id)),
    )
    if known.gone:
        sweep_orphans(blobs, set(), known, held)
    return len(swept)


def sweep_copy(messages: Path, blobs: Blobs) -> FileReferences:
    """Remove from a backup what its log says is gone. Its rows stay: the next server that has them
    removes them."""
    known = with_small_pictures(references(messages), messages.with_name("directory"))
    if known.gone:
        sweep_orphans(blobs, set(), known, set)
    return known


class FilesOfImport:
    """Gives imported files their rows and their smaller pictures. Use `close` at the end."""

    def __init__(self, directory: Directory, blobs: Blobs, scratch: Path, wait: Wait) -> None:
        self._table = directory.table(TABLE, StoredFile)
        self._blobs = blobs
        self._scratch = scratch
        self._wait = wait
        self._pictures = Pictures()
        self._emoji = EmojiRows(directory)

    def beside(self, folder: Path) -> ImportedFiles:
        """The files of an export in this folder."""
        return ImportedFiles(
            self._blobs,
            folder,
            scratch=self._scratch,
            attach=self._attach,
            has_other=self._has_other,
            look=self._look,
        )

    def emoji(self, folder: Path, *, dry_run: bool = False) -> ImportedEmoji:
        """Import the emoji of an export in this folder; a `dry_run` counts them."""
        rows = self._emoji
        return import_emoji(
            folder,
            scratch=self._scratch,
            find=rows.find,
            keep=self._keep_emoji,
            put=lambda row: self._wait(rows.put(row)),
            count=lambda: len(rows),
            dry_run=dry_run,
        )

    def close(self) -> None:
        self._pictures.close()

    def _keep_emoji(self, path: Path, row: OwnEmoji) -> OwnEmoji | None:
        if type_of(path) != "image/webp":
            return None
        looks = [self._pictures.look(path, "image/webp", use) for use in (None, "emoji")]
        try:
            (whole, *_), (made, _, still) = looks
            size = whole.width or 0, whole.height or 0
            if whole.error or made.error or max(size) > EMOJI_PIXELS:
                return None
            if made.is_animated:
                self._blobs.put(row.sha256 + PREVIEW, still)
            bytes = path.stat().st_size
            self._blobs.put(row.sha256, path)
        finally:
            for _, *paths in looks:
                for each in paths:
                    each.unlink(missing_ok=True)
        return replace(row, bytes=bytes, width=size[0], height=size[1], animated=made.is_animated)

    def _attach(self, file: FileInfo, message: Draft | Event | Message, seq: int, at: str) -> None:
        if self._table.get(file.id) is not None:
            return
        row = StoredFile(
            by=message.by or "",
            bytes=file.bytes,
            created_at=at,
            sha256=file.sha256,
            room=message.room,
            seq=seq,
        )
        self._wait(self._table.put(file.id, row))

    def _has_other(self, file: FileInfo, room: str) -> bool:
        row = self._table.get(file.id)
        return row is not None and (row.room, row.sha256) != (room, file.sha256)

    def _look(self, path: Path, file: FileInfo) -> None:
        if self._pictures.are(file.type):
            put_pictures(path, file.type, file.sha256, self._blobs, self._pictures)
