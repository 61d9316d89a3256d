"""`chatapp log import`: messages from an export, or from another chat."""

from pathlib import Path
from typing import Any

import click
import msgspec

from chatapp.files import MIGRATIONS
from chatapp.storage.commands.command import one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import opened
from chatapp.storage.imported_rooms import make_rooms
from chatapp.storage.importing import import_events
from chatapp.storage.log import MessageLog
from chatapp.storage.migrate import migrations
from chatapp.storage.progress_bar import progress_bar


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--room", help="The room of rows that name none.  [default: general]")
@click.option("--public", is_flag=True, help="Everyone may enter the rooms that are made.")
@click.option("--client-key", default="client", show_default=True)
@click.option("--message-key", default="message", show_default=True)
@click.option("--timestamp-key", default="timestamp", show_default=True)
@with_data
@with_json
@one_clear_line
def import_(  # noqa: PLR0917 - click gives them by name
    file: Path,
    room: str | None,
    public: bool,
    client_key: str,
    message_key: str,
    timestamp_key: str,
    data: Path,
    as_json: bool,
) -> None:
    """Read our own export, or a JSON array of client, message and timestamp objects.

    What is in the log already is skipped; bad rows are reported and counted. Rooms that are not
    there are made: for those who wrote in them, or with --public for everyone. The server must
    be stopped.

    Times are ISO 8601, in UTC unless they say otherwise, or seconds or milliseconds since 1970.
    """
    first_format = migrations(MIGRATIONS)[1]

    def upgrade(row: dict[str, Any]) -> dict[str, Any]:
        plain = {
            "client": row[client_key],
            "message": row[message_key],
            "timestamp": row[timestamp_key],
        }
        if named := row.get("room", room):
            plain["room"] = named
        return dict(first_format.upgrade(plain))

    size = file.stat().st_size
    with opened(data, make=True) as folder, progress_bar("Importing", size) as progress:
        messages = MessageLog.open(folder.messages, durability="os")
        try:
            result = import_events(messages, file, upgrade, progress)
        finally:
            messages.close()
        made = make_rooms(folder.directory, result.writers, public=public)
    for problem in result.problems:
        click.echo(problem, err=True)
    told = {key: value for key, value in msgspec.to_builtins(result).items() if key != "writers"}
    rooms = f" Rooms made: {', '.join(made)}." if made else ""
    tell(
        as_json,
        told | {"rooms": made},
        f"{result.imported:,} imported, {result.duplicates:,} were there already, "
        f"{result.bad:,} bad rows.{rooms}",
    )
