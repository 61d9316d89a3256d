"""Running a command wherever the data is: through the server that holds it, or right here."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NoReturn

import click

from chatapp.config import Config, ConfigError
from chatapp.control.client import NoServer, Refused, ask
from chatapp.control.server import Commands
from chatapp.errors import ChatError
from chatapp.pending import Pending
from chatapp.storage import StorageError
from chatapp.waiting import wait

Offline = Callable[[Path], AbstractContextManager[Commands]]
"""Opens a data folder that no server holds, and gives the commands on it."""

EXIT_CODES = {"not_found": 4, "no_such_room": 4, "not_allowed": 5, "unauthorized": 3}
OTHER = 1
USAGE = 2


def settings(**given: Any) -> Config:
    try:
        return Config.load(os.environ, **given)
    except ConfigError as error:
        fail(str(error), USAGE)


def run(folder: Path, offline: Offline, command: str, **arguments: Any) -> Any:
    """The command's value. What is refused ends the program, with one line and its exit code."""
    try:
        try:
            return ask(folder, command, arguments)
        except NoServer:
            return _run_here(folder, offline, command, arguments)
    except Refused as refused:
        fail(str(refused), EXIT_CODES.get(refused.code, OTHER))
    except ChatError as refused:
        fail(refused.message, EXIT_CODES.get(refused.code, OTHER))
    except (StorageError, OSError) as error:
        fail(str(error), OTHER)


def fail(line: str, code: int) -> NoReturn:
    click.echo(f"chatapp: {line}", err=True)
    sys.exit(code)


def _run_here(folder: Path, offline: Offline, command: str, arguments: dict[str, Any]) -> Any:
    with offline(folder) as commands:
        value = commands[command](**arguments)
        return wait(value) if isinstance(value, Pending) else value
