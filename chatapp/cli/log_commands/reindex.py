"""`chatapp log reindex`: rebuilds the index from the log."""

from pathlib import Path

import click

from chatapp.cli.log_commands.command import log_command, opened, showing_progress, tell
from chatapp.log.disk import Disk
from chatapp.store.opening import reindex as make_index


@click.command()
@log_command
def reindex(data: Path, as_json: bool) -> None:
    """Rebuild the index from the log."""
    with (
        opened(data, only_reads=True) as folder,
        showing_progress("Indexing", folder.messages) as progress,
    ):
        records = make_index(Disk(), folder.messages, folder.index, folder.quarantine, progress)
    tell(as_json, {"records": records}, f"{records:,} records are in the index.")
