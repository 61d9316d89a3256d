"""Which files the records of a log have, and which ones they do not have any more.

A line with files has their digests in its head: `"blobs":["…"]`. They stay when the line is erased.
An edit with digests says that these files were removed from its message, unless it brings previews:
then they are those of the pictures.

`python -m chatapp.upkeep.files.references MESSAGES` is the same for a running server.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatapp.domain.files import all_files
from chatapp.domain.structs import prepare
from chatapp.index.workers.worker_main import Tell, child
from chatapp.log import format
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk, read_file
from chatapp.log.errors import damaged
from chatapp.log.format import Record
from chatapp.log.manifest import check_segments, segment_files, segment_path
from chatapp.log.progress import Progress, unwatched

_WITH_FILES = b',"blobs":["'
"""In lines with files. Quotes in texts are escaped, so no text looks like this."""


class FileReferences(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` has the number of bytes by digest: those of messages that have their files, and of
    deleted ones, which admins still read. `ids` are their ids. `gone` are digests that only erased
    messages have, and that were removed from all others."""

    kept: dict[str, int]
    ids: set[str]
    gone: set[str]


prepare([FileReferences])


def references(folder: Path, progress: Progress = unwatched) -> FileReferences:
    """Reads a log, which a server may be writing to. Raises StorageError at damage: a file must not
    go because its line cannot be read."""
    removed = {
        (record.room, record.target or 0, digest)
        for record in _records(folder)
        if record.type == "edit" and record.previews is None
        for digest in record.blobs or ()
    }
    kept: dict[str, int] = {}
    ids: set[str] = set()
    named = {digest for _, _, digest in removed}
    for record in _records(folder, progress):
        named.update(record.blobs or ())
        if record.type != "message" and record.previews is None:
            continue
        for file in all_files(record.event):
            if (record.room, record.seq, file.sha256) not in removed:
                kept[file.sha256] = file.bytes
                ids.add(file.id)
    return FileReferences(kept=kept, ids=ids, gone=named - kept.keys())


def _records(folder: Path, progress: Progress = unwatched) -> Iterator[Record]:
    """The records that have or had files."""
    disk = Disk()
    firsts = segment_files(disk, folder)
    check_segments(folder, manifest_of(disk, folder), firsts)
    for first in firsts:
        path = segment_path(folder, first)
        data = read_file(disk, path)
        end = data.rfind(b"\n") + 1  # what comes after it is being written
        at = data.find(_WITH_FILES, 0, end)
        while at >= 0:
            start, after = data.rfind(b"\n", 0, at) + 1, data.index(b"\n", at) + 1
            yield _record(data[start:after], path, data, start)
            at = data.find(_WITH_FILES, after, end)
        progress(len(data))


def _record(line: bytes, path: Path, data: bytes, offset: int) -> Record:
    try:
        format.check_crc(line)
        return format.decode_record(line)
    except format.Damage as damage:
        number = data.count(b"\n", 0, offset) + 1
        raise damaged(path, number, damage, "Run `chatapp log repair` first.") from None


def _tell(_asked: dict[str, Any], tell: Tell) -> None:
    tell(**msgspec.to_builtins(references(Path(sys.argv[1]))))


if __name__ == "__main__":
    child(dict[str, Any], _tell)
