"""`chatapp log retain`: the log without its oldest days."""

from datetime import timedelta
from pathlib import Path

import click
import msgspec

from chatapp.storage.commands.command import dry, one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import kept_name, opened, watched
from chatapp.storage.disk import Disk
from chatapp.storage.moment import now
from chatapp.storage.retain import Retained
from chatapp.storage.retain import retain as retain_days
from chatapp.storage.schema import remove_index


@click.command()
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(1, 100_000),
    required=True,
    metavar="DAYS",
    help="In days.",
)
@click.option("--yes", is_flag=True, help="Drop them; without it, only counts.")
@click.option("--keep-old", is_flag=True, help="Keep the whole old log in backups/.")
@with_data
@with_json
@one_clear_line
def retain(days: int, yes: bool, keep_old: bool, data: Path, as_json: bool) -> None:
    """Drop whole old days from the beginning of the log. Counts first.

    What is as old but was imported later, and so stands behind newer records, is kept.
    """
    first_day = (now().date() - timedelta(days=days)).isoformat()
    with opened(data) as folder, watched("Reading", folder.messages) as progress:
        result = retain_days(
            Disk(),
            folder.messages,
            first_day=first_day,
            backup=kept_name(folder, "messages-before-retain") if keep_old else None,
            dry_run=not yes,
            progress=progress,
        )
        if yes and result.dropped:
            remove_index(folder.index)
    dropped = sum(result.dropped.values())
    tell(
        as_json,
        {"dry_run": not yes, "first_day": first_day, **msgspec.to_builtins(result)},
        f"{dropped:,} records of {len(result.dropped)} days before {first_day} are dropped, "
        f"{result.kept:,} are kept{_older(result)}{dry(not yes, 'give --yes to do it')}",
    )


def _older(result: Retained) -> str:
    if not result.older:
        return ""
    return f", {result.older:,} of them as old, but behind newer ones"
