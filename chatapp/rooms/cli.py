"""`chatapp room …`: rooms from the command line, private ones too."""

from typing import Any

import click

from chatapp.limits import MAX_SLOW_SECONDS
from chatapp.parts.command_line import ask, data_option, lines_option, show


@click.group("room")
def room() -> None:
    """Rooms: list and change them."""


@room.command("list")
@lines_option
@data_option
def list_rooms(as_json: bool, data: str | None) -> None:
    """All rooms, and who may see the private ones."""
    columns = {
        "Name": lambda room: room["name"],
        "Title": lambda room: room["title"],
        "Kind": lambda room: room["kind"],
        "Members": lambda room: ", ".join(room["members"].values()) or "-",
        "Topic": lambda room: room["topic"],
    }
    show(ask(data, "room.list"), as_json, columns)


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
    ask(data, "room.set", room=name, **wanted)
