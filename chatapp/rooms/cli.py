"""`chatapp room …`: rooms from the command line, private ones too."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chatapp.accounts.cli import data_option, plain
from chatapp.admin.offline import offline
from chatapp.control.run import run, settings
from chatapp.limits import MAX_SLOW_SECONDS


@click.group("room")
def room() -> None:
    """Rooms: list and change them."""


@room.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
def list_rooms(as_json: bool, data: str | None) -> None:
    """All rooms, and who may see the private ones."""
    rooms = _run(data, "room.list")
    if as_json:
        for known in rooms:
            click.echo(json.dumps(known, ensure_ascii=False))
        return
    table = Table("Name", "Title", "Kind", "Members", "Topic", box=None, pad_edge=False)
    for known in rooms:
        members = ", ".join(known["members"].values()) or "-"
        cells = (known["name"], known["title"], known["kind"], members, known["topic"])
        table.add_row(*map(plain, cells))
    Console().print(table)


@room.command("set")
@click.argument("name")
@click.option("--title", help="What people read.")
@click.option("--topic", help="What it is about; empty for none.")
@click.option("--archived/--open", default=None, help="Nobody writes there any more.")
@click.option("--read-only/--for-all", default=None, help="Only its maker and admins write.")
@click.option(
    "--slow",
    "slow_seconds",
    type=click.IntRange(0, MAX_SLOW_SECONDS),
    metavar="SECONDS",
    help="How long one waits between two messages; 0 for not at all.",
)
@data_option
def change(name: str, data: str | None, **given: Any) -> None:
    """Change a room."""
    wanted = {setting: value for setting, value in given.items() if value is not None}
    if not wanted:
        raise click.UsageError("Say what to change: --title, --topic, --archived, …")
    _run(data, "room.set", room=name, **wanted)


def _run(data: str | None, command: str, **arguments: Any) -> Any:
    return run(settings(data=data).data, offline, command, **arguments)
