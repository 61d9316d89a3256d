"""`chatapp backup` and `chatapp restore`: there and back again."""

from pathlib import Path

import click
import msgspec

from chatapp.storage.backup import backup as copy_out
from chatapp.storage.backup import restore as copy_back
from chatapp.storage.brought_back import brought_back
from chatapp.storage.commands.command import one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import journals_in, kept_name, opened, watched
from chatapp.storage.disk import Disk
from chatapp.storage.journals import journals_of
from chatapp.storage.schema import remove_index


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@with_data
@with_json
@one_clear_line
def backup(destination: Path, data: Path, as_json: bool) -> None:
    """Copy the data to a new folder, checked, while the server runs."""
    with watched("Copying", *journals_in(data)) as progress:
        result = copy_out(Disk(), data, destination, progress)
    tell(as_json, result, f"{destination} has {result.messages:,} records, all of them checked.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_data
@with_json
@one_clear_line
def restore(source: Path, data: Path, as_json: bool) -> None:
    """Put a backup in the place of the data; what was there is kept in backups/."""
    journals_of(Disk(), source)
    with opened(data, make=True) as folder, watched("Copying", *journals_in(source)) as progress:
        kept = kept_name(folder, "before-restore")
        result = copy_back(Disk(), source, folder.path, kept, progress)
        remove_index(folder.index)
        erased = brought_back(Disk(), kept / "messages", folder.messages)
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
