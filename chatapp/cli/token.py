"""`chatapp token …`: manages tokens, which scripts use instead of passwords."""

import click

from chatapp.cli.remote import ask, data_option, lines_option, show
from chatapp.domain.scopes import SCOPES

SCOPE = click.Choice(SCOPES)


@click.group("token")
def token() -> None:
    """Manage tokens, which scripts use instead of a password."""


@token.command("create")
@click.argument("name")
@click.argument("title")
@click.option(
    "--scope",
    "scopes",
    type=SCOPE,
    multiple=True,
    default=("read", "write"),
    show_default=True,
    help="What it may do; can be given several times.",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), help="Days until it expires; without it, never."
)
@data_option
def create(
    name: str, title: str, scopes: tuple[str, ...], days: int | None, data: str | None
) -> None:
    """Print a new token of the account NAME. TITLE says what it is for. It is shown only once."""
    click.echo(ask(data, "token.create", name=name, title=title, scopes=list(scopes), days=days))


@token.command("list")
@lines_option
@data_option
def list_tokens(as_json: bool, data: str | None) -> None:
    """List all tokens, with their ids for revoking them."""
    columns = {
        "Id": lambda token: token["id"],
        "Account": lambda token: token["account"],
        "For": lambda token: token["title"],
        "May": lambda token: " ".join(token["scopes"]),
        "Since": lambda token: token["created_at"][:10],
        "Until": lambda token: (token.get("expires_at") or "-")[:10],
        "Used": lambda token: (token.get("used_at") or "-")[:10],
    }
    show(ask(data, "token.list"), as_json, columns)


@token.command("revoke")
@click.argument("id")
@data_option
def revoke(id: str, data: str | None) -> None:
    """Revoke a token, and close the connections of its account."""
    ask(data, "token.revoke", id=id)
