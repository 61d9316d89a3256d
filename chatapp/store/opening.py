"""Opens a log: reads its manifest, recovers its end, and brings its index up to date."""

from contextlib import closing
from pathlib import Path

import msgspec

from chatapp.index.index import Index
from chatapp.index.indexing import Chunk, Indexing
from chatapp.index.rebuild import rebuild
from chatapp.index.record_files import Files
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.log.errors import one_line_for
from chatapp.log.manifest import Beginning, Manifest
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import Recovered, RecoveredLine
from chatapp.store.opening_folder import begin, go_to_end, mark_holds


class Opened(msgspec.Struct, frozen=True):
    """`rest` is what the index does not have yet. `heads` are the last seq of each room, and
    `last_times` when that was."""

    manifest: Manifest
    recovered: Recovered
    indexing: Indexing
    rest: Chunk | None
    heads: dict[str, int]
    last_times: dict[str, str]


def open_up(
    disk: Disk,
    folder: Path,
    index: Path,
    quarantine: Path,
    progress: Progress = unwatched,
    *,
    beginning: Beginning | None = None,
) -> Opened:
    """Recovers a log, or creates it, and opens its index or rebuilds it. Raises StorageError."""
    with one_line_for(folder):
        manifest = begin(disk, folder, beginning)
        made = Index.open(index, manifest.index_key)
        since = made.mark()
        if since and not mark_holds(disk, folder, manifest, since):
            made, since = made.cleared(), None
        if since is None:
            rebuild(made, folder, manifest, progress)
            since = made.mark()
        indexing = Indexing(made, Files(disk, folder))
        try:

            def found(batch: list[RecoveredLine]) -> None:
                indexing.follow(batch)
                progress(sum(len(line.bytes) for line in batch))

            recovered = go_to_end(
                disk, folder, manifest, since=since, quarantine=quarantine, found=found
            )
            indexing.finish()
        except BaseException:
            indexing.close()
            raise
        heads, last_times = manifest.heads | indexing.heads(), indexing.last_times()
        return Opened(manifest, recovered, indexing, indexing.gathered(), heads, last_times)


def reindex(
    disk: Disk, folder: Path, index: Path, quarantine: Path, progress: Progress = unwatched
) -> int:
    """Replaces the index by a new one built from the log; returns its number of records."""
    with one_line_for(folder):
        remove_index(index)
        opened = open_up(disk, folder, index, quarantine, progress)
        with closing(opened.indexing):
            if opened.rest:
                opened.indexing.take_in(opened.rest)
    return opened.recovered.tip.n - opened.manifest.anchor.n
