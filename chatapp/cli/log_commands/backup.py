"""`chatapp backup` and `chatapp restore`."""

from pathlib import Path

import click
import msgspec

from chatapp.cli.log_commands.command import (
    backup_path,
    journals_in,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.domain.clock import now, timestamp
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.store.data_folder import journals_of
from chatapp.upkeep.backup import backup as copy_out
from chatapp.upkeep.backup import restore as copy_back
from chatapp.upkeep.backup import restored_texts
from chatapp.upkeep.last_backup import LastBackup, note_backup


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@log_command
def backup(destination: Path, data: Path, as_json: bool) -> None:
    """Copy the data to a new folder, and check it, while the server runs."""
    with showing_progress("Copying", *journals_in(data)) as progress:
        began = timestamp(now())
        result = copy_out(Disk(), data, destination, progress)
        note_backup(Disk(), data, LastBackup(at=began, place=str(destination.absolute())))
    tell(as_json, result, f"{destination} has {result.messages:,} records, all of them checked.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@log_command
def restore(source: Path, data: Path, as_json: bool) -> None:
    """Replace the data with a backup; the old data is kept in backups/."""
    journals_of(Disk(), source)
    with (
        opened(data, make=True) as folder,
        showing_progress("Copying", *journals_in(source)) as progress,
    ):
        kept = backup_path(folder, "before-restore")
        result = copy_back(Disk(), source, folder.path, kept, progress)
        remove_index(folder.index)
        erased = restored_texts(Disk(), kept / "messages", folder.messages)
    tell(
        as_json,
        {**msgspec.to_builtins(result), "kept": str(kept), "erased_before": erased},
        f"{data} has {result.messages:,} records now. What was there is in {kept}.",
    )
    for sender, texts in erased.items():
        click.echo(
            f"{texts:,} texts of {sender} are back that had been erased; "
            "`chatapp log erase` takes them out again.",
            err=True,
        )
