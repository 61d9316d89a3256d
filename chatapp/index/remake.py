"""`python -m chatapp.index.remake FOLDER INDEX`: another index for a log that a server writes to.

It contains the records up to the requested mark, and is closed, so that it is a single file that
can replace a damaged one (index_repair.py). Later records are not read, because they may not be
durable yet.
"""

import sys
from pathlib import Path

from chatapp.index.index import Index
from chatapp.index.indexing import Indexing
from chatapp.index.rebuild import rebuild
from chatapp.index.record_files import Files
from chatapp.index.workers.worker_main import Tell, child
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError, one_line_for
from chatapp.log.manifest import load_manifest
from chatapp.log.recovery import Checkpoint, batches_until


def remake(disk: Disk, folder: Path, index: Path, until: Checkpoint) -> None:
    """Raises StorageError if the log is damaged, or the index cannot be written."""
    with one_line_for(index):
        manifest = load_manifest(disk, folder)
        if manifest is None:
            raise StorageError(f"{folder.name}/ has no manifest.")
        made = Index.make(index, manifest.index_key)
        rebuild(made, folder, manifest, firsts=[sealed.first for sealed in manifest.segments])
        indexing = Indexing(made, Files(disk, folder))
        try:
            anchor = manifest.anchor
            begin = Checkpoint(tip=anchor, first=anchor.n + 1, start=0, end=0)
            for batch in batches_until(disk, folder, made.mark() or begin, until):
                indexing.follow(batch)
            if rest := indexing.gathered():
                indexing.take_in(rest)
            indexing.finish()
        finally:
            indexing.close()


def _work(until: Checkpoint, _tell: Tell) -> None:
    remake(Disk(), Path(sys.argv[1]), Path(sys.argv[2]), until)


if __name__ == "__main__":
    child(Checkpoint, _work)
