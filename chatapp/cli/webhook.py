"""`chatapp webhook …`: outgoing webhooks, which send what happens to other programs."""

import click

from chatapp.cli.remote import ask, data_option, lines_option, show
from chatapp.features.outgoing_webhooks.payloads import EVENT_NAMES


@click.group("webhook")
def webhook() -> None:
    """Send what happens in rooms to other programs (outgoing webhooks)."""


@webhook.command("add")
@click.argument("title")
@click.argument("url")
@click.option(
    "--room", "rooms", multiple=True, help="A room to send; several times. Else all public ones."
)
@click.option(
    "--event",
    "events",
    type=click.Choice(EVENT_NAMES),
    multiple=True,
    help="What to send; several times. Else message.posted, or with a command, nothing.",
)
@click.option("--bots", "from_bots", is_flag=True, help="Also what bots do.")
@click.option("--reply-as", "replies_as", metavar="BOT", help="Post answers as this bot.")
@click.option("--mention-all", is_flag=True, help="Answers may mention everybody in the room.")
@click.option("--command", metavar="NAME", help="A slash command that calls URL; needs --reply-as.")
@click.option("--hint", default="", help="What follows the command, such as 'ENV [--now]'.")
@click.option("--description", default="", help="What the command does.")
@click.option("--signed-json", is_flag=True, help="Call URL with JSON instead of Slack's form.")
@click.option("--address", default="", help="The chat's address, where URL sends later answers.")
@data_option
def add(
    *,
    title: str,
    url: str,
    rooms: tuple[str, ...],
    events: tuple[str, ...],
    from_bots: bool,
    replies_as: str | None,
    mention_all: bool,
    command: str | None,
    hint: str,
    description: str,
    signed_json: bool,
    address: str,
    data: str | None,
) -> None:
    """Send events to URL. Prints the secret that signs them. It is shown only once."""
    made = ask(
        data,
        "webhook.add",
        title=title,
        url=url,
        rooms=list(rooms) or None,
        events=list(events or (() if command else ("message.posted",))),
        from_bots=from_bots,
        replies_as=replies_as,
        calls_all=mention_all,
        slash_command=command
        and {
            "name": command,
            "hint": hint,
            "description": description,
            "signed": signed_json,
            "address": address,
        },
    )
    click.echo(made["secret"])


@webhook.command("list")
@lines_option
@data_option
def list_webhooks(as_json: bool, data: str | None) -> None:
    """List all outgoing webhooks, with their ids."""
    columns = {
        "Id": lambda one: one["id"],
        "Name": lambda one: one["title"],
        "URL": lambda one: one["url"],
        "Rooms": lambda one: ", ".join(one["rooms"] or ["all public"]),
        "Events": lambda one: " ".join(one["events"]),
        "State": lambda one: one["state"],
        "Problem": lambda one: one["problem"] or "-",
    }
    show(ask(data, "webhook.list"), as_json, columns)


@webhook.command("pause")
@click.argument("id")
@data_option
def pause(id: str, data: str | None) -> None:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    ask(data, "webhook.pause", id=id)


@webhook.command("resume")
@click.argument("id")
@click.option("--skip", is_flag=True, help="Leave out what waits, and send what comes from now on.")
@data_option
def resume(id: str, skip: bool, data: str | None) -> None:
    """Send again, also after it was switched off."""
    ask(data, "webhook.resume", id=id, skip=skip)


@webhook.command("rotate")
@click.argument("id")
@data_option
def rotate(id: str, data: str | None) -> None:
    """Print a new secret. The old one signs, too, for 24 hours."""
    click.echo(ask(data, "webhook.rotate", id=id))


@webhook.command("remove")
@click.argument("id")
@data_option
def remove(id: str, data: str | None) -> None:
    """Send nothing more, and forget what waits."""
    ask(data, "webhook.remove", id=id)
