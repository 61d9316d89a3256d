"""Handles a failed fsync: the state of the file on disk is unknown, and a second fsync would lie.

The kernel may have dropped the pages that it could not write and marked the rest clean: a second
fsync of the file succeeds, and the data is gone (https://wiki.postgresql.org/wiki/Fsync_Errors). So
the writer notes how much of the segment is certainly durable, and the next start copies that much
to a new file and continues there; the rest goes to quarantine.
"""

from pathlib import Path

import msgspec

from chatapp.log.disk import Disk, read_file, replace_file, sync_folder, write_file
from chatapp.log.errors import StorageError
from chatapp.log.manifest import segment_path
from chatapp.log.recovery import save

NOTE = "unsure"


class UnsureSegment(msgspec.Struct, frozen=True):
    """The segment whose fsync failed, by its first number, and its number of durable bytes."""

    first: int
    size: int


_decode_note = msgspec.json.Decoder(UnsureSegment).decode


def leave_note(disk: Disk, folder: Path, unsure: UnsureSegment) -> None:
    replace_file(disk, folder / NOTE, msgspec.json.encode(unsure))


def copy_durable_part(disk: Disk, folder: Path, quarantine: Path) -> Path | None:
    """If there is a note, copy the durable bytes to a new file. Returns the path of the rest."""
    if not disk.exists(folder / NOTE):
        return None
    try:
        unsure = _decode_note(read_file(disk, folder / NOTE))
    except msgspec.DecodeError as error:
        raise StorageError(
            f"{folder.name}/{NOTE} cannot be read ({error}). Run `chatapp log verify`; "
            "if all is well, delete that file."
        ) from None
    path = segment_path(folder, unsure.first)
    kept = None
    if disk.exists(path):
        data = read_file(disk, path)
        if data[unsure.size :]:
            kept = save(disk, quarantine, f"{folder.name}-{path.stem}-unsure", data[unsure.size :])
        new = path.with_name(path.name + ".new")
        write_file(disk, new, data[: unsure.size])
        disk.rename(new, path)
        sync_folder(disk, folder)
    disk.unlink(folder / NOTE)
    sync_folder(disk, folder)
    return kept
