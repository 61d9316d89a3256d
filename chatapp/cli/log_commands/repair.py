"""`chatapp log repair`: rewrites damaged journals from their intact records."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from chatapp.cli.log_commands.command import (
    backup_path,
    journals_in,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.log.errors import OtherVersion, StorageError
from chatapp.upkeep.repair import Repaired
from chatapp.upkeep.repair import repair as repair_log
from chatapp.upkeep.verify import verify as verify_log

COPY_AGAIN = "Delete it: the next start of its server copies everything from the database again."


@click.command()
@log_command
def repair(data: Path, as_json: bool) -> None:
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
    told = "\n".join(
        f"{name}/ has {result.records:,} records now. Lost: {_lost(result)}. "
        f"{_altered_records(result)}The old one is {result.kept_old}."
        for name, result in results.items()
    )
    tell(as_json, results, told or "Nothing is damaged, and nothing was changed.")


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
