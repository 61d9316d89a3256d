"""`chatapp log stats`: counts records by room, sender and day."""

from collections import Counter
from pathlib import Path

import msgspec

from chatapp.domain.files import kind_of
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.manifest import segment_files
from chatapp.log.progress import Progress, unwatched


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a whole log. `files` are those of messages, by the kind of their content, and
    `file_bytes` their bytes; erased ones are not counted."""

    records: int
    bytes: int
    segments: int
    batches: int
    first_at: str | None
    last_at: str | None
    epoch: str
    types: dict[str, int]
    rooms: dict[str, int]
    senders: dict[str, int]
    files: dict[str, int] = {}
    file_bytes: int = 0


def stats(folder: Path, progress: Progress = unwatched) -> Stats:
    disk = Disk()
    manifest = manifest_of(disk, folder)
    types: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    senders: Counter[str] = Counter()
    files: Counter[str] = Counter()
    size = batches = file_bytes = 0
    first_at = last_at = None
    for batch in whole_batches(disk, folder, manifest, progress):
        batches += 1
        for line in batch:
            size += len(line.bytes)
            record = format.decode_record(line.bytes)
            types[record.type] += 1
            rooms[record.room] += 1
            if record.sender:  # lost records have no sender
                senders[record.sender] += 1
            if record.files and record.type == "message":
                files.update(kind_of(file.type) for file in record.files)
                file_bytes += sum(file.bytes for file in record.files)
            first_at = min(first_at or record.at, record.at)
            last_at = max(last_at or record.at, record.at)
    return Stats(
        records=types.total(),
        bytes=size,
        segments=len(segment_files(disk, folder)),
        batches=batches,
        first_at=first_at,
        last_at=last_at,
        epoch=manifest.epoch,
        types=dict(types.most_common()),
        rooms=dict(rooms.most_common()),
        senders=dict(senders.most_common()),
        files=dict(files.most_common()),
        file_bytes=file_bytes,
    )
