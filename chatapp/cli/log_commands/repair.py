"""`chatapp log repair`: rewrites damaged journals from their intact records."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import click

from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import original_of
from chatapp.cli.log_commands.blob_store import opened_blobs, with_bucket
from chatapp.cli.log_commands.command import (
    backup_path,
    complain,
    journals_in,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.domain.clock import now
from chatapp.domain.transparency.checkpoints import SignedCheckpoint
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.log.errors import OtherVersion, StorageError
from chatapp.log.signed_checkpoint import (
    CHECKPOINT_TREES,
    CHECKPOINTS,
    CheckpointTree,
    checkpoint_key,
)
from chatapp.store.data_folder import FILES, DataFolder
from chatapp.tables.directory import Directory
from chatapp.upkeep.checkpoints import cut_off, stored_checkpoints
from chatapp.upkeep.files.copies import copy_files
from chatapp.upkeep.files.references import references
from chatapp.upkeep.files.small_pictures import with_small_pictures
from chatapp.upkeep.repair import Repaired
from chatapp.upkeep.repair import repair as repair_log
from chatapp.upkeep.verify import verify as verify_log

COPY_AGAIN = "Delete it: the next start of its server copies everything from the database again."


@click.command()
@with_bucket
@log_command
def repair(bucket: str | None, data: Path, as_json: bool) -> None:
    """Rewrite damaged journals from their intact records, and keep the old ones.

    These are the messages, the directory of accounts and rooms, and the audit log, if `chatapp log
    verify` finds a problem in them.
    """
    results = {}
    with opened(data, on_copy=COPY_AGAIN) as folder:
        for journal in _damaged(journals_in(data)):
            with showing_progress(f"Repairing {journal.name}", journal) as progress:
                kept = backup_path(folder, f"{journal.name}-before-repair")
                results[journal.name] = repair_log(Disk(), journal, kept, progress)
        if "messages" in results:
            remove_index(folder.index)
            if cut := _remove_checkpoints(folder):
                complain(
                    f"{cut:,} checkpoints are about the log as it was before, and were removed. "
                    "Proofs that were made with them can still be checked."
                )
            kept_files = _keep_files(folder, bucket, Path(results["messages"].kept_old))
            if kept_files:
                complain(
                    f"{kept_files:,} files belong to no message now. The next server removes them; "
                    f"those in the data folder are kept in {results['messages'].kept_old}/{FILES}."
                )
    told = "\n".join(
        f"{name}/ has {result.records:,} records now. Lost: {_lost(result)}. "
        f"{_altered_records(result)}The old one is {result.kept_old}."
        for name, result in results.items()
    )
    tell(as_json, results, told or "Nothing is damaged, and nothing was changed.")


def _remove_checkpoints(folder: DataFolder) -> int:
    """Remove those that the repaired log does not agree with. Returns their number."""
    cut = cut_off(folder.messages, stored_checkpoints(folder.directory))
    if cut:
        with closing(Directory.open(folder.directory, clock=now)) as directory:
            checkpoints = directory.table(CHECKPOINTS, SignedCheckpoint)
            trees = directory.table(CHECKPOINT_TREES, CheckpointTree)
            for key in map(checkpoint_key, cut):
                directory.write(checkpoints.change(key, None), trees.change(key, None))
    return len(cut)


def _keep_files(folder: DataFolder, bucket: str | None, kept: Path) -> int:
    """Keep the files of lost messages beside the old log, where that takes no more room. Returns
    their number."""
    known = with_small_pictures(references(folder.messages), folder.directory)
    with opened_blobs(folder.path, bucket, None) as blobs:
        lost = [each for each in blobs.names() if original_of(each[0]) not in known.kept]
        if lost and isinstance(blobs, FolderBlobs):
            copy_files(blobs, FolderBlobs(kept / FILES), lost, scratch=kept)
    return sum(name == original_of(name) for name, _ in lost)


def _damaged(journals: Iterable[Path]) -> Iterator[Path]:
    """Journals with damage before the end of their last complete batch."""
    for journal in filter(Path.exists, journals):
        with showing_progress(f"Checking {journal.name}", journal) as progress:
            try:
                is_sound = not verify_log(journal, progress=progress).problems
            except OtherVersion:
                raise
            except StorageError:
                is_sound = False
        if not is_sound:
            yield journal


def _lost(result: Repaired) -> str:
    """Describe the loss. A missing unfinished segment had an unknown number of records."""
    if not result.missing:
        return _ranges(result.lost)
    files = f"what was in {', '.join(result.missing)}, which is missing"
    return f"{_ranges(result.lost)}, and {files}" if result.lost else files


def _altered_records(result: Repaired) -> str:
    if not result.altered:
        return ""
    return f"Kept, but not chained to the record before: {_ranges(result.altered)}. "


def _ranges(numbers: list[tuple[int, int]]) -> str:
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in numbers) or "none"
