"""Opening a journal's folder: its manifest, its segments, and a writer at their end."""

import logging
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from chatapp.config import Durability
from chatapp.storage import format
from chatapp.storage.broken_off import finish
from chatapp.storage.disk import Disk, make_folder, sync_folder
from chatapp.storage.manifest import (
    Manifest,
    check_segments,
    load_manifest,
    save_manifest,
    seal,
    segment_files,
    segment_path,
)
from chatapp.storage.recovery import Line, Mark, Recovered, recover
from chatapp.storage.unsure import make_sure
from chatapp.storage.writer import SEGMENT_BYTES, Writer

logger = logging.getLogger(__name__)


def begin(disk: Disk, folder: Path) -> Manifest:
    """The folder's manifest; a new folder gets its first segment, and then one."""
    finish(disk, folder)
    make_folder(disk, folder)
    sync_folder(disk, folder.parent)
    manifest = load_manifest(disk, folder)
    if manifest is None:
        manifest = Manifest.new()
        _make_segment(disk, folder, manifest.anchor.n + 1)
        save_manifest(disk, folder, manifest)
    check_segments(folder, manifest, segment_files(disk, folder))
    return manifest


def go_to_end(
    disk: Disk,
    folder: Path,
    manifest: Manifest,
    *,
    since: Mark | None,
    quarantine: Path,
    found: Callable[[list[Line]], None],
) -> Recovered:
    """Recovers the end of the log, and says so where something was cut off."""
    if aside := make_sure(disk, folder, quarantine):
        logger.warning(
            "%s/: the disk had failed; what is not known to be durable is in %s", folder.name, aside
        )
    recovered = recover(
        disk,
        folder,
        segment_files(disk, folder),
        since=since,
        anchor=manifest.anchor,
        quarantine=quarantine,
        found=found,
    )
    if recovered.quarantined:
        logger.warning(
            "%s/: the last write was not finished: its bytes are in %s, record %d is the last",
            folder.name,
            recovered.quarantined,
            recovered.tip.n,
        )
    return recovered


def open_writer(
    disk: Disk,
    folder: Path,
    manifest: Manifest,
    recovered: Recovered,
    *,
    durability: Durability,
    segment_bytes: int = SEGMENT_BYTES,
    sealing: "Sealing | None" = None,
) -> Writer:
    sync_folder(disk, folder)
    sealing = sealing or Sealing(disk, folder, manifest)
    sealing.seal_before(recovered.first)
    return Writer(
        disk,
        folder,
        first=recovered.first,
        size=recovered.size,
        durability=durability,
        rolled=sealing.seal_before,
        segment_bytes=segment_bytes,
    )


class Sealing:
    """Writes finished segments into the manifest. For one thread at a time, the writer's."""

    def __init__(self, disk: Disk, folder: Path, manifest: Manifest) -> None:
        self._disk = disk
        self._folder = folder
        self.manifest = manifest

    def seal_before(self, active: int) -> None:
        """Seals every segment before the active one that is not sealed yet.

        On a disk that is full or failing it is left for later: a segment that is not in the
        manifest is as durable, and as well checked by its chain.
        """
        try:
            self._seal_before(active)
        except OSError as error:
            logger.warning("%s/: a segment could not be sealed yet (%s)", self._folder.name, error)

    def _seal_before(self, active: int) -> None:
        firsts = segment_files(self._disk, self._folder)
        known = {sealed.first for sealed in self.manifest.segments}
        for first, following in pairwise(firsts):
            if first not in known and first < active:
                path = segment_path(self._folder, first)
                sealed = seal(self._disk, path, first, following - 1)
                manifest = self.manifest.with_sealed(sealed)
                save_manifest(self._disk, self._folder, manifest)
                self.manifest = manifest


def mark_holds(disk: Disk, folder: Path, manifest: Manifest, mark: Mark) -> bool:
    """Whether the log has what an index says it has read: the last line of it, and every sealed
    segment, as long as it was. A start that trusts the index reads none of these.
    """
    holds = _has_line(disk, folder, mark) and all(
        _size(disk, folder / sealed.file) == sealed.bytes for sealed in manifest.segments
    )
    if not holds:
        logger.warning(
            "%s/: the index knows the log up to record %d, and something of that is missing; all "
            "is read anew",
            folder.name,
            mark.tip.n,
        )
    return holds


def _has_line(disk: Disk, folder: Path, mark: Mark) -> bool:
    path = segment_path(folder, mark.first)
    if not disk.exists(path):
        return False
    fd = disk.open(path, os.O_RDONLY)
    try:
        line = disk.read(fd, mark.end - mark.start, mark.start)
    finally:
        disk.close(fd)
    try:
        format.check_crc(line)
        place = format.place_of(line)
    except format.Damage:
        return False
    return place.n == mark.tip.n and format.line_hash(line) == mark.tip.hash.encode()


def _size(disk: Disk, path: Path) -> int | None:
    if not disk.exists(path):
        return None
    fd = disk.open(path, os.O_RDONLY)
    try:
        return disk.size(fd)
    finally:
        disk.close(fd)


def _make_segment(disk: Disk, folder: Path, first: int) -> None:
    fd = disk.open(segment_path(folder, first), os.O_WRONLY | os.O_CREAT)
    disk.close(fd)
    sync_folder(disk, folder)
