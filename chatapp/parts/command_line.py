"""What the commands on accounts, rooms and the audit log share: how they are asked and shown."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from chatapp.control.run import run, settings
from chatapp.parts.offline import offline

data_option = click.option(
    "--data", metavar="FOLDER", help="The data folder.  [CHATAPP_DATA, ./data]"
)
lines_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


def ask(data: str | None, command: str, **arguments: Any) -> Any:
    """The command's value, from the server that holds the data folder, or without one."""
    return run(settings(data=data).data, offline, command, **arguments)


def show(
    found: Iterable[dict[str, Any]],
    as_json: bool,
    columns: Mapping[str, Callable[[dict[str, Any]], str]],
) -> None:
    """A line each for scripts; for people a table, whose columns say what is in them."""
    if as_json:
        for one in found:
            click.echo(json.dumps(one, ensure_ascii=False))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for one in found:
        table.add_row(*(_plain(cell(one)) for cell in columns.values()))
    Console().print(table)


def _plain(text: str) -> str:
    """Names may have brackets, which rich would take for markup."""
    return text.replace("[", r"\[")
