"""`chatapp log migrate`: converts a log of an older version.

The steps between versions are in migrations_json/, one file each, and stay there permanently. The
new log is written beside the old one, checked line by line, and takes its place by a rename; the
old one is kept. A crash leaves either the old or the new log.
"""

import importlib.util
import logging
import os
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError, damaged
from chatapp.log.format import SALT_BYTES, VERSION, ChainHead, Position, Record
from chatapp.log.manifest import Manifest, load_any_manifest, segment_files, segment_path
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import read_lines
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import declare_ready, move_into_place, removed_on_failure, stage
from chatapp.store.interrupted import finish
from chatapp.upkeep.verify import verify

_NAME = re.compile(r"(\d{4})_\w+\.py")

logger = logging.getLogger(__name__)

Json = dict[str, Any]
LineHash = Callable[[bytes, bytes], bytes]


class Migrated(msgspec.Struct, frozen=True, kw_only=True):
    """The old and new version, and the number of records; 0 if there was nothing to do."""

    folder: str
    old: int
    new: int
    records: int


def migrations(folder: Path) -> dict[int, ModuleType]:
    """Every step, by the version that it produces."""
    found = {}
    for path in sorted(folder.iterdir()):
        if match := _NAME.fullmatch(path.name):
            found[int(match[1])] = _load(path)
    return found


def migrate(
    disk: Disk,
    folder: Path,
    steps: dict[int, ModuleType],
    *,
    backup: Path,
    dry_run: bool = False,
    progress: Progress = unwatched,
    randomness: Callable[[int], bytes] = os.urandom,
) -> Migrated:
    """Convert a journal to the newest version. With `dry_run`, write nothing."""
    finish(disk, folder)
    manifest = _manifest(disk, folder)
    old = manifest.format
    if old == VERSION:
        return Migrated(folder=folder.name, old=old, new=VERSION, records=0)
    _check_nothing_is_unfinished(disk, folder)
    batches = _upgraded(disk, folder, manifest, steps, progress)
    if dry_run:
        records = sum(len(batch) for batch in batches)
        return Migrated(folder=folder.name, old=old, new=VERSION, records=records)
    with removed_on_failure(disk, folder):
        making = stage(disk, folder)
        rewriting = Rewriting(disk, making, manifest.anchor)
        tip = manifest.anchor
        for batch in batches:
            lines, tip = _encoded(batch, tip, randomness)
            rewriting.add(lines)
        rewriting.finish(manifest.revised(format=VERSION, segments=rewriting.sealed))
        if problems := verify(making, progress=progress).problems:
            raise StorageError(
                f"The converted log does not verify: {problems[0]}. Nothing was changed."
            )
    declare_ready(disk, folder)
    move_into_place(disk, folder, backup)
    records = tip.n - manifest.anchor.n
    return Migrated(folder=folder.name, old=old, new=VERSION, records=records)


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise StorageError(f"{path} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _manifest(disk: Disk, folder: Path) -> Manifest:
    manifest = load_any_manifest(disk, folder)
    if manifest is None:
        raise StorageError(f"There is no log in {folder}.")
    return manifest


def _check_nothing_is_unfinished(disk: Disk, folder: Path) -> None:
    """Version 2 wrote segments without their erased texts beside the log."""
    unfinished = folder.with_name(f"{folder.name}.erased")
    if disk.exists(unfinished):
        raise StorageError(
            f"{unfinished.name}/ is what an erasing has left that was not finished: start the "
            "version that you had once more, which finishes it, and stop it again."
        )


def _upgraded(
    disk: Disk, folder: Path, manifest: Manifest, steps: dict[int, ModuleType], progress: Progress
) -> Iterator[list[Json]]:
    """The upgraded records, batch by batch. Checks the old chain."""
    upgrades = [steps[version].upgrade for version in range(manifest.format + 1, VERSION + 1)]

    def records() -> Iterator[Json]:
        for line in _sound_lines(disk, folder, manifest, steps[manifest.format].line_hash):
            record = msgspec.json.decode(line, type=Json)
            for upgrade in upgrades:
                record = upgrade(record)
            yield record
            progress(len(line))

    for _, batch in groupby(records(), key=lambda record: record["batch"]):
        yield list(batch)


def _sound_lines(
    disk: Disk, folder: Path, manifest: Manifest, line_hash: LineHash
) -> Iterator[bytes]:
    """Every line of the old version, each following from the one before.

    An unfinished last write is left out, as at every start; the old log keeps it.
    """
    previous = manifest.anchor.hash.encode()
    firsts = segment_files(disk, folder)
    for first in firsts:
        path = segment_path(folder, first)
        for number, (offset, line) in enumerate(read_lines(disk, path), 1):
            try:
                format.check_crc(line)
                if format.line_hash(line) != line_hash(line, previous):
                    raise format.Damage("its hash does not follow from the line before it")
            except format.Damage as damage:
                if first == firsts[-1] and _is_unfinished(disk, path, offset):
                    logger.warning(
                        "%s/: the last write was not finished, and what there is of it is left "
                        "out; record %d is the last",
                        folder.name,
                        first + number - 2,
                    )
                    return
                advice = (
                    "Nothing was changed; restore a backup, or repair it with the version that "
                    "wrote it."
                )
                raise damaged(path, number, damage, advice) from None
            previous = format.line_hash(line)
            yield line


def _is_unfinished(disk: Disk, path: Path, offset: int) -> bool:
    """Whether there is no complete line after the offset, of any version."""
    return not any(_is_whole(line) for _, line in read_lines(disk, path, offset))


def _is_whole(line: bytes) -> bool:
    try:
        format.check_crc(line)
    except format.Damage:
        return False
    return True


def _encoded(
    batch: list[Json], tip: ChainHead, randomness: Callable[[int], bytes]
) -> tuple[list[bytes], ChainHead]:
    lines: list[bytes] = []
    n, more, previous = tip.n, len(batch), tip.hash.encode()
    for record, salt in zip(batch, format.salts(randomness(SALT_BYTES * len(batch))), strict=True):
        n, more = n + 1, more - 1
        place = Position(n, tip.batch + 1, more)
        full = {**record, "more": more, "hash": "", "crc": ""}
        line, previous = _line(full, salt, place, previous)
        lines.append(line)
    return lines, ChainHead(n, tip.batch + 1, previous.decode())


def _line(record: Json, salt: str, place: Position, previous: bytes) -> tuple[bytes, bytes]:
    if "table" in record:
        value = format.to_json(record["value"]) if "value" in record else None
        return format.encode_entry(
            record["table"], record["key"], value, at=record["at"], place=place, previous=previous
        )
    if "text" in record:
        record = {"salt": salt, **record}
    return format.encode_record(msgspec.convert(record, Record), place, previous)
