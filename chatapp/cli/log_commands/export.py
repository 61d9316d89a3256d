"""`chatapp log export`: exports messages for people and other programs."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from chatapp.cli.log_commands.command import one_clear_line, showing_progress, with_data
from chatapp.domain.limits import checked_room_name
from chatapp.domain.visible import harmless_json
from chatapp.transfer.export import FORMATS, TWO_PASS_FORMATS
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.output import harmless_lines, written

a_day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="jsonl")
@click.option("--room", help="Only this room.")
@click.option("--sender", help="Only messages of this person.")
@click.option("--since", type=a_day, help="From this day on (UTC).")
@click.option("--until", type=a_day, help="Before this day (UTC).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write; it appears once it is complete.  [default: -, standard output]",
)
@with_data
@one_clear_line
def export(  # noqa: PLR0917 - click passes them by name
    kind: str,
    room: str | None,
    sender: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    data: Path,
) -> None:
    """Write messages as JSON Lines, CSV, Markdown or one HTML page. A server may be running.

    JSON Lines contains every event as it happened, for `chatapp log import`; for one sender, also
    deletions of their messages by others. The other formats contain the messages by room in their
    current form. Days refer to the time of a message, not of its edits.
    """
    room = room and checked_room_name(room)
    extract = ExportFilter(room=room, sender=sender, since=_utc(since), until=_utc(until))
    if output == Path("-"):
        output = None
    folder = data / "messages"
    harmless = harmless_json if kind == "jsonl" else harmless_lines
    times = 2 if kind in TWO_PASS_FORMATS else 1
    journals = [] if output is None and sys.stdout.isatty() else [folder] * times
    with written(output, harmless) as file, showing_progress("Exporting", *journals) as progress:
        for piece in FORMATS[kind](folder, extract, progress):
            file.write(piece)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
