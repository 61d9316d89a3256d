"""`chatapp backup` and `chatapp restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from chatapp.cli.log_commands.blob_store import ELSEWHERE, opened_blobs, with_bucket
from chatapp.cli.log_commands.command import (
    backup_path,
    complain,
    journals_in,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.cli.log_commands.shared_chat import with_postgres
from chatapp.domain.clock import now, timestamp
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.ports import Blobs
from chatapp.store.data_folder import FILES, database_of, journals_of
from chatapp.upkeep.backup import backup as copy_out
from chatapp.upkeep.backup import restore as copy_back
from chatapp.upkeep.backup import restored_texts
from chatapp.upkeep.files.copies import CopiedFiles
from chatapp.upkeep.files.references import references
from chatapp.upkeep.files.small_pictures import with_small_pictures
from chatapp.upkeep.last_backup import LastBackup, last_backup, note_backup


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@with_bucket
@with_postgres
@log_command
def backup(
    destination: Path, bucket: str | None, postgres: str | None, data: Path, as_json: bool
) -> None:
    """Copy the data to a new folder, and check it, while the server runs.

    Files that the last backup has, or the data folder, take no more room if they are on one disk.
    """
    with (
        showing_progress("Copying", *journals_in(data)) as progress,
        _blobs_to_copy(data, bucket, postgres) as blobs,
    ):
        began = timestamp(now())
        before = last_backup(Disk(), data)
        result = copy_out(
            Disk(),
            data,
            destination,
            progress,
            blobs=blobs,
            earlier=Path(before.place) / FILES if before else None,
        )
        note_backup(Disk(), data, LastBackup(at=began, place=str(destination.absolute())))
    tell(
        as_json,
        result,
        f"{destination} has {result.messages:,} records{_and_files(result.files)}, all of them "
        "checked.",
    )
    _complain(result.files)


@contextmanager
def _blobs_to_copy(data: Path, bucket: str | None, postgres: str | None) -> Iterator[Blobs | None]:
    """None if they are in a database that was not given, and there are some."""
    if bucket is None and postgres is None and database_of(data):
        if with_small_pictures(references(data / "messages"), data / "directory").kept:
            complain(f"{ELSEWHERE} Without it, they are not in this backup.")
        yield None
        return
    with opened_blobs(data, bucket, postgres) as blobs:
        yield blobs


def _and_files(files: CopiedFiles | None) -> str:
    return f" and {files.files:,} files of {files.bytes:,} bytes" if files and files.files else ""


def _complain(files: CopiedFiles | None) -> None:
    for what, digests in (("missing", files.missing), ("changed", files.wrong)) if files else ():
        if digests:
            complain(
                f"{len(digests):,} files are {what}, such as {digests[0]}; "
                "`chatapp log verify --files` lists them."
            )


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_bucket
@log_command
def restore(source: Path, bucket: str | None, data: Path, as_json: bool) -> None:
    """Replace the data with a backup; the old data is kept in backups/."""
    journals_of(Disk(), source)
    with (
        opened(data, make=True) as folder,
        showing_progress("Copying", *journals_in(source)) as progress,
        opened_blobs(data, bucket, None) as blobs,
    ):
        kept = backup_path(folder, "before-restore")
        result = copy_back(Disk(), source, folder.path, kept, progress, blobs=blobs)
        remove_index(folder.index)
        erased = restored_texts(Disk(), kept / "messages", folder.messages)
    tell(
        as_json,
        {**msgspec.to_builtins(result), "kept": str(kept), "erased_before": erased},
        f"{data} has {result.messages:,} records{_and_files(result.files)} now. What was there is "
        f"in {kept}.",
    )
    for sender, texts in erased.items():
        click.echo(
            f"{texts:,} texts of {sender} are back that had been erased; "
            "`chatapp log erase` takes them out again.",
            err=True,
        )
