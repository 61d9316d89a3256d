"""`chatapp log reindex`: the index, from the log."""

from pathlib import Path

import click

from chatapp.storage.commands.command import one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import opened, watched
from chatapp.storage.disk import Disk
from chatapp.storage.reindex import reindex as make_index


@click.command()
@with_data
@with_json
@one_clear_line
def reindex(data: Path, as_json: bool) -> None:
    """Make the index again, from the log."""
    with opened(data) as folder, watched("Indexing", folder.messages) as progress:
        records = make_index(Disk(), folder.messages, folder.index, folder.quarantine, progress)
    tell(as_json, {"records": records}, f"{records:,} records are in the index.")
