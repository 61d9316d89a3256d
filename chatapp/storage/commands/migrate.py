"""`chatapp log migrate`: the data of an older version, for this one."""

from pathlib import Path

import click

from chatapp.files import MIGRATIONS
from chatapp.storage.commands.command import dry, one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import kept_name, opened, watched
from chatapp.storage.disk import Disk
from chatapp.storage.journals import journals_of
from chatapp.storage.migrate import migrate as migrate_journal
from chatapp.storage.migrate import migrations
from chatapp.storage.schema import remove_index


@click.command()
@click.option("--dry-run", is_flag=True, help="Convert and check, but write nothing.")
@with_data
@with_json
@one_clear_line
def migrate(dry_run: bool, data: Path, as_json: bool) -> None:
    """Bring the data of an older version to this one's; keep the old as a backup."""
    steps = migrations(MIGRATIONS)
    with opened(data) as folder:
        journals = [data / name for name in journals_of(Disk(), data)]
        with watched("Converting", *journals * (1 if dry_run else 2)) as progress:
            results = [
                migrate_journal(
                    Disk(),
                    journal,
                    steps,
                    backup=kept_name(folder, f"{journal.name}-before-migrate"),
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
