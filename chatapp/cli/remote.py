"""Shared by the commands for accounts, rooms and the audit log: running them, showing results."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from chatapp.cli.offline import offline
from chatapp.config import Config, ConfigError
from chatapp.control import client
from chatapp.control.client import CommandRefused, NoServer
from chatapp.control.supervision import is_supervised
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.visible import visible
from chatapp.exit_codes import OTHER, USAGE, exit_code
from chatapp.log.errors import StorageError
from chatapp.standard_streams import printable_json
from chatapp.tables.rerun import rerun
from chatapp.web.waiting import wait

data_option = click.option(
    "--data", metavar="FOLDER", help="The data folder.  [CHATAPP_DATA, ./data]"
)
lines_option = click.option("--json", "as_json", is_flag=True, help="Output JSON Lines.")


def ask(data: str | None, command: str, **arguments: Any) -> Any:
    """The command's result, from the running server or, without one, from this process.

    A refusal ends the program with one line and its exit code.
    """
    try:
        config = Config.load(os.environ, data=data)
        try:
            return client.ask(config.data, command, arguments)
        except NoServer:
            if is_supervised(config.data):
                fail("The chat's first worker is restarting; try again in a moment.", OTHER)
            return _run_here(config, command, arguments)
    except ConfigError as error:
        fail(str(error), USAGE)
    except CommandRefused as refused:
        fail(str(refused), exit_code(refused.code))
    except ChatError as refused:
        fail(refused.message, exit_code(refused.code))
    except (StorageError, OSError) as error:
        fail(str(error), OTHER)


def _run_here(config: Config, command: str, arguments: dict[str, Any]) -> Any:
    with offline(config, command) as commands:
        value = rerun(lambda: commands[command](**arguments))
        return wait(value) if isinstance(value, Future) else value


def fail(line: str, code: int) -> NoReturn:
    click.echo(f"chatapp: {visible(line)}", err=True)
    sys.exit(code)


def require_terminal(otherwise: str) -> None:
    """Ends the program with this line if there is nobody to ask."""
    if not sys.stdin.isatty():
        fail(otherwise, USAGE)


def show(
    found: Iterable[dict[str, Any]],
    as_json: bool,
    columns: Mapping[str, Callable[[dict[str, Any]], str]],
) -> None:
    """One line each for scripts; a table with headers for people."""
    if as_json:
        for one in found:
            click.echo(printable_json(json.dumps(one, ensure_ascii=False)))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for one in found:
        table.add_row(*(_plain(cell(one)) for cell in columns.values()))
    console = Console()
    with console.capture() as printed:
        console.print(table)
    click.echo(printed.get(), nl=False)


def _plain(text: str) -> str:
    """Escapes brackets in names, which rich would treat as markup."""
    return visible(text).replace("[", r"\[")
