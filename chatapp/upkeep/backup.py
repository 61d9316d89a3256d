"""`chatapp backup` and `chatapp restore`: a verified copy of the data, and the way back.

A backup can be taken while the server runs: a log only grows, so a copy of its complete batches up
to some moment is itself a log. Every record is checked while it is copied, so every finished
backup is valid. The key that signs sessions is not included.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import msgspec

from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import BlobsUnavailable, original_of
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk, make_folder, remove_folder, replace_file, sync_folder
from chatapp.log.errors import StorageError
from chatapp.log.format import Record
from chatapp.log.manifest import segment_files, segment_path
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import read_lines
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import removed_on_failure, stage, swap
from chatapp.ports import Blobs
from chatapp.store.data_folder import FILES, journals_of
from chatapp.store.interrupted import RESTORING, Restoring, finish, finish_restore
from chatapp.upkeep.files.copies import CopiedFiles, copy_files
from chatapp.upkeep.files.references import FileReferences, references
from chatapp.upkeep.files.small_pictures import with_small_pictures


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The number of lines copied from each journal."""

    messages: int = 0
    directory: int = 0
    audit: int = 0
    files: CopiedFiles | None = None


def backup(
    disk: Disk,
    data: Path,
    destination: Path,
    progress: Progress = unwatched,
    *,
    blobs: Blobs | None = None,
    earlier: Path | None = None,
) -> Copied:
    """Copies the data folder to a new folder, which appears once the copy is complete.

    `blobs` are the bytes of the files, which are linked where the disk is the same: to them, or to
    those of an `earlier` backup.
    """
    if disk.exists(destination):
        raise StorageError(f"{destination} already exists; a backup needs a new folder.")
    names = journals_of(disk, data)
    if {(data / name).resolve() for name in names} & set(destination.resolve().parents):
        raise StorageError(f"{destination} is inside the log; choose another folder.")
    making = destination.with_name(destination.name + ".making")
    try:
        remove_folder(disk, making)
        make_folder(disk, making)
        counts: dict[str, Any] = {}
        for name in names:
            counts[name] = _copy(disk, data / name, making / name, progress)
            swap(disk, making / name, None)
        if blobs is not None and "messages" in names:
            counts["files"] = _copy_files(disk, making, blobs, earlier)
        disk.rename(making, destination)
        sync_folder(disk, destination.parent)
    except (OSError, StorageError, BlobsUnavailable, KeyboardInterrupt) as error:
        with suppress(OSError):  # report the first error
            remove_folder(disk, making)
        if not isinstance(error, OSError):
            raise
        raise StorageError(f"{destination} cannot be written: {error.strerror}.") from error
    return Copied(**counts)


def restore(
    disk: Disk,
    source: Path,
    data: Path,
    kept: Path,
    progress: Progress = unwatched,
    *,
    blobs: Blobs | None = None,
) -> Copied:
    """Replaces the contents of a data folder by a backup, and keeps the old contents.

    The epoch changes: everything after the backup is gone, and clients must not continue to count
    from there. `restoring` is written once everything is staged; from then on the restore will be
    completed, by the next start if there is a crash. Files are put to `blobs` before; what is there
    already stays, and what no message has then is removed later, by the server.
    """
    names = journals_of(disk, source)
    counts: dict[str, Any] = {}
    if blobs is not None and disk.exists(source / FILES):
        counts["files"] = _restore_files(source, data, blobs)
    with ExitStack() as tidy:
        for name in names:
            finish(disk, data / name)
            tidy.enter_context(removed_on_failure(disk, data / name))
            try:
                counts[name] = _copy(
                    disk, source / name, data / name, progress, secrets.token_hex(8)
                )
            except StorageError as error:
                raise StorageError(f"In {source}, {error} Nothing was changed.") from None
        restoring = Restoring(kept=str(kept.absolute()), journals=names)
        replace_file(disk, data / RESTORING, msgspec.json.encode(restoring))
    finish_restore(disk, data)
    if blobs is not None and disk.exists(kept / "messages"):
        keep_files(disk, kept / "messages", kept / FILES, blobs, directory=kept / "directory")
    return Copied(**counts)


def _copy_files(disk: Disk, making: Path, blobs: Blobs, earlier: Path | None) -> CopiedFiles:
    """What the copied log has, and what was made from it. What is erased meanwhile is missing."""
    known = with_small_pictures(references(making / "messages"), making / "directory")
    target = FolderBlobs(making / FILES, disk)
    before = FolderBlobs(earlier) if earlier is not None and disk.exists(earlier) else None
    names = _with_derived(known, blobs)
    return copy_files(blobs, target, names, scratch=making, earlier=before)


def _with_derived(known: FileReferences, blobs: Blobs) -> list[tuple[str, int]]:
    """The names of files, and of what was made from them."""
    derived = [
        (name, size)
        for name, size in blobs.names()
        if name not in known.kept and original_of(name) in known.kept
    ]
    return [*known.kept.items(), *derived]


def _restore_files(source: Path, data: Path, blobs: Blobs) -> CopiedFiles:
    """Raises StorageError, before anything else is changed, if a file is not what it was."""
    kept = FolderBlobs(source / FILES)
    copied = copy_files(kept, blobs, kept.names(), scratch=data)
    if copied.wrong:
        raise StorageError(
            f"In {source}, {FILES}/{copied.wrong[0]} was changed. Nothing else was changed here."
        )
    return copied


def keep_files(
    disk: Disk, messages: Path, folder: Path, blobs: Blobs, directory: Path | None = None
) -> None:
    """An old log that is kept keeps its files, in this folder, if they take no more room there: not
    those in a bucket or in a database. With an old `directory`, its emoji and photos too."""
    if isinstance(blobs, FolderBlobs):
        known = references(messages)
        names = _with_derived(with_small_pictures(known, directory) if directory else known, blobs)
        copy_files(blobs, FolderBlobs(folder, disk), names, scratch=messages)


def _copy(
    disk: Disk, source: Path, folder: Path, progress: Progress, epoch: str | None = None
) -> int:
    """Stages a verified copy beside `folder` and returns its number of lines."""
    manifest = manifest_of(disk, source)
    rewriting = Rewriting(disk, stage(disk, folder), manifest.anchor)
    n = manifest.anchor.n
    for batch in whole_batches(disk, source, manifest, progress):
        rewriting.add([line.bytes for line in batch])
        n = batch[-1].n
    rewriting.finish(manifest.revised(segments=rewriting.sealed, epoch=epoch or manifest.epoch))
    return n - manifest.anchor.n


def restored_texts(disk: Disk, old: Path, new: Path) -> dict[str, int]:
    """The number of texts by sender that the new log has and that were erased in the old one.

    A restore brings them back if the backup is older than the erasing. This only reports them.
    """
    erased = {_which(record) for record in _with(b',"erased":"', disk, old) if record.erased}
    if not erased:
        return {}
    texts = (record for record in _with(b',"text":"', disk, new) if record.text is not None)
    return dict(Counter(record.sender for record in texts if _which(record) in erased))


def _which(record: Record) -> tuple[str, int, str]:
    return record.room, record.seq, record.at


def _with(mark: bytes, disk: Disk, folder: Path) -> Iterator[Record]:
    """The readable records whose line contains the mark; the log may be damaged."""
    for first in segment_files(disk, folder) if disk.exists(folder) else ():
        for _, line in read_lines(disk, segment_path(folder, first)):
            if mark in line:
                with suppress(format.Damage):
                    yield format.decode_record(line)
