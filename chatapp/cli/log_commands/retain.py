"""`chatapp log retain`: drops the oldest days of the log."""

import sys
from datetime import timedelta
from pathlib import Path

import click
import msgspec

from chatapp.cli.log_commands.command import (
    GIVE_POSTGRES,
    backup_path,
    dry,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.cli.log_commands.shared_chat import SharedChat, opened_with_others, with_postgres
from chatapp.domain.clock import now
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.upkeep.retain import Retained, find_cut
from chatapp.upkeep.retain import retain as retain_days


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
@with_postgres
@log_command
def retain(  # noqa: PLR0917 - click passes them by name
    days: int,
    dry_run: bool,
    yes: bool,
    keep_old: bool,
    postgres: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Drop whole old days from the beginning of the log. Counts first, then asks.

    Without a terminal to ask on, it only counts unless --yes is given. Old records that were
    imported after newer ones are kept. With --postgres, servers may run: each drops its copy of
    these days when it starts next.
    """
    first_day = (now().date() - timedelta(days=days)).isoformat()
    if postgres:
        with opened_with_others(data, postgres) as chat:
            only_count, result = _retain_everywhere(chat, first_day, dry_run=dry_run, yes=yes)
        _tell(as_json, only_count, first_day, result)
        return
    with opened(data, only_reads=dry_run, on_copy=GIVE_POSTGRES) as folder:

        def run(dry_run: bool) -> Retained:
            with showing_progress("Reading", folder.messages) as progress:
                return retain_days(
                    Disk(),
                    folder.messages,
                    first_day=first_day,
                    backup=backup_path(folder, "messages-before-retain") if keep_old else None,
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
    _tell(as_json, only_count, first_day, result)


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
