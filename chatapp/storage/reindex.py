"""`chatapp log reindex`: the index, made again from the log."""

from pathlib import Path

from chatapp.storage.begin import begin, go_to_end
from chatapp.storage.catching_up import CatchingUp
from chatapp.storage.disk import Disk
from chatapp.storage.files import Files
from chatapp.storage.index import Index, remove_index
from chatapp.storage.indexing import Indexing
from chatapp.storage.plain import one_line_for
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import Line
from chatapp.storage.soundness import note_checksum


def reindex(
    disk: Disk, folder: Path, index: Path, quarantine: Path, progress: Progress = unwatched
) -> int:
    """Throws the index away, reads the log into a new one, and says how many records it has."""
    records = 0
    with one_line_for(folder):
        manifest = begin(disk, folder)
        remove_index(index)
        indexing = Indexing(Index.open(index, manifest.index_key), Files(disk, folder))
        try:
            catching_up = CatchingUp(indexing)

            def found(lines: list[Line]) -> None:
                nonlocal records
                records += len(lines)
                catching_up.found(lines)
                progress(sum(len(line.bytes) for line in lines))

            go_to_end(disk, folder, manifest, since=None, quarantine=quarantine, found=found)
            if newest := catching_up.end():
                indexing.take_in(newest)
        finally:
            indexing.close()
        note_checksum(index)
    return records
