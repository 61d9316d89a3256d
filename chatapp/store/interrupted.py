"""Finishes or undoes what a crash has interrupted, before anything else happens to the data."""

from pathlib import Path

import msgspec

from chatapp.log.disk import Disk, make_folder, read_file, sync_folder
from chatapp.log.erasing import finish_erasing
from chatapp.log.errors import StorageError
from chatapp.log.staging import declare_ready, finish_swap, is_staged, move_into_place

RESTORING = "restoring"
"""A file in the data folder during a restore."""


class Restoring(msgspec.Struct, frozen=True, kw_only=True):
    """The content of that file: the staged journals, and the folder for the old ones."""

    kept: str
    journals: list[str]


_decode_note = msgspec.json.Decoder(Restoring).decode


def finish(disk: Disk, folder: Path) -> None:
    """Make a journal's folder the old one or the new one; after a crash it may be neither.

    Call this before another log takes its place: anything left beside the folder would later be
    moved into the new one.
    """
    finish_swap(disk, folder)
    finish_erasing(disk, folder)


def finish_restore(disk: Disk, data: Path) -> None:
    """Complete an interrupted restore: swap in the staged journals."""
    if not disk.exists(data / RESTORING):
        return
    try:
        restoring = _decode_note(read_file(disk, data / RESTORING))
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
        move_into_place(disk, data / name, kept / name)
    disk.unlink(data / RESTORING)
    sync_folder(disk, data)
