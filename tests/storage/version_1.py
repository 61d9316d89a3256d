"""A log as version 1 wrote it, made of one of this version: what `migrate` finds in the field."""

from pathlib import Path
from zlib import crc32

import msgspec

from chatapp.files import MIGRATIONS
from chatapp.storage import Disk
from chatapp.storage.batches import manifest_of
from chatapp.storage.manifest import save_manifest, segment_files, segment_path
from chatapp.storage.migrate import migrations


def has_only_what_it_knew(folder: Path) -> bool:
    """Version 1 had no erased texts, and nothing in the place of what was lost."""
    records = (msgspec.json.decode(line) for line in _lines(folder))
    return not any("erased" in record or record["type"] == "lost" for record in records)


def make_old(folder: Path) -> None:
    """Writes the log in this folder as version 1 would have written it."""
    disk, line_hash = Disk(), migrations(MIGRATIONS)[1].line_hash
    manifest = manifest_of(disk, folder)
    previous = manifest.anchor.hash.encode()
    for first in segment_files(disk, folder):
        path = segment_path(folder, first)
        old = []
        for line in path.read_bytes().splitlines(keepends=True):
            record = msgspec.json.decode(line) | {"v": 1}
            for added in ("more", "salt", "hash", "crc"):
                record.pop(added, None)
            start = msgspec.json.encode(record)[:-1]
            previous = line_hash(start + b',"hash":""}', previous)
            covered = start + b',"hash":"%b"' % previous
            old.append(covered + b',"crc":"%08x"}\n' % crc32(covered))
        path.write_bytes(b"".join(old))
    save_manifest(disk, folder, msgspec.structs.replace(manifest, format=1, segments=[]))


def _lines(folder: Path) -> list[bytes]:
    files = (segment_path(folder, first) for first in segment_files(Disk(), folder))
    return [line for file in files for line in file.read_bytes().splitlines()]
