"""`chatapp log import` of another chat's export: people, rooms, messages, and a report."""

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import msgspec

from chatapp.app.runtime import tune
from chatapp.cli.log_commands.blob_store import opened_blobs
from chatapp.cli.log_commands.command import GIVE_POSTGRES, complain, opened, say
from chatapp.cli.log_commands.shared_chat import opened_with_others
from chatapp.cli.log_commands.source_files import SourceFiles
from chatapp.cli.progress_bar import progress_bar
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.domain.model import GENERAL, Room
from chatapp.exit_codes import OTHER
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.imported import ImportedAccounts
from chatapp.features.rooms.memberships import Reading
from chatapp.standard_streams import printable_json
from chatapp.store.data_folder import is_data_folder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.transfer.imported_rooms import TABLE as ROOMS
from chatapp.transfer.sources.formats import FORMATS, SourceSettings
from chatapp.transfer.sources.importer import SourceImporter
from chatapp.transfer.sources.people import ImportedPeople, ImportOrigins
from chatapp.transfer.sources.report import Report
from chatapp.transfer.sources.rooms import RoomsOfSource

ONLY_FOR_SOURCES = "--dry-run, --report, --private, --same, --into, --chat, --time-zone and --media"


class SourceOptions(NamedTuple):
    """`same` are accounts here by people there, `into` rooms here by rooms there. `chat` is a name
    for the chat that the export is of. Times without a zone are in `time_zone`, or in that of this
    machine. `media` is a folder with the bytes of files."""

    dry_run: bool = False
    report: Path | None = None
    private: bool = False
    same: Mapping[str, str] = {}
    into: Mapping[str, str] = {}
    chat: str = ""
    time_zone: ZoneInfo | None = None
    media: Path | None = None


class _Chat(NamedTuple):
    folder: Path
    directory: Directory
    log: MessageLog
    wait: Callable[[Future[Any]], Any]


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options for exports of other chats, as one parameter `from_source`."""

    @click.option("--dry-run", is_flag=True, help="Read all, tell what would be imported.")
    @click.option(
        "--report",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the report to this file, as JSON.",
    )
    @click.option("--private", is_flag=True, help="Make public rooms private to their members.")
    @click.option(
        "--same", multiple=True, metavar="THEIRS=OURS", callback=_pairs,
        help="A person there who has this account here.",
    )  # fmt: skip
    @click.option(
        "--into", multiple=True, metavar="THEIRS=OURS", callback=_pairs,
        help="A room there whose messages go into this room here.",
    )  # fmt: skip
    @click.option(
        "--chat", metavar="NAME", default="",
        help="A name for that chat, if you import several of one format.",
    )  # fmt: skip
    @click.option(
        "--time-zone", metavar="ZONE", callback=_zone,
        help="Of times without one, such as Europe/Madrid.  [default: this machine's]",
    )  # fmt: skip
    @click.option(
        "--media",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="A folder with the bytes of files that the export only names.",
    )
    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        given = {name: options.pop(name) for name in SourceOptions._fields}
        command(*arguments, from_source=SourceOptions(**given), **options)

    return run


def import_source(
    file: Path,
    format: str,
    options: SourceOptions,
    *,
    public: bool,
    bucket: str | None,
    postgres: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Raises StorageError and ChatError. Exits with a code if something did not come over."""
    if options.media and not FORMATS[format].takes_media:
        raise click.UsageError(f"An export of {format} has its files in it: --media is of no use.")
    settings = SourceSettings(options.time_zone, options.media)
    report = Report(format=format, dry_run=options.dry_run)
    with (
        closing(FORMATS[format].open(file, settings)) as source,
        _opened(data, postgres, options) as chat,
    ):
        tune()
        origins = ImportOrigins(chat.directory, format, lambda: options.chat or source.chat)
        accounts = ImportedAccounts(_registry(chat.directory), format)
        people = ImportedPeople(
            accounts, origins, report, same=options.same, wait=chat.wait, dry_run=options.dry_run
        )
        rooms = RoomsOfSource(
            chat.directory,
            origins,
            people,
            report,
            head=chat.log.head,
            into=options.into,
            wait=chat.wait,
            public=public,
            private=options.private,
            dry_run=options.dry_run,
        )
        with (
            opened_blobs(chat.folder, bucket, postgres) as blobs,
            closing(
                SourceFiles(
                    chat.directory,
                    blobs,
                    chat.folder,
                    chat.wait,
                    format=format,
                    open=source.open_file,
                )
            ) as files,
            progress_bar("Importing", source.size) as progress,
        ):
            SourceImporter(
                chat.log, source, origins=origins, people=people, rooms=rooms, files=files,
                report=report, wait=chat.wait, scratch=chat.folder, dry_run=options.dry_run,
            ).run(progress)  # fmt: skip
        if not options.dry_run:
            _mark_as_read(chat, rooms.names)
        chat.directory.flush()
    _tell(report, options, as_json=as_json)
    if not report.is_whole:
        sys.exit(OTHER)


@contextmanager
def _opened(data: Path, postgres: str | None, options: SourceOptions) -> Iterator[_Chat]:
    """The chat that is imported into. A dry run makes no data folder."""
    if postgres:
        with opened_with_others(data, postgres) as chat:
            yield _Chat(chat.folder.path, chat.directory, chat.log, chat.wait)
        return
    if options.dry_run and not is_data_folder(data):
        with (
            TemporaryDirectory(prefix="chatapp-dry-run-") as nowhere,
            _opened(Path(nowhere), None, SourceOptions()) as nothing,
        ):
            yield nothing
        return
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
        yield _Chat(folder.path, directory, messages, wait)


def _registry(directory: Directory) -> AccountStore:
    return AccountStore(
        directory,
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(32),
        expel=lambda _id: None,
    )


def _mark_as_read(chat: _Chat, names: list[str]) -> None:
    """What was said elsewhere is unread for nobody who is in a room here for the first time."""
    rooms, reading = chat.directory.table(ROOMS, Room), chat.directory.table("reading", Reading)
    for name in names:
        room, head = rooms.get(name), chat.log.head(name)
        if room is None or name == GENERAL or not head:
            continue
        for id in room.members:
            key = f"{id}\n{name}"
            if reading.get(key) is None:
                chat.wait(reading.put(key, Reading(read=head)))


def _tell(report: Report, options: SourceOptions, *, as_json: bool) -> None:
    encoded = printable_json(msgspec.json.encode(report).decode())
    if options.report:
        options.report.write_text(encoded + "\n")
    if as_json:
        click.echo(encoded)
    else:
        say(*report.lines)
    if report.public_rooms:
        complain(
            f"New public rooms: {report.public_rooms:,}. Everybody who can open the chat can read "
            "them; --private makes new rooms private to their members."
        )


def _zone(_context: object, option: click.Parameter, name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"There is no time zone {name!r}.", param=option) from None


def _pairs(_context: object, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for value in values:
        there, sign, here = value.partition("=")
        if not (there and sign and here):
            raise click.BadParameter(f"{value!r} is not THEIRS=OURS.", param=option)
        pairs[there] = here
    return pairs
