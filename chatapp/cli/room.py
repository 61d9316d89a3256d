"""`chatapp room …`: manages rooms, including private ones."""

from typing import Any

import click

from chatapp.cli.remote import ask, data_option, lines_option, show
from chatapp.domain.limits import MAX_SLOW_SECONDS


@click.group("room")
def room() -> None:
    """List and change rooms."""


@room.command("list")
@lines_option
@data_option
def list_rooms(as_json: bool, data: str | None) -> None:
    """List all rooms, and the people who can see private ones."""
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
@click.option("--title", help="The name that people see.")
@click.option("--topic", help="What it is about; empty for none.")
@click.option("--archived/--open", default=None, help="Archive it: nobody can post.")
@click.option("--read-only/--for-all", default=None, help="Only the creator and admins can post.")
@click.option(
    "--slow",
    "slow_seconds",
    type=click.IntRange(0, MAX_SLOW_SECONDS),
    metavar="SECONDS",
    help="Seconds between two messages of one person; 0 for none.",
)
@data_option
def change(name: str, data: str | None, **given: Any) -> None:
    """Change a room."""
    wanted = {setting: value for setting, value in given.items() if value is not None}
    if not wanted:
        raise click.UsageError("Give a change: --title, --topic, --archived, …")
    ask(data, "room.set", room=name, **wanted)
