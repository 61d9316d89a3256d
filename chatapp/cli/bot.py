"""`chatapp bot …`: manages bots, the accounts of programs.

With or without a running server, as `chatapp user`. Tokens are printed to standard output, alone on
a line.
"""

from typing import Any

import click
from click.core import ParameterSource

from chatapp.cli.remote import ask, data_option, fail, lines_option, require_terminal, show
from chatapp.domain.bots import MAX_BOT_MESSAGES_A_MINUTE
from chatapp.domain.scopes import SCOPES
from chatapp.exit_codes import USAGE
from chatapp.features.agents.setting_up import agent_configuration


class WordsOfList(click.ParamType[list[str]]):
    """Words with commas between them: `ci,releases`."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[str]:
        if isinstance(value, list):
            return value
        words = [word.strip() for word in value.split(",")]
        if not all(words):
            self.fail(f"{value!r} is not a list such as ci,releases.", param, ctx)
        return words


class ScopesOfList(WordsOfList):
    def convert(self, value: Any, param: Any, ctx: Any) -> list[str]:
        scopes = super().convert(value, param, ctx)
        for scope in scopes:
            if scope not in SCOPES:
                self.fail(f"{scope!r} is not a scope; they are {', '.join(SCOPES)}.", param, ctx)
        return scopes


rooms_option = click.option(
    "--rooms", type=WordsOfList(), metavar="ROOM,…", help="The only rooms in which it may be."
)
per_minute_option = click.option(
    "--per-minute",
    type=click.IntRange(0, MAX_BOT_MESSAGES_A_MINUTE),
    help="Most messages in a minute; 0: as many as a person.",
)


@click.group("bot")
def bot() -> None:
    """Add, limit and remove bots, the accounts of programs.

    A bot may never do more than its owner may.
    """


@bot.command("add")
@click.argument("name")
@click.option("--owner", required=True, metavar="NAME", help="Whose bot it is.")
@rooms_option
@click.option(
    "--scope",
    "scopes",
    type=ScopesOfList(),
    default="write",
    show_default=True,
    metavar="SCOPE,…",
    help=f"What its token allows besides reading: {', '.join(SCOPES)}.",
)
@per_minute_option
@click.option("--agent", is_flag=True, help="An agent for `chatapp mcp`, which only reads.")
@click.option("--drafts", is_flag=True, help="With --agent: it writes drafts for its owner.")
@click.option("--title", default="", help="What the token is for.  [the bot's name]")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="Days until the token expires; never without it."
)
@data_option
def add(
    name: str,
    owner: str,
    rooms: list[str] | None,
    per_minute: int | None,
    data: str | None,
    *,
    agent: bool,
    drafts: bool,
    **token: Any,
) -> None:
    """Create the bot NAME and print its token, which is shown only once.

    With --rooms, it is added to these rooms, and sees no other. `chatapp token create` makes more
    tokens. With --agent, what is printed is JSON for the configuration of a program that speaks
    the Model Context Protocol.
    """
    if drafts and not agent:
        fail("Only agents write drafts: give --agent too.", USAGE)
    if agent:
        if (
            click.get_current_context().get_parameter_source("scopes")
            is not ParameterSource.DEFAULT
        ):
            fail("An agent has no --scope: it reads, and with --drafts it writes drafts.", USAGE)
        token["scopes"] = ["agent", "draft"] if drafts else ["agent"]
    limits = {"rooms": rooms or [], "per_minute": per_minute or 0}
    made = ask(data, "bot.add", name=name, owner=owner, **limits, **token)
    click.echo(agent_configuration(name, **made) if agent else made["token"])


@bot.command("list")
@lines_option
@data_option
def list_bots(as_json: bool, data: str | None) -> None:
    """List all bots."""
    columns = {
        "Name": lambda one: one["name"],
        "Owner": lambda one: one["owner"] or "-",
        "Rooms": _rooms,
        "A minute": lambda one: str(one["per_minute"] or "-"),
        "Tokens": lambda one: str(len(one["tokens"])),
        "Used": lambda one: (one["used_at"] or "-")[:10],
    }
    show(ask(data, "bot.list"), as_json, columns)


@bot.command("show")
@click.argument("name")
@lines_option
@data_option
def show_bot(name: str, as_json: bool, data: str | None) -> None:
    """Show a bot's limits and its tokens, with their ids."""
    one = ask(data, "bot.show", name=name)
    if as_json:
        show([one], as_json, {})
        return
    click.echo(f"Owner     {one['owner'] or '-'}")
    click.echo(f"Rooms     {_rooms(one)}")
    click.echo(f"A minute  {one['per_minute'] or '-'}")
    columns = {
        "Token": lambda token: token["id"],
        "For": lambda token: token["title"],
        "May": lambda token: " ".join(token["scopes"]),
        "Since": lambda token: token["created_at"][:10],
        "Until": lambda token: (token["expires_at"] or "-")[:10],
        "Used": lambda token: (token["used_at"] or "-")[:10],
    }
    show(one["tokens"], as_json, columns)


@bot.command("set")
@click.argument("name")
@click.option("--owner", metavar="NAME", help="Whose bot it is.")
@rooms_option
@click.option("--all-rooms", is_flag=True, help="Let it be wherever its owner may be.")
@per_minute_option
@data_option
def change(
    name: str,
    owner: str | None,
    rooms: list[str] | None,
    data: str | None,
    *,
    all_rooms: bool,
    per_minute: int | None,
) -> None:
    """Change a bot's limits. What is not given stays."""
    if all_rooms and rooms:
        fail("Give --rooms or --all-rooms.", USAGE)
    wanted = [] if all_rooms else rooms
    if (owner, wanted, per_minute) == (None, None, None):
        fail("Give --owner, --rooms, --all-rooms or --per-minute.", USAGE)
    ask(data, "bot.set", name=name, owner=owner, rooms=wanted, per_minute=per_minute)


@bot.command("revoke")
@click.argument("name")
@click.argument("id", required=False)
@data_option
def revoke(name: str, id: str | None, data: str | None) -> None:
    """Revoke all tokens of a bot, or the one with this ID, and close its connections."""
    ask(data, "bot.revoke", name=name, id=id)


@bot.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(name: str, yes: bool, data: str | None) -> None:
    """Remove a bot and its tokens. Its name is never reused; its messages stay in the log."""
    if not yes:
        require_terminal("Give --yes to remove a bot without being asked.")
        click.confirm(f"Remove the bot {name}?", abort=True, err=True)
    ask(data, "bot.remove", name=name)


def _rooms(one: dict[str, Any]) -> str:
    return " ".join(one["rooms"]) if one["rooms"] else "all of its owner's" if one["owner"] else "-"
