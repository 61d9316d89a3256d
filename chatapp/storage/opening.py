"""What opening a log brings to light: its manifest, where it ends, and an index that fits."""

from pathlib import Path

import msgspec

from chatapp.storage.begin import begin, go_to_end, mark_holds
from chatapp.storage.catching_up import CatchingUp
from chatapp.storage.disk import Disk
from chatapp.storage.files import Files
from chatapp.storage.index import Index
from chatapp.storage.indexing import Chunk, Indexing
from chatapp.storage.manifest import Manifest
from chatapp.storage.plain import one_line_for
from chatapp.storage.rebuild import rebuild
from chatapp.storage.recovery import Recovered


class Opened(msgspec.Struct, frozen=True):
    """`rest` is what the index has not taken in, and `heads` the last seq of each room."""

    manifest: Manifest
    recovered: Recovered
    indexing: Indexing
    rest: Chunk | None
    heads: dict[str, int]


def open_up(disk: Disk, folder: Path, index: Path, quarantine: Path) -> Opened:
    """Recovers a log, which is made where there is none, and reads its index or makes it anew.

    Raises StorageError.
    """
    with one_line_for(folder):
        manifest = begin(disk, folder)
        made = Index.open(index, manifest.index_key)
        since = made.mark()
        if since and not mark_holds(disk, folder, manifest, since):
            made, since = made.cleared(), None
        if since is None:
            rebuild(made, folder, manifest)
            since = made.mark()
        indexing = Indexing(made, Files(disk, folder))
        try:
            catching_up = CatchingUp(indexing)
            recovered = go_to_end(
                disk,
                folder,
                manifest,
                since=since,
                quarantine=quarantine,
                found=catching_up.found,
            )
            indexing.finish()
        except BaseException:
            indexing.close()
            raise
        heads = manifest.heads | made.heads() | catching_up.heads
        return Opened(manifest, recovered, indexing, catching_up.rest(), heads)
