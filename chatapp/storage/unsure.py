"""After a failed fsync nobody knows what is on disk, and asking the same file again would lie.

The kernel may have dropped the pages that it could not write and marked the rest clean: a
second fsync of the file succeeds, and the data is gone (https://wiki.postgresql.org/wiki/Fsync_Errors).
So the writer leaves a note of how far the segment is known to be durable, and the next start
copies that much to a new file and goes on there; what follows goes to quarantine.
"""

from pathlib import Path

import msgspec

from chatapp.storage.disk import (
    Disk,
    read_file,
    replace_file,
    sync_folder,
    write_file,
)
from chatapp.storage.errors import StorageError
from chatapp.storage.manifest import segment_path
from chatapp.storage.recovery import keep

NOTE = "unsure"


class Unsure(msgspec.Struct, frozen=True):
    """The segment whose fsync failed, by its first number, and how many bytes are durable."""

    first: int
    size: int


def leave_note(disk: Disk, folder: Path, unsure: Unsure) -> None:
    replace_file(disk, folder / NOTE, msgspec.json.encode(unsure))


def make_sure(disk: Disk, folder: Path, quarantine: Path) -> Path | None:
    """Copies what is durable to a new file, if there is a note. Says what was put aside."""
    if not disk.exists(folder / NOTE):
        return None
    try:
        unsure = msgspec.json.decode(read_file(disk, folder / NOTE), type=Unsure)
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
            kept = keep(disk, quarantine, f"{folder.name}-{path.stem}-unsure", data[unsure.size :])
        new = path.with_name(path.name + ".new")
        write_file(disk, new, data[: unsure.size])
        disk.rename(new, path)
        sync_folder(disk, folder)
    disk.unlink(folder / NOTE)
    sync_folder(disk, folder)
    return kept
