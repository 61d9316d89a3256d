"""`chatapp hook …`: manages incoming webhooks, by which other programs post to a room."""

import click

from chatapp.cli.remote import ask, data_option, lines_option, show
from chatapp.features.incoming_webhooks.model import SOURCES


@click.group("hook")
def hook() -> None:
    """Manage incoming webhooks, by which other programs post to a room."""


@hook.command("add")
@click.argument("name")
@click.argument("room")
@click.option("--owner", metavar="NAME", help="Whose the bot is. Needed if it is new.")
@click.option(
    "--source",
    type=click.Choice(SOURCES),
    default="auto",
    show_default=True,
    help="What is sent; auto recognizes it.",
)
@click.option("--mention-all", is_flag=True, help="Its messages may mention everybody in the room.")
@click.option("--signed", is_flag=True, help="Take only deliveries with a signature or a token.")
@data_option
def add(
    *,
    name: str,
    room: str,
    owner: str | None,
    source: str,
    mention_all: bool,
    signed: bool,
    data: str | None,
) -> None:
    """Print the address of a new webhook, which posts to ROOM as the bot NAME. It is shown only
    once. With --signed, the next line is the secret for signatures. A new bot can be in this room
    only, and never does more than its owner may."""
    made = ask(
        data,
        "hook.add",
        name=name,
        room=room,
        owner=owner,
        source=source,
        mention_all=mention_all,
        signed=signed,
    )
    click.echo(made["url"])
    if made["signing_secret"]:
        click.echo(made["signing_secret"])


@hook.command("list")
@lines_option
@data_option
def list_hooks(as_json: bool, data: str | None) -> None:
    """List all incoming webhooks, with their ids for revoking them."""
    columns = {
        "Id": lambda one: one["id"],
        "Name": lambda one: one["name"],
        "Room": lambda one: one["room"],
        "Source": lambda one: one.get("source", "auto"),
        "Since": lambda one: one["created_at"][:10],
        "Used": lambda one: (one.get("used_at") or "-")[:10],
        "Latest problem": lambda one: one.get("problem") or "-",
    }
    show(ask(data, "hook.list"), as_json, columns)


@hook.command("revoke")
@click.argument("id")
@data_option
def revoke(id: str, data: str | None) -> None:
    """Revoke a webhook: its address works no more."""
    ask(data, "hook.revoke", id=id)
