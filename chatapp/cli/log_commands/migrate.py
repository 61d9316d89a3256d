"""`chatapp log migrate`: converts the data of an older version."""

from pathlib import Path

import click

from chatapp.cli.log_commands.command import (
    backup_path,
    dry,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.index.schema import remove_index
from chatapp.log.disk import Disk
from chatapp.resources import MIGRATIONS
from chatapp.store.data_folder import journals_of
from chatapp.upkeep.migrate import migrate as migrate_journal
from chatapp.upkeep.migrate import migrations


@click.command()
@click.option("--dry-run", is_flag=True, help="Convert and check, but write nothing.")
@log_command
def migrate(dry_run: bool, data: Path, as_json: bool) -> None:
    """Convert the data of an older version; the old data is kept as a backup."""
    steps = migrations(MIGRATIONS)
    with opened(data, only_reads=dry_run) as folder:
        journals = [data / name for name in journals_of(Disk(), data)]
        with showing_progress("Converting", *journals * (1 if dry_run else 2)) as progress:
            results = [
                migrate_journal(
                    Disk(),
                    journal,
                    steps,
                    backup=backup_path(folder, f"{journal.name}-before-migrate"),
                    dry_run=dry_run,
                    progress=progress,
                )
                for journal in journals
            ]
        if any(result.records for result in results) and not dry_run:
            remove_index(folder.index)
    told = "; ".join(
        f"{one.folder}/ has version {one.old} already"
        if one.old == one.new
        else f"{one.folder}/ version {one.old} to {one.new}, {one.records:,} records"
        for one in results
    )
    tell(as_json, {"dry_run": dry_run, "folders": results}, told + dry(dry_run))
