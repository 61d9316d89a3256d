"""`chatapp token …`: what scripts show instead of a password."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chatapp.accounts.cli import data_option, plain
from chatapp.admin.offline import offline
from chatapp.control.run import run, settings
from chatapp.model import SCOPES

SCOPE = click.Choice(SCOPES)


@click.group("token")
def token() -> None:
    """Tokens: what scripts show instead of a password."""


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
    help="What it may do; may be given several times.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Works for so many days; else for good.")
@data_option
def create(
    name: str, title: str, scopes: tuple[str, ...], days: int | None, data: str | None
) -> None:
    """Print a new token of the account NAME. TITLE says what it is for. It is shown once."""
    click.echo(_run(data, "token.create", name=name, title=title, scopes=list(scopes), days=days))


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@data_option
def list_tokens(as_json: bool, data: str | None) -> None:
    """All tokens, with the ids by which they are revoked."""
    tokens = _run(data, "token.list")
    if as_json:
        for known in tokens:
            click.echo(json.dumps(known, ensure_ascii=False))
        return
    table = Table("Id", "Account", "For", "May", "Since", "Until", box=None, pad_edge=False)
    for known in tokens:
        until = (known.get("expires_at") or "-")[:10]
        cells = (known["id"], known["account"], known["title"], " ".join(known["scopes"]))
        table.add_row(*map(plain, cells), known["created_at"][:10], until)
    Console().print(table)


@token.command("revoke")
@click.argument("id")
@data_option
def revoke(id: str, data: str | None) -> None:
    """End a token, and the connections of its account."""
    _run(data, "token.revoke", id=id)


def _run(data: str | None, command: str, **arguments: Any) -> Any:
    return run(settings(data=data).data, offline, command, **arguments)
