"""`chatapp room …`: manages rooms, including private ones."""

from typing import Any

import click

from chatapp.cli.remote import ask, data_option, lines_option, require_terminal, show
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
        "Deleted": lambda room: (room["deleted_at"] or "-")[:10],
    }
    show(ask(data, "room.list"), as_json, columns)


@room.command("delete")
@click.argument("name")
@click.option("--reason", required=True, help="For the audit log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def delete(name: str, reason: str, yes: bool, data: str | None) -> None:
    """Delete a room, at once and for everyone. Its name is never reused.

    Its messages stay in the log; see `chatapp log erase`.
    """
    if not yes:
        require_terminal("Give --yes to delete a room without being asked.")
        click.confirm(f"Delete the room {name} for everyone?", abort=True, err=True)
    ask(data, "room.delete", room=name, reason=reason)


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
