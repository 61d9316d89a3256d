"""`chatapp log retain`: drops the oldest days of the log."""

import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click
import msgspec

from chatapp.cli.log_commands.blob_store import opened_blobs, with_bucket
from chatapp.cli.log_commands.command import (
    GIVE_POSTGRES,
    backup_path,
    complain,
    dry,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.cli.log_commands.file_rows import sweep
from chatapp.cli.log_commands.legal_hold import require_no_hold, require_no_hold_in
from chatapp.cli.log_commands.shared_chat import SharedChat, opened_with_others, with_postgres
from chatapp.domain.clock import now
from chatapp.domain.future import Future
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.store.data_folder import FILES, DataFolder
from chatapp.tables.directory import Directory
from chatapp.upkeep.backup import keep_files
from chatapp.upkeep.retain import Retained, find_cut
from chatapp.upkeep.retain import retain as retain_days

SERVERS_REMOVE_FILES = (
    "The files of these days go when a server has started anew, and has dropped its copy of them."
)


@click.command()
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(1, 100_000),
    required=True,
    metavar="DAYS",
    help="Drop whole days older than this many days.",
)
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--keep-old", is_flag=True, help="Keep the whole old log in backups/.")
@with_bucket
@with_postgres
@log_command
def retain(  # noqa: PLR0917 - click passes them by name
    days: int,
    dry_run: bool,
    yes: bool,
    keep_old: bool,
    bucket: str | None,
    postgres: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Drop whole old days from the beginning of the log. Counts first, then asks.

    The files of these messages go too, unless another message has the same bytes.

    Without a terminal to ask on, it only counts unless --yes is given. Old records that were
    imported after newer ones are kept. With --postgres, servers may run: each drops its copy of
    these days when it starts next.
    """
    first_day = (now().date() - timedelta(days=days)).isoformat()
    if postgres:
        with opened_with_others(data, postgres) as chat:
            if not dry_run:
                require_no_hold(chat.directory)
            only_count, result = _retain_everywhere(chat, first_day, dry_run=dry_run, yes=yes)
            if not only_count and result.dropped:
                complain(SERVERS_REMOVE_FILES)
        _tell(as_json, only_count, first_day, result)
        return
    with opened(data, only_reads=dry_run, on_copy=GIVE_POSTGRES) as folder:
        if not dry_run:
            require_no_hold_in(folder)
        old = backup_path(folder, "messages-before-retain") if keep_old else None

        def run(dry_run: bool) -> Retained:
            with showing_progress("Reading", folder.messages) as progress:
                return retain_days(
                    Disk(),
                    folder.messages,
                    first_day=first_day,
                    backup=old,
                    dry_run=dry_run,
                    progress=progress,
                )

        only_count = dry_run or not yes
        result = run(only_count)
        if not dry_run and not yes and _confirmed(result, first_day):
            only_count = False
            result = run(only_count)
        if not only_count and result.dropped:
            remove_index(folder.index)
            _remove_files(folder, bucket, old)
    _tell(as_json, only_count, first_day, result)


def _remove_files(folder: DataFolder, bucket: str | None, old: Path | None) -> None:
    """The files of dropped messages. An old log that is kept keeps its own."""
    with (
        opened_blobs(folder.path, bucket, None) as blobs,
        closing(Directory.open(folder.directory)) as directory,
    ):
        if old is not None:
            keep_files(Disk(), old, old / FILES, blobs)
        sweep(directory, folder.messages, blobs, Future.result)


def _retain_everywhere(
    chat: SharedChat, first_day: str, *, dry_run: bool, yes: bool
) -> tuple[bool, Retained]:
    """In the database. Whether it was only counted, and what."""
    chat.log.flush()
    with showing_progress("Reading", chat.folder.messages) as progress:
        cut = find_cut(Disk(), chat.folder.messages, first_day, progress)
    only_count = dry_run or not (yes or _confirmed(cut.result, first_day))
    if not only_count and cut.has_dropped:
        chat.drop_before(cut.anchor, cut.heads)
    return only_count, cut.result


def _tell(as_json: bool, only_count: bool, first_day: str, result: Retained) -> None:
    tell(
        as_json,
        {"dry_run": only_count, "first_day": first_day, **msgspec.to_builtins(result)},
        _counts(result, first_day) + dry(only_count, "give --yes to do it"),
    )


def _confirmed(result: Retained, first_day: str) -> bool:
    """Ask, if there is something to drop and a terminal."""
    if not result.dropped or not _is_at_a_terminal():
        return False
    return click.confirm(f"{_counts(result, first_day)}. Drop them for good?", err=True)


def _counts(result: Retained, first_day: str) -> str:
    dropped = sum(result.dropped.values())
    return (
        f"{dropped:,} records of {len(result.dropped)} days before {first_day} are dropped, "
        f"{result.kept:,} are kept{_older(result)}"
    )


def _is_at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _older(result: Retained) -> str:
    if not result.older:
        return ""
    return f", {result.older:,} of them old records behind newer ones"
