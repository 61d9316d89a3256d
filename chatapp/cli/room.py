"""`chatapp room …`: manages rooms, including private ones."""

from typing import Any

import click

from chatapp.cli.remote import ask, data_option, lines_option, require_terminal, show
from chatapp.domain.limits import MAX_RETENTION_DAYS, MAX_SLOW_SECONDS


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
@click.option(
    "--threads",
    type=click.Choice(["off", "free", "required"]),
    help="Whether it has threads; required: an answer to a message goes into a thread.",
)
@click.option(
    "--pinning",
    type=click.Choice(["everyone", "admins"]),
    help="Who pins messages: everyone with an account, or only the creator and admins.",
)
@click.option("--previews/--no-previews", default=None, help="Whether links get previews.")
@data_option
def change(name: str, data: str | None, **given: Any) -> None:
    """Change a room."""
    wanted = {setting: value for setting, value in given.items() if value is not None}
    if not wanted:
        raise click.UsageError("Give a change: --title, --topic, --archived, …")
    ask(data, "room.set", room=name, **wanted)


@room.command("keep")
@click.argument("name")
@click.option(
    "--days",
    type=click.IntRange(1, MAX_RETENTION_DAYS),
    help="Remove messages that are older than this many days.",
)
@click.option("--forever", is_flag=True, help="Keep all messages.")
@click.option("--default", "as_others", is_flag=True, help="Keep them as long as other rooms do.")
@click.option("--reason", required=True, help="For the audit log.")
@data_option
def keep(  # noqa: PLR0917 - click passes them by name
    name: str, days: int | None, forever: bool, as_others: bool, reason: str, data: str | None
) -> None:
    """Say how long a room keeps its messages.

    The server removes what is older each night, with its files. The console shows what would go.
    """
    if (days is not None) + forever + as_others != 1:
        raise click.UsageError("Give one of --days DAYS, --forever, --default.")
    ask(data, "room.keep", room=name, days=0 if forever else days, reason=reason)


@room.command("hold")
@click.argument("name")
@click.option("--end", is_flag=True, help="End the hold.")
@click.option("--reason", required=True, help="For the audit log.")
@data_option
def hold(name: str, end: bool, reason: str, data: str | None) -> None:
    """Put a room on legal hold: nothing in it can be erased until the hold ends."""
    ask(data, "room.hold", room=name, on=not end, reason=reason)


@room.command("publish")
@click.argument("name")
@click.option("--everything", is_flag=True, help="Also what was written before.")
@click.option("--reason", required=True, help="For the audit log.")
@data_option
def publish(name: str, everything: bool, reason: str, data: str | None) -> None:
    """Let the web read a public room, at /web/NAME/, from now on. The room is told.

    The settings of the chat must allow it. Needs a running server.
    """
    ask(data, "room.publish", room=name, everything=everything, reason=reason)


@room.command("withdraw")
@click.argument("name")
@click.option("--reason", required=True, help="For the audit log.")
@data_option
def withdraw(name: str, reason: str, data: str | None) -> None:
    """Let the web no longer read a room."""
    ask(data, "room.withdraw", room=name, reason=reason)
