"""Shared by the commands: the data folder, output and errors.

Results go to standard output, as a line for people or with `--json` as one JSON object for
scripts; progress and errors go to standard error. Exit codes: 0 ok, 1 error
(a damaged log, a data folder in use), 2 usage, 4 no such room or person.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from chatapp.cli.progress_bar import progress_bar
from chatapp.domain.clock import now
from chatapp.domain.errors import ChatError
from chatapp.domain.visible import visible
from chatapp.exit_codes import exit_code
from chatapp.log.batches import journal_bytes
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.standard_streams import printable_json
from chatapp.store.data_folder import JOURNALS, DataFolder, database_of, is_data_folder
from chatapp.transfer.output import Printed

MOVE_FIRST = (
    "Its log cannot be changed here: stop all servers, and move the chat to a data folder of its "
    "own first (chatapp move --from URL --to FOLDER)."
)

GIVE_POSTGRES = (
    "Give that database with --postgres URL or CHATAPP_POSTGRES; no server may use this folder."
)

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
    """Reports problems with the data as one line instead of a traceback."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except StorageError as error:
            raise click.ClickException(visible(str(error))) from None
        except ChatError as refusal:
            complain(f"Error: {refusal.message}")
            sys.exit(exit_code(refusal))
        except BrokenPipeError:
            raise  # the reader has closed the pipe; click handles it
        except OSError as error:
            place = error.filename or options.get("output") or options.get("data")
            where = f"{place}: " if place else ""
            raise click.ClickException(visible(f"{where}{error.strerror or error}")) from None

    return run


def log_command(command: Command) -> Command:
    """The options and the errors that nearly all of these commands have."""
    return with_data(with_json(one_clear_line(command)))


def tell(as_json: bool, result: Any, line: str = "") -> None:
    """A line for people, or the result as JSON for scripts."""
    if as_json:
        click.echo(printable_json(msgspec.json.encode(result).decode()))
    else:
        say(line)


def say(*lines: str) -> None:
    output = Printed()
    for line in lines:
        output.write(line + "\n")
    output.flush()


def complain(*lines: str) -> None:
    for line in lines:
        click.echo(visible(line), err=True)


def dry(dry_run: bool, hint: str = "nothing was changed") -> str:
    return f" (a dry run; {hint})." if dry_run else "."


@contextmanager
def opened(
    data: Path, *, make: bool = False, only_reads: bool = False, on_copy: str = MOVE_FIRST
) -> Iterator[DataFolder]:
    """The locked data folder; no server may be running. It can be created if it is missing.

    `on_copy` says what to do instead, if it is a copy of a database, which must not be changed.
    """
    if not make and not is_data_folder(data):
        raise StorageError(f"There is no log in {data}.")
    if not only_reads and database_of(data):
        raise StorageError(f"{data} is a copy of a database. {on_copy}")
    with closing(DataFolder.open(data, only_reads=only_reads)) as folder:
        yield folder


def showing_progress(what: str, *journals: Path) -> AbstractContextManager[Progress]:
    """A progress bar for reading each of these journals once; none if they are empty."""
    if not journals:
        return nullcontext(unwatched)
    return progress_bar(what, sum(journal_bytes(Disk(), journal) for journal in journals))


def journals_in(data: Path) -> list[Path]:
    """The journals that can exist; one that is missing has no bytes to read."""
    return [data / name for name in JOURNALS]


def backup_path(folder: DataFolder, what: str) -> Path:
    """The folder for the old data, with a unique name."""
    return folder.backups / f"{what}-{now():%Y%m%dT%H%M%S%f}"
