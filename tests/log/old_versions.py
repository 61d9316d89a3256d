"""A log as an older version wrote it, made of one of this: what `migrate` finds in the field."""

from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.manifest import save_manifest, segment_files, segment_path
from chatapp.resources import MIGRATIONS
from chatapp.upkeep.migrate import migrations


def has_only_what_version_1_knew(folder: Path) -> bool:
    """Version 1 had no erased texts, and nothing in the place of what was lost."""
    records = (msgspec.json.decode(line) for line in _lines(folder))
    return not any("erased" in record or record["type"] == "lost" for record in records)


def make_old(folder: Path, version: int = 1) -> None:
    """Writes the log in this folder as that version would have written it."""
    disk, line_hash = Disk(), migrations(MIGRATIONS)[version].line_hash
    manifest = manifest_of(disk, folder)
    previous = manifest.anchor.hash.encode()
    for first in segment_files(disk, folder):
        path = segment_path(folder, first)
        old = []
        for line in path.read_bytes().splitlines(keepends=True):
            start = msgspec.json.encode(_old(msgspec.json.decode(line), version))[:-1]
            previous = line_hash(start + b',"hash":""}', previous)
            covered = start + b',"hash":"%b"' % previous
            old.append(covered + b',"crc":"%08x"}\n' % crc32(covered))
        path.write_bytes(b"".join(old))
    save_manifest(disk, folder, msgspec.structs.replace(manifest, format=version, segments=[]))


def _old(record: dict[str, Any], version: int) -> dict[str, Any]:
    """Version 1 had no salt; version 2 kept the digest of a text when that was erased."""
    added = {1: ("more", "body", "salt", "hash", "crc"), 2: ("body", "hash", "crc")}[version]
    old = {key: value for key, value in record.items() if key not in added} | {"v": version}
    return old | {"body": record["body"]} if "erased" in record else old


def _lines(folder: Path) -> list[bytes]:
    files = (segment_path(folder, first) for first in segment_files(Disk(), folder))
    return [line for file in files for line in file.read_bytes().splitlines()]
