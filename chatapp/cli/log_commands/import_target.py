"""What `chatapp log import` imports into, and how it tells what it did."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import msgspec

from chatapp.cli.log_commands.command import GIVE_POSTGRES, complain, opened, say
from chatapp.cli.log_commands.import_options import ImportOptions
from chatapp.cli.log_commands.shared_chat import opened_with_others
from chatapp.domain.future import Future
from chatapp.exit_codes import OTHER
from chatapp.standard_streams import printable_json
from chatapp.store.data_folder import is_data_folder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.transfer.sources.report import Report


class ImportTarget(NamedTuple):
    """A chat that no server uses, or that of a database. `wait` waits for a future."""

    folder: Path
    directory: Directory
    log: MessageLog
    wait: Callable[[Future[Any]], Any]


@contextmanager
def import_target(options: ImportOptions) -> Iterator[ImportTarget]:
    """A dry run makes no data folder. Raises StorageError."""
    if options.postgres:
        with opened_with_others(options.data, options.postgres) as chat:
            yield ImportTarget(chat.folder.path, chat.directory, chat.log, chat.wait)
    elif options.dry_run and not is_data_folder(options.data):
        with TemporaryDirectory(prefix="chatapp-dry-run-") as nowhere, _alone(Path(nowhere)) as it:
            yield it
    else:
        with _alone(options.data) as chat:
            yield chat


@contextmanager
def _alone(data: Path) -> Iterator[ImportTarget]:
    steps: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def wait(pending: Future[Any]) -> Any:
        while not pending.done:
            steps.get()()
        return pending.result()

    with (
        opened(data, make=True, on_copy=GIVE_POSTGRES) as folder,
        closing(Directory.open(folder.directory, durability="os")) as directory,
        closing(MessageLog.open(folder.messages, durability="os", deliver=steps.put)) as messages,
    ):
        yield ImportTarget(folder.path, directory, messages, wait)


def tell_report(report: Report, options: ImportOptions) -> None:
    """To people or scripts."""
    encoded = printable_json(msgspec.json.encode(report).decode())
    if options.report:
        options.report.write_text(encoded + "\n")
    if options.as_json:
        click.echo(encoded)
    else:
        say(*report.lines)
    if report.public_rooms:
        complain(
            f"New public rooms: {report.public_rooms:,}. Everybody who can open the chat can read "
            "them; --private makes new rooms private to their members."
        )


def exit_if_lossy(report: Report) -> None:
    """With a code, if something did not come over."""
    if not report.is_whole:
        sys.exit(OTHER)
