"""`chatapp log reindex`: the index, made again from the log."""

from pathlib import Path

from chatapp.storage.begin import begin, go_to_end
from chatapp.storage.catching_up import CatchingUp
from chatapp.storage.disk import Disk
from chatapp.storage.files import Files
from chatapp.storage.index import Index
from chatapp.storage.indexing import Indexing
from chatapp.storage.plain import one_line_for
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.rebuild import rebuild
from chatapp.storage.recovery import Line
from chatapp.storage.schema import remove_index
from chatapp.storage.soundness import note_checksum


def reindex(
    disk: Disk, folder: Path, index: Path, quarantine: Path, progress: Progress = unwatched
) -> int:
    """Throws the index away, reads the log into a new one, and says how many records it has."""
    with one_line_for(folder):
        manifest = begin(disk, folder)
        remove_index(index)
        made = Index.open(index, manifest.index_key)
        rebuild(made, folder, manifest, progress)
        indexing = Indexing(made, Files(disk, folder))
        try:
            catching_up = CatchingUp(indexing)

            def found(lines: list[Line]) -> None:
                catching_up.found(lines)
                progress(sum(len(line.bytes) for line in lines))

            recovered = go_to_end(
                disk, folder, manifest, since=made.mark(), quarantine=quarantine, found=found
            )
            if rest := catching_up.rest():
                indexing.take_in(rest)
            indexing.finish()
        finally:
            indexing.close()
        note_checksum(index)
    return recovered.tip.n - manifest.anchor.n
