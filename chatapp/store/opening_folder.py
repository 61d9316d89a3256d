"""Opens a journal's folder: its manifest, its segments, and a writer at their end."""

import logging
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec

from chatapp.config import Durability
from chatapp.log import format
from chatapp.log.disk import Disk, make_folder, opened, size_of, sync_folder
from chatapp.log.file_watch import Watch
from chatapp.log.fsync_failed import copy_durable_part
from chatapp.log.manifest import (
    Beginning,
    Manifest,
    check_segments,
    load_manifest,
    save_manifest,
    seal,
    segment_files,
    segment_path,
    shared_epoch,
)
from chatapp.log.recovery import Checkpoint, Recovered, RecoveredLine, recover
from chatapp.log.writer import SEGMENT_BYTES, Writer
from chatapp.store.interrupted import finish

logger = logging.getLogger(__name__)


def begin(disk: Disk, folder: Path, beginning: Beginning | None = None) -> Manifest:
    """The folder's manifest; a new folder gets its first segment, and then its manifest.

    `beginning` is that of all copies of a shared journal.
    """
    finish(disk, folder)
    make_folder(disk, folder)
    sync_folder(disk, folder.parent)
    manifest = load_manifest(disk, folder)
    if manifest is None:
        manifest = Manifest.new(beginning)
        _make_segment(disk, folder, manifest.anchor.n + 1)
        save_manifest(disk, folder, manifest)
    elif beginning:
        epoch = shared_epoch(beginning.epoch, manifest.erasures)
        if manifest.epoch != epoch:
            manifest = msgspec.structs.replace(manifest, epoch=epoch)
            save_manifest(disk, folder, manifest)
    check_segments(folder, manifest, segment_files(disk, folder))
    return manifest


def go_to_end(
    disk: Disk,
    folder: Path,
    manifest: Manifest,
    *,
    since: Checkpoint | None,
    quarantine: Path,
    found: Callable[[list[RecoveredLine]], None],
) -> Recovered:
    """Recover the end of the log, and report if something was cut off."""
    if rest := copy_durable_part(disk, folder, quarantine):
        logger.warning(
            "%s/: the disk had failed; what is not known to be durable is in %s", folder.name, rest
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
        watch=Watch(disk, folder, lambda: sealing.manifest),
        segment_bytes=segment_bytes,
    )


class Sealing:
    """Adds finished segments to the manifest. For one thread at a time, the writer's."""

    def __init__(self, disk: Disk, folder: Path, manifest: Manifest) -> None:
        self._disk = disk
        self._folder = folder
        self.manifest = manifest

    def seal_before(self, active: int) -> None:
        """Seal all finished segments before the active one.

        On a full or failing disk, this is postponed: a segment outside the manifest is as durable,
        and its chain protects it as well.
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


def mark_holds(disk: Disk, folder: Path, manifest: Manifest, mark: Checkpoint) -> bool:
    """Whether the log has everything that an index claims to have read: its last line, and every
    sealed segment with its size. Starting with a trusted index reads none of these."""
    holds = _has_line(disk, folder, mark) and all(
        size_of(disk, folder / sealed.file) == sealed.bytes for sealed in manifest.segments
    )
    if not holds:
        logger.warning(
            "%s/: the index knows the log up to record %d, and something of that is missing; all "
            "is read anew",
            folder.name,
            mark.tip.n,
        )
    return holds


def _has_line(disk: Disk, folder: Path, mark: Checkpoint) -> bool:
    path = segment_path(folder, mark.first)
    if not disk.exists(path):
        return False
    with opened(disk, path) as fd:
        line = disk.read(fd, mark.end - mark.start, mark.start)
    try:
        format.check_crc(line)
        tip = format.head_at(line)
    except format.Damage:
        return False
    return (tip.n, tip.hash) == (mark.tip.n, mark.tip.hash)


def _make_segment(disk: Disk, folder: Path, first: int) -> None:
    disk.close(disk.open(segment_path(folder, first), os.O_WRONLY | os.O_CREAT))
    sync_folder(disk, folder)
