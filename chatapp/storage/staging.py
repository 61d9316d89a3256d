"""A folder that is made anew beside the old one, and takes its place when it is whole.

Every rewriting of a log goes this way: repair, migrate, erase, retain, restore, compaction.
The states in which a crash can leave it, and what the next opening makes of each:

    messages  messages.making                   half made: the old one counts
    messages  messages.ready                    made, not swapped: the old one counts
              messages.ready  backups/…         in between: the new one takes the free place
    messages                  backups/…         done
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatapp.storage.disk import Disk, make_folder, remove_folder, sync_folder
from chatapp.storage.errors import StorageError


def stage(disk: Disk, folder: Path) -> Path:
    """An empty folder to make the new one in."""
    making = _beside(folder, "making")
    remove_folder(disk, making)
    remove_folder(disk, _beside(folder, "ready"))
    make_folder(disk, making)
    return making


@contextmanager
def tidied(disk: Disk, folder: Path) -> Iterator[None]:
    """Around a rewriting: one that fails or is interrupted leaves no half of it behind, above all
    on a full disk.
    """
    try:
        yield
    except (OSError, StorageError, KeyboardInterrupt):
        with suppress(OSError):  # the first error is the one to tell
            remove_folder(disk, _beside(folder, "making"))
        raise


def swap(disk: Disk, folder: Path, kept: Path | None) -> None:
    """Puts what was staged in the folder's place; the old one is `kept` there, or removed."""
    declare_ready(disk, folder)
    take_place(disk, folder, kept)


def declare_ready(disk: Disk, folder: Path) -> None:
    """What was staged is whole."""
    making = _beside(folder, "making")
    sync_folder(disk, making)
    disk.rename(making, _beside(folder, "ready"))
    sync_folder(disk, folder.parent)


def is_staged(disk: Disk, folder: Path) -> bool:
    """Whether something was staged that is not declared ready."""
    return disk.exists(_beside(folder, "making"))


def is_between(disk: Disk, folder: Path) -> bool:
    """Whether the old one was moved away, and the new one has not taken its place yet."""
    return not disk.exists(folder) and disk.exists(_beside(folder, "ready"))


def take_place(disk: Disk, folder: Path, kept: Path | None) -> None:
    """The staged folder takes its place, if it has not already."""
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
    """After a crash between the renames of `swap`: the place is free, and the new one is whole.

    What else a crash has left is removed: it may have texts in it that are erased later.
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
