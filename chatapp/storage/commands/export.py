"""`chatapp log export`: messages, for people and for other programs."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from chatapp.storage.commands.command import one_clear_line, with_data
from chatapp.storage.commands.data_folder import watched
from chatapp.storage.export import FORMATS, TWICE_READ
from chatapp.storage.extract import Extract
from chatapp.storage.output import written

a_day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="jsonl")
@click.option("--room", help="Only this room.")
@click.option("--sender", help="Only what this person wrote.")
@click.option("--since", type=a_day, help="From this day on (UTC).")
@click.option("--until", type=a_day, help="Before this day (UTC).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="A file; it appears when all is in it.  [default: -, standard output]",
)
@with_data
@one_clear_line
def export(  # noqa: PLR0917 - click gives them by name
    kind: str,
    room: str | None,
    sender: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    data: Path,
) -> None:
    """Write messages as JSON Lines, CSV, Markdown or one HTML page. A server may be running.

    JSON Lines has every event as it happened, for `chatapp log import`; of one sender, also that
    somebody else has deleted what they wrote. The others have the messages room by room as they
    read now, and a message is in the days given or it is not, whenever it was edited.
    """
    extract = Extract(room=room, sender=sender, since=_utc(since), until=_utc(until))
    if output == Path("-"):
        output = None
    folder = data / "messages"
    times = 2 if kind in TWICE_READ else 1
    journals = [] if output is None and sys.stdout.isatty() else [folder] * times
    with written(output) as file, watched("Exporting", *journals) as progress:
        for piece in FORMATS[kind](folder, extract, progress):
            file.write(piece)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
