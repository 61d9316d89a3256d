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

import msgspec

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
from chatapp.store.data_folder import journals_of
from chatapp.store.interrupted import RESTORING, Restoring, finish, finish_restore


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """The number of lines copied from each journal."""

    messages: int = 0
    directory: int = 0
    audit: int = 0


def backup(disk: Disk, data: Path, destination: Path, progress: Progress = unwatched) -> Copied:
    """Copies the data folder to a new folder, which appears once the copy is complete."""
    if disk.exists(destination):
        raise StorageError(f"{destination} already exists; a backup needs a new folder.")
    names = journals_of(disk, data)
    if {(data / name).resolve() for name in names} & set(destination.resolve().parents):
        raise StorageError(f"{destination} is inside the log; choose another folder.")
    making = destination.with_name(destination.name + ".making")
    try:
        remove_folder(disk, making)
        make_folder(disk, making)
        counts = {}
        for name in names:
            counts[name] = _copy(disk, data / name, making / name, progress)
            swap(disk, making / name, None)
        disk.rename(making, destination)
        sync_folder(disk, destination.parent)
    except (OSError, StorageError, KeyboardInterrupt) as error:
        with suppress(OSError):  # report the first error
            remove_folder(disk, making)
        if not isinstance(error, OSError):
            raise
        raise StorageError(f"{destination} cannot be written: {error.strerror}.") from error
    return Copied(**counts)


def restore(
    disk: Disk, source: Path, data: Path, kept: Path, progress: Progress = unwatched
) -> Copied:
    """Replaces the contents of a data folder by a backup, and keeps the old contents.

    The epoch changes: everything after the backup is gone, and clients must not continue to count
    from there. `restoring` is written once everything is staged; from then on the restore will be
    completed, by the next start if there is a crash.
    """
    names = journals_of(disk, source)
    counts = {}
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
    return Copied(**counts)


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
