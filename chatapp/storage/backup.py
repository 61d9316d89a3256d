"""`chatapp backup` and `chatapp restore`: a verified copy of the data, and the way back.

A backup is taken while the server runs: a log only grows, so a copy of its whole batches up
to some moment is a log itself. It is read with every check on its way; a backup that was
made is one that verifies. The key that signs sessions is not in it.
"""

import secrets
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec

from chatapp.storage.batches import manifest_of, whole_batches
from chatapp.storage.broken_off import finish
from chatapp.storage.disk import (
    Disk,
    make_folder,
    read_file,
    remove_folder,
    replace_file,
    sync_folder,
)
from chatapp.storage.errors import StorageError
from chatapp.storage.journals import journals_of
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.rewriting import Rewriting
from chatapp.storage.staging import (
    declare_ready,
    is_staged,
    stage,
    swap,
    take_place,
    tidied,
)

RESTORING = "restoring"
"""A file of the data folder while a restore is under way."""


class Restoring(msgspec.Struct, frozen=True, kw_only=True):
    """What that file says: the journals that are staged, and where the old ones are kept."""

    kept: str
    journals: list[str]


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """How many lines of each journal were copied."""

    messages: int = 0
    directory: int = 0
    audit: int = 0


def backup(disk: Disk, data: Path, destination: Path, progress: Progress = unwatched) -> Copied:
    """Copies the data folder to a new folder, which appears when all of it is there."""
    if disk.exists(destination):
        raise StorageError(f"{destination} is there already; a backup is a new folder.")
    names = journals_of(disk, data)
    if {(data / name).resolve() for name in names} & set(destination.resolve().parents):
        raise StorageError(f"{destination} would be a part of the log itself; choose another.")
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
        with suppress(OSError):  # the first error is the one to tell
            remove_folder(disk, making)
        if not isinstance(error, OSError):
            raise
        raise StorageError(f"{destination} cannot be written: {error.strerror}.") from error
    return Copied(**counts)


def restore(
    disk: Disk, source: Path, data: Path, kept: Path, progress: Progress = unwatched
) -> Copied:
    """Puts a backup in the place of what a data folder has, which is kept.

    The epoch is a new one: what came after the backup is gone, and clients must not go on
    counting from there. `restoring` is written when all is staged: from then on the restore
    is done, even if the next start has to finish it after a crash.
    """
    names = journals_of(disk, source)
    counts = {}
    with ExitStack() as tidy:
        for name in names:
            finish(disk, data / name)
            tidy.enter_context(tidied(disk, data / name))
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


def finish_restore(disk: Disk, data: Path) -> None:
    """Swaps in what a restore has staged, if one was under way."""
    if not disk.exists(data / RESTORING):
        return
    try:
        restoring = msgspec.json.decode(read_file(disk, data / RESTORING), type=Restoring)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{data / RESTORING} cannot be read ({error}): whether a restore was under way is not "
            "known. Delete that file, and restore the backup again."
        ) from None
    kept = Path(restoring.kept)
    make_folder(disk, kept.parent)
    make_folder(disk, kept)
    for name in restoring.journals:
        if is_staged(disk, data / name):
            declare_ready(disk, data / name)
        take_place(disk, data / name, kept / name)
    disk.unlink(data / RESTORING)
    sync_folder(disk, data)


def _copy(
    disk: Disk, source: Path, folder: Path, progress: Progress, epoch: str | None = None
) -> int:
    """Stages a checked copy beside `folder`, and says how many lines it has."""
    manifest = manifest_of(disk, source)
    rewriting = Rewriting(disk, stage(disk, folder), manifest.anchor)
    n = manifest.anchor.n
    for batch in whole_batches(disk, source, manifest, progress):
        rewriting.add([line.bytes for line in batch])
        n = batch[-1].n
    rewriting.finish(manifest.revised(segments=rewriting.sealed, epoch=epoch or manifest.epoch))
    return n - manifest.anchor.n
