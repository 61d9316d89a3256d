"""`chatapp log repair`: whole again, without what is lost."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from chatapp.storage.commands.command import one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import journals_in, kept_name, opened, watched
from chatapp.storage.disk import Disk
from chatapp.storage.errors import OtherVersion, StorageError
from chatapp.storage.repair import Repaired
from chatapp.storage.repair import repair as repair_log
from chatapp.storage.schema import remove_index
from chatapp.storage.verify import verify as verify_log


@click.command()
@with_data
@with_json
@one_clear_line
def repair(data: Path, as_json: bool) -> None:
    """Write what is damaged anew with every whole record of it, and keep the old.

    That is the messages, the directory of accounts and rooms, and the audit log: those of them
    that `chatapp log verify` complains about.
    """
    results = {}
    with opened(data) as folder:
        for journal in _damaged(journals_in(data)):
            with watched(f"Repairing {journal.name}", journal) as progress:
                kept = kept_name(folder, f"{journal.name}-before-repair")
                results[journal.name] = repair_log(Disk(), journal, kept, progress)
        if "messages" in results:
            remove_index(folder.index)
    told = "\n".join(
        f"{name}/ has {result.records:,} records now. Lost: {_ranges(result.lost)}. "
        f"{_altered(result)}The old one is {result.kept_old}."
        for name, result in results.items()
    )
    tell(as_json, results, told or "Nothing is damaged, and nothing was changed.")


def _damaged(journals: Iterable[Path]) -> Iterator[Path]:
    """Those that are not as they were written, up to their last whole batch."""
    for journal in filter(Path.exists, journals):
        with watched(f"Checking {journal.name}", journal) as progress:
            try:
                is_sound = not verify_log(journal, progress=progress).problems
            except OtherVersion:
                raise
            except StorageError:
                is_sound = False
        if not is_sound:
            yield journal


def _altered(result: Repaired) -> str:
    if not result.altered:
        return ""
    return f"Kept, but they do not follow from the record before: {_ranges(result.altered)}. "


def _ranges(numbers: list[tuple[int, int]]) -> str:
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in numbers) or "none"
