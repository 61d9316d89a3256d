"""Reading a whole journal from its beginning, beside whoever may be writing to it."""

from collections.abc import Iterator
from pathlib import Path

from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.manifest import (
    Manifest,
    check_segments,
    load_manifest,
    segment_files,
    segment_path,
)
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import BatchReader, Line, missing


def manifest_of(disk: Disk, folder: Path) -> Manifest:
    """The manifest of a journal that is there."""
    manifest = load_manifest(disk, folder) if disk.exists(folder) else None
    if manifest is None:
        raise StorageError(f"There is no log in {folder}.")
    return manifest


def whole_batches(
    disk: Disk, folder: Path, manifest: Manifest, progress: Progress = unwatched
) -> Iterator[list[Line]]:
    """The lines of every whole batch, checked. Raises StorageError at damage.

    What follows the last whole batch is left alone: a server may be writing it just now.
    """
    tip = manifest.anchor
    firsts = segment_files(disk, folder)
    check_segments(folder, manifest, firsts)
    for first in firsts:
        path = segment_path(folder, first)
        if first != tip.n + 1:
            raise StorageError(missing(folder, tip, first))
        reader = BatchReader(disk, path, first, tip)
        for batch in reader.beside_a_writer() if first == firsts[-1] else reader:
            yield batch
            progress(sum(len(line.bytes) for line in batch))
        tip = reader.tip
        if reader.problem:
            raise StorageError(
                f"{folder.name}/{path.name} line {reader.line_number} is damaged: "
                f"{reader.problem}. Run `chatapp log repair` first."
            )


def size_of(disk: Disk, folder: Path) -> int:
    """How many bytes a journal has; none where there is no journal."""
    if not folder.is_dir():
        return 0
    return sum(segment_path(folder, first).stat().st_size for first in segment_files(disk, folder))
