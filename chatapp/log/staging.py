"""Replaces a folder: a new one is created beside it, and takes its place when it is complete.

Every rewriting of a log works this way: repair, migrate, retain, restore, compaction.
A crash leaves one of these states; the next opening handles them:

    messages  messages.making                   incomplete: the old one is valid
    messages  messages.ready                    complete, not swapped: the old one is valid
              messages.ready  backups/…         in between: the new one takes the free place
    messages                  backups/…         done
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatapp.log.disk import Disk, make_folder, remove_folder, sync_folder
from chatapp.log.errors import StorageError


def stage(disk: Disk, folder: Path) -> Path:
    """An empty folder for the new contents."""
    making = _beside(folder, "making")
    remove_folder(disk, making)
    remove_folder(disk, _beside(folder, "ready"))
    make_folder(disk, making)
    return making


@contextmanager
def removed_on_failure(disk: Disk, folder: Path) -> Iterator[None]:
    """For the time of a rewriting: if it fails or is interrupted, its files are removed, because
    the disk may be full."""
    try:
        yield
    except (OSError, StorageError, KeyboardInterrupt):
        with suppress(OSError):  # report the first error
            remove_folder(disk, _beside(folder, "making"))
        raise


def swap(disk: Disk, folder: Path, kept: Path | None) -> None:
    """Replace the folder by the staged one; the old one is moved to `kept`, or removed."""
    declare_ready(disk, folder)
    move_into_place(disk, folder, kept)


def declare_ready(disk: Disk, folder: Path) -> None:
    """The staged folder is complete."""
    making = _beside(folder, "making")
    sync_folder(disk, making)
    disk.rename(making, _beside(folder, "ready"))
    sync_folder(disk, folder.parent)


def is_staged(disk: Disk, folder: Path) -> bool:
    """Whether there is an incomplete staged folder."""
    return disk.exists(_beside(folder, "making"))


def is_between(disk: Disk, folder: Path) -> bool:
    """Whether the old folder was moved away, and the new one has not taken its place yet."""
    return not disk.exists(folder) and disk.exists(_beside(folder, "ready"))


def move_into_place(disk: Disk, folder: Path, kept: Path | None) -> None:
    """Move the staged folder to its place, if that has not happened yet."""
    ready = _beside(folder, "ready")
    if not disk.exists(ready):
        return
    old = kept or _beside(folder, "old")
    make_folder(disk, old.parent)
    if kept is None:
        remove_folder(disk, old)
    if disk.exists(folder):
        disk.rename(folder, old)
        sync_folder(disk, folder.parent)
        sync_folder(disk, old.parent)
    disk.rename(ready, folder)
    sync_folder(disk, folder.parent)
    if kept is None:
        remove_folder(disk, old)


def finish_swap(disk: Disk, folder: Path) -> None:
    """After a crash between the renames of `swap`: move the complete new folder to the free place.

    Other leftovers are removed: they may contain texts that are erased later.
    """
    ready = _beside(folder, "ready")
    if is_between(disk, folder):
        disk.rename(ready, folder)
        sync_folder(disk, folder.parent)
    if disk.exists(folder):
        for state in ("making", "ready", "old"):
            remove_folder(disk, _beside(folder, state))


def _beside(folder: Path, state: str) -> Path:
    return folder.with_name(f"{folder.name}.{state}")
