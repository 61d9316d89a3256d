"""When the data folder was last backed up: a note in it, which `chatapp backup` leaves for the
console. Other ways to back up leave no note."""

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from chatapp.domain.structs import prepare
from chatapp.log.disk import Disk, read_file, replace_file

FILE = "last_backup"


class LastBackup(msgspec.Struct, frozen=True):
    """`at` is a timestamp, `place` the folder with the backup."""

    at: str
    place: str


prepare([LastBackup])


def note_backup(disk: Disk, data: Path, backup: LastBackup) -> None:
    """A backup of a data folder that cannot be written to is as good; it leaves no note."""
    with suppress(OSError):
        replace_file(disk, data / FILE, msgspec.json.encode(backup))
        if os.geteuid() == 0:  # the server, which is not root, reads it
            owner = data.stat()
            os.chown(data / FILE, owner.st_uid, owner.st_gid)


def last_backup(disk: Disk, data: Path) -> LastBackup | None:
    try:
        return msgspec.json.decode(read_file(disk, data / FILE), type=LastBackup)
    except (OSError, msgspec.DecodeError):
        return None
