"""`chatapp emoji …`: the chat's own emoji."""

import base64
from pathlib import Path

import click

from chatapp.cli.remote import ask, data_option, fail, lines_option, show
from chatapp.domain.limits import MAX_EMOJI_BYTES
from chatapp.exit_codes import OTHER


@click.group("emoji")
def emoji() -> None:
    """List, add and remove the chat's own emoji."""


@emoji.command("list")
@lines_option
@data_option
def list_emoji(as_json: bool, data: str | None) -> None:
    """List all emoji of the chat's own."""
    columns = {
        "Name": lambda one: f":{one['name']}:",
        "Other names": lambda one: " ".join(f":{each}:" for each in one.get("aliases", [])) or "-",
        "Animated": lambda one: "yes" if one.get("animated") else "-",
        "Bytes": lambda one: f"{one['bytes']:,}",
        "Added by": lambda one: one.get("by") or "-",
        "At": lambda one: one["at"][:10],
    }
    show(ask(data, "emoji.list"), as_json, columns)


@emoji.command("add")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--alias", "aliases", multiple=True, help="Another name. Can be given several times.")
@data_option
def add(name: str, file: Path, aliases: tuple[str, ...], data: str | None) -> None:
    """Add an emoji: a PNG, JPEG, GIF or WebP of at most 256 KB. It is made smaller."""
    try:
        with file.open("rb") as source:
            picture = source.read(MAX_EMOJI_BYTES + 1)
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", OTHER)
    encoded = base64.b64encode(picture).decode()
    ask(data, "emoji.add", name=name, picture=encoded, aliases=list(aliases))


@emoji.command("remove")
@click.argument("name")
@data_option
def remove(name: str, data: str | None) -> None:
    """Remove an emoji. Messages keep its name as text, and reactions keep theirs."""
    ask(data, "emoji.remove", name=name)
