"""`chatapp move`: from a data folder to PostgreSQL, or back."""

import importlib
from pathlib import Path
from typing import Any

import click

from chatapp.cli.log_commands.blob_store import with_bucket
from chatapp.cli.log_commands.command import (
    complain,
    journals_in,
    one_clear_line,
    opened,
    showing_progress,
    tell,
    with_data,
    with_json,
)
from chatapp.cli.progress_bar import progress_bar
from chatapp.cluster.errors import ClusterError
from chatapp.domain.visible import visible

SCHEMES = ("postgresql://", "postgres://")


@click.command()
@click.option(
    "--to", "target", required=True, metavar="URL|FOLDER", help="A PostgreSQL database or a folder."
)
@click.option(
    "--from",
    "source",
    envvar="CHATAPP_POSTGRES",
    metavar="URL",
    help="The database that a chat is moved from.  [CHATAPP_POSTGRES]",
)
@with_bucket
@with_data
@with_json
@one_clear_line
def move(target: str, source: str | None, bucket: str | None, data: Path, as_json: bool) -> None:
    """Move the chat from the data folder to PostgreSQL, or from there to a folder.

    The files of messages move too, unless they are in a bucket. Stop the servers first. The source
    is not changed. Interrupted moves can be run again.
    """
    try:
        if target.startswith(SCHEMES):
            moved = _move_in(data, target, has_bucket=bool(bucket))
        elif source:
            moved = _move_out(source, Path(target), has_bucket=bool(bucket))
        else:
            raise click.UsageError("--from (or CHATAPP_POSTGRES) must say where the chat is.")
    except ClusterError as error:
        raise click.ClickException(visible(str(error))) from None
    tell(
        as_json,
        moved,
        f"Moved {moved.messages:,} records of messages, {moved.directory:,} of settings and "
        f"accounts, {moved.audit:,} of the audit log{_and_files(moved.files)}. All of them were "
        "compared.",
    )
    if moved.files and (lacking := [*moved.files.missing, *moved.files.wrong]):
        complain(f"{len(lacking):,} files were missing or damaged before, such as {lacking[0]}.")


def _and_files(files: Any) -> str:
    return f", and {files.files:,} files of {files.bytes:,} bytes" if files else ""


def _move_in(data: Path, url: str, *, has_bucket: bool) -> Any:
    moving = _moving()
    journals = journals_in(data)
    with opened(data) as folder, showing_progress("Moving", *journals * 2) as progress:
        return moving.move_in(folder, url, progress, has_bucket=has_bucket)


def _move_out(url: str, folder: Path, *, has_bucket: bool) -> Any:
    moving = _moving()
    with progress_bar("Moving", 2 * moving.bytes_to_move(url)) as progress:
        return moving.move_out(url, folder, progress, has_bucket=has_bucket)


def _moving() -> Any:
    """chatapp/upkeep/move.py, which needs the driver of the database."""
    try:
        return importlib.import_module("chatapp.upkeep.move")
    except ImportError as error:
        raise ClusterError(
            "PostgreSQL needs the package psycopg: pip install 'chatapp[cluster]'"
        ) from error
