"""What the commands share: where the data is, how they answer, and how they fail.

Results go to standard output, as a line for people or with `--json` as one JSON object for
scripts; progress and complaints go to standard error. Exit codes: 0 ok, 1 something is wrong
(a damaged log, a data folder in use), 2 usage.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from chatapp.storage.errors import StorageError
from chatapp.storage.output import StandardOutput

Command = Callable[..., None]

with_data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="CHATAPP_DATA",
    default=Path("data"),
    metavar="FOLDER",
    help="The data folder.  [CHATAPP_DATA, ./data]",
)
with_json = click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")


def one_clear_line(command: Command) -> Command:
    """What is wrong with the data is said in a line, not in a traceback."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except StorageError as error:
            raise click.ClickException(str(error)) from None
        except BrokenPipeError:
            raise  # whoever reads has enough; click knows what to do
        except OSError as error:
            place = error.filename or options.get("output") or options.get("data")
            where = f"{place}: " if place else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from None

    return run


def tell(as_json: bool, result: Any, line: str = "") -> None:
    """A line for people, or the result as JSON for scripts."""
    say(msgspec.json.encode(result).decode() if as_json else line)


def say(*lines: str) -> None:
    """What was asked for, on standard output."""
    output = StandardOutput()
    for line in lines:
        output.write(line + "\n")
    output.flush()


def dry(dry_run: bool, hint: str = "nothing was changed") -> str:
    return f" (a dry run; {hint})." if dry_run else "."
