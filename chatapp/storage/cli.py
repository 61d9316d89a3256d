"""`chatapp log …`, `chatapp backup` and `chatapp restore`: the log from the command line.

Results go to standard output, as a line for people or with `--json` as one JSON object for
scripts; progress and complaints go to standard error. Exit codes: 0 ok, 1 something is wrong
(a damaged log, a data folder in use), 2 usage.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from chatapp.files import MIGRATIONS
from chatapp.storage import backup as backups
from chatapp.storage import erase as erasing
from chatapp.storage import export as exporting
from chatapp.storage.batches import manifest_of, size_of
from chatapp.storage.disk import Disk
from chatapp.storage.errors import OtherVersion, StorageError
from chatapp.storage.extract import Extract
from chatapp.storage.folder import DataFolder
from chatapp.storage.format import Tip
from chatapp.storage.imported_rooms import make_rooms
from chatapp.storage.importing import import_events
from chatapp.storage.log import MessageLog
from chatapp.storage.manifest import MANIFEST
from chatapp.storage.migrate import migrate as migrate_journal
from chatapp.storage.migrate import migrations
from chatapp.storage.moment import iso, now
from chatapp.storage.output import written
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.progress_bar import progress_bar
from chatapp.storage.reindex import reindex as make_index
from chatapp.storage.repair import Repaired
from chatapp.storage.repair import repair as repair_log
from chatapp.storage.retain import retain as retain_days
from chatapp.storage.schema import remove_index
from chatapp.storage.stats import stats as log_stats
from chatapp.storage.verify import Verified
from chatapp.storage.verify import verify as verify_log
from chatapp.storage.wanted import Wanted

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
a_day = click.DateTime(["%Y-%m-%d"])


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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def log() -> None:
    """The log of every message: check, repair, read, move, shorten it."""


@log.command()
@with_data
@with_json
@one_clear_line
def verify(data: Path, as_json: bool) -> None:
    """Check every line: checksums, chain, numbers, manifest, index.

    Names the first bad line, and then ends with exit code 1. A server may be running.
    """
    found = {}
    for name in backups.journals_of(Disk(), data):
        with progress_bar(f"Checking {name}", size_of(Disk(), data / name)) as progress:
            index = data / backups.INDEXES[name] if name in backups.INDEXES else None
            try:
                found[name] = verify_log(data / name, index=index, progress=progress)
            except OtherVersion:
                raise
            except StorageError as error:
                found[name] = Verified(records=0, bytes=0, tip=Tip(), problems=[str(error)])
    problems = [problem for verified in found.values() for problem in verified.problems]
    counts = ", ".join(f"{name}/ {one.records:,} records" for name, one in found.items())
    if as_json:
        tell(as_json, {"ok": not problems, **found})
    elif not problems:
        end = f", up to {found['messages'].tip.hash[:16]}…" if "messages" in found else ""
        click.echo(f"All is as it was written: {counts}{end}")
    for problem in problems if not as_json else ():
        click.echo(problem)
    if problems:
        sys.exit(1)


@log.command()
@with_data
@with_json
@one_clear_line
def repair(data: Path, as_json: bool) -> None:
    """Write what is damaged anew with every whole record of it, and keep the old.

    That is the messages, the directory of accounts and rooms, and the audit log: those of them
    that `chatapp log verify` complains about.
    """
    results = {}
    with opened(data) as folder:
        for journal in _damaged(_journals(data)):
            with _bar(f"Repairing {journal.name}", journal) as progress:
                kept = _backup_name(folder, f"{journal.name}-before-repair")
                results[journal.name] = repair_log(Disk(), journal, kept, progress)
        if "messages" in results:
            remove_index(folder.index)
    told = "\n".join(
        f"{name}/ has {result.records:,} records now. Lost: {_ranges(result.lost)}. "
        f"{_altered(result)}The old one is {result.kept_old}."
        for name, result in results.items()
    )
    tell(as_json, results, told or "Nothing is damaged, and nothing was changed.")


@log.command()
@with_data
@with_json
@one_clear_line
def reindex(data: Path, as_json: bool) -> None:
    """Make the index again, from the log."""
    with opened(data) as folder, _bar("Indexing", folder.messages) as progress:
        records = make_index(Disk(), folder.messages, folder.index, folder.quarantine, progress)
    tell(as_json, {"records": records}, f"{records:,} records are in the index.")


@log.command()
@with_data
@with_json
@one_clear_line
def stats(data: Path, as_json: bool) -> None:
    """Count records, rooms, people and bytes. A server may be running."""
    with _bar("Counting", data / "messages") as progress:
        found = log_stats(data / "messages", progress)
    if as_json:
        tell(as_json, found)
        return
    days = f", from {found.first_at} to {found.last_at}" if found.records else ""
    click.echo(
        f"{found.records:,} records in {found.segments} files, {found.bytes:,} bytes, "
        f"{found.batches:,} batches{days}"
    )
    for title, counts in (("Rooms", found.rooms), ("People", found.senders)):
        click.echo(f"\n{title}")
        for name, count in list(counts.items())[:20]:
            click.echo(f"{count:>12,}  {name}")


@log.command()
@click.option("--format", "kind", type=click.Choice(list(exporting.FORMATS)), default="jsonl")
@click.option("--room", help="Only this room.")
@click.option("--sender", help="Only what this person wrote.")
@click.option("--since", type=a_day, help="From this day on (UTC).")
@click.option("--until", type=a_day, help="Before this day (UTC).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file; it appears when all is in it.  [default: standard output]",
)
@with_data
@one_clear_line
def export(  # noqa: PLR0917 - click gives them by name
    kind: str,
    room: str | None,
    sender: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    data: Path,
) -> None:
    """Write messages as JSON Lines, CSV, Markdown or one HTML page. A server may be running.

    JSON Lines has every event as it happened, for `chatapp log import`. The others have the
    messages room by room as they read now, and a message is in the days given or it is not,
    whenever it was edited.
    """
    extract = Extract(room=room, sender=sender, since=_utc(since), until=_utc(until))
    folder = data / "messages"
    times = 2 if kind in exporting.TWICE_READ else 1
    journals = [] if output is None and sys.stdout.isatty() else [folder] * times
    with written(output) as file, _bar("Exporting", *journals) as progress:
        for piece in exporting.FORMATS[kind](folder, extract, progress):
            file.write(piece)


@log.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--room", help="The room of rows that name none.  [default: general]")
@click.option("--public", is_flag=True, help="Everyone may enter the rooms that are made.")
@click.option("--client-key", default="client", show_default=True)
@click.option("--message-key", default="message", show_default=True)
@click.option("--timestamp-key", default="timestamp", show_default=True)
@with_data
@with_json
@one_clear_line
def import_(  # noqa: PLR0917 - click gives them by name
    file: Path,
    room: str | None,
    public: bool,
    client_key: str,
    message_key: str,
    timestamp_key: str,
    data: Path,
    as_json: bool,
) -> None:
    """Read our own export, or a JSON array of client, message and timestamp objects.

    What is in the log already is skipped; bad rows are reported and counted. Rooms that are not
    there are made: for those who wrote in them, or with --public for everyone. The server must
    be stopped.
    """
    first_format = migrations(MIGRATIONS)[1]

    def upgrade(row: dict[str, Any]) -> dict[str, Any]:
        plain = {
            "client": row[client_key],
            "message": row[message_key],
            "timestamp": row[timestamp_key],
        }
        if named := row.get("room", room):
            plain["room"] = named
        return dict(first_format.upgrade(plain))

    size = file.stat().st_size
    with opened(data, make=True) as folder, progress_bar("Importing", size) as progress:
        messages = MessageLog.open(folder.messages, durability="os")
        try:
            result = import_events(messages, file, upgrade, progress)
        finally:
            messages.close()
        made = make_rooms(folder.directory, result.writers, public=public)
    for problem in result.problems:
        click.echo(problem, err=True)
    told = {key: value for key, value in msgspec.to_builtins(result).items() if key != "writers"}
    rooms = f" Rooms made: {', '.join(made)}." if made else ""
    tell(
        as_json,
        told | {"rooms": made},
        f"{result.imported:,} imported, {result.duplicates:,} were there already, "
        f"{result.bad:,} bad rows.{rooms}",
    )


@log.command()
@click.option("--dry-run", is_flag=True, help="Convert and check, but write nothing.")
@with_data
@with_json
@one_clear_line
def migrate(dry_run: bool, data: Path, as_json: bool) -> None:
    """Bring the data of an older version to this one's; keep the old as a backup."""
    steps = migrations(MIGRATIONS)
    with opened(data) as folder:
        journals = [data / name for name in backups.journals_of(Disk(), data)]
        with _bar("Converting", *journals * (1 if dry_run else 2)) as progress:
            results = [
                migrate_journal(
                    Disk(),
                    journal,
                    steps,
                    backup=_backup_name(folder, f"{journal.name}-before-migrate"),
                    dry_run=dry_run,
                    progress=progress,
                )
                for journal in journals
            ]
        if any(result.records for result in results) and not dry_run:
            remove_index(folder.index)
    told = "; ".join(
        f"{one.folder}/ has version {one.old} already"
        if one.old == one.new
        else f"{one.folder}/ version {one.old} to {one.new}, {one.records:,} records"
        for one in results
    )
    tell(as_json, {"dry_run": dry_run, "folders": results}, told + _dry(dry_run))


@log.command()
@click.option("--sender", help="Every text of this person.")
@click.option("--room", help="Only in this room; with --seq, one message.")
@click.option("--seq", type=click.IntRange(1), help="One message, with its edits.")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--backup",
    "also",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    multiple=True,
    help="A backup to erase the texts from, too. Can be given several times.",
)
@with_data
@with_json
@one_clear_line
def erase(  # noqa: PLR0917 - click gives them by name
    sender: str | None,
    room: str | None,
    seq: int | None,
    dry_run: bool,
    yes: bool,
    also: tuple[Path, ...],
    data: Path,
    as_json: bool,
) -> None:
    """Take texts out of the log, the index and the backups named, for good.

    A backup is what `chatapp backup` made, or a folder that another command has kept in backups/.
    """
    if sender is None and seq is None:
        raise click.UsageError("Say whose texts: --sender NAME, or --room ROOM --seq SEQ.")
    if seq is not None and room is None:
        raise click.UsageError("--seq needs its --room.")

    wanted = Wanted(sender=sender, room=room, seq=seq).fits
    if not dry_run and not yes:
        click.confirm("Erase these texts for good? They cannot be brought back", abort=True)
    with opened(data) as folder:
        journals = [folder.messages, *map(_messages_in, also)]
        for journal in journals:
            manifest_of(Disk(), journal)  # all are there, before any is touched
        results = {}
        with _bar("Erasing", *journals * (1 if dry_run else 2)) as progress:
            for journal in journals:
                results[str(journal)] = erasing.erase(
                    Disk(),
                    journal,
                    wanted=wanted,
                    when=iso(now()),
                    dry_run=dry_run,
                    progress=progress,
                )
                if not dry_run:  # also of one whose texts went before a crash
                    remove_index(journal.with_name(backups.INDEXES["messages"]))
        kept = _kept_aside(folder, journals)
    told = "; ".join(f"{one.erased:,} texts of {where}" for where, one in results.items())
    tell(as_json, {"dry_run": dry_run, "erased": results}, f"Erased: {told}{_dry(dry_run)}")
    for place in kept:
        click.echo(f"{place} may have such texts too, and was not looked at.", err=True)


@log.command()
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(1, 100_000),
    required=True,
    metavar="DAYS",
    help="In days.",
)
@click.option("--yes", is_flag=True, help="Drop them; without it, only counts.")
@click.option("--keep-old", is_flag=True, help="Keep the whole old log in backups/.")
@with_data
@with_json
@one_clear_line
def retain(days: int, yes: bool, keep_old: bool, data: Path, as_json: bool) -> None:
    """Drop whole old days from the beginning of the log. Counts first."""
    first_day = (now().date() - timedelta(days=days)).isoformat()
    with opened(data) as folder, _bar("Reading", folder.messages) as progress:
        result = retain_days(
            Disk(),
            folder.messages,
            first_day=first_day,
            backup=_backup_name(folder, "messages-before-retain") if keep_old else None,
            dry_run=not yes,
            progress=progress,
        )
        if yes and result.dropped:
            remove_index(folder.index)
    dropped = sum(result.dropped.values())
    tell(
        as_json,
        {"dry_run": not yes, "first_day": first_day, **msgspec.to_builtins(result)},
        f"{dropped:,} records of {len(result.dropped)} days before {first_day} are dropped, "
        f"{result.kept:,} are kept{_dry(not yes, 'give --yes to do it')}",
    )


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@with_data
@with_json
@one_clear_line
def backup(destination: Path, data: Path, as_json: bool) -> None:
    """Copy the data to a new folder, checked, while the server runs."""
    with _bar("Copying", *_journals(data)) as progress:
        result = backups.backup(Disk(), data, destination, progress)
    tell(as_json, result, f"{destination} has {result.messages:,} records, all of them checked.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_data
@with_json
@one_clear_line
def restore(source: Path, data: Path, as_json: bool) -> None:
    """Put a backup in the place of the data; what was there is kept in backups/."""
    backups.journals_of(Disk(), source)
    with opened(data, make=True) as folder, _bar("Copying", *_journals(source)) as progress:
        kept = _backup_name(folder, "before-restore")
        result = backups.restore(Disk(), source, folder.path, kept, progress)
        remove_index(folder.index)
    tell(
        as_json,
        {**msgspec.to_builtins(result), "kept": str(kept)},
        f"{data} has {result.messages:,} records now. What was there is in {kept}.",
    )


@contextmanager
def opened(data: Path, *, make: bool = False) -> Iterator[DataFolder]:
    """The data folder, locked: no server may be running. One that is not there may be made."""
    if not data.exists() and not make:
        raise StorageError(f"There is no data folder {data}.")
    folder = DataFolder.open(data)
    try:
        yield folder
    finally:
        folder.close()


def _bar(what: str, *journals: Path) -> AbstractContextManager[Progress]:
    """A bar for reading these journals once each; none for nothing to read."""
    if not journals:
        return nullcontext(unwatched)
    return progress_bar(what, sum(size_of(Disk(), journal) for journal in journals))


def _journals(data: Path) -> list[Path]:
    return [data / name for name in backups.JOURNALS]


def _messages_in(place: Path) -> Path:
    """The messages of a backup, or of what a command has kept in backups/."""
    return place if (place / MANIFEST).exists() else place / "messages"


def _kept_aside(folder: DataFolder, journals: Iterable[Path]) -> list[Path]:
    """What lies in the data folder besides the log itself and may have texts in it."""
    known = {path.resolve() for journal in journals for path in (journal, journal.parent)}
    places = [*folder.backups.glob("*"), *folder.quarantine.glob("*")]
    return sorted(place for place in places if place.resolve() not in known)


def _damaged(journals: Iterable[Path]) -> Iterator[Path]:
    """Those that are not as they were written, up to their last whole batch."""
    for journal in filter(Path.exists, journals):
        with _bar(f"Checking {journal.name}", journal) as progress:
            try:
                is_sound = not verify_log(journal, progress=progress).problems
            except OtherVersion:
                raise
            except StorageError:
                is_sound = False
        if not is_sound:
            yield journal


def _altered(result: Repaired) -> str:
    if not result.altered:
        return ""
    return f"Kept, but they do not follow from the record before: {_ranges(result.altered)}. "


def _ranges(numbers: list[tuple[int, int]]) -> str:
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in numbers) or "none"


def tell(as_json: bool, result: Any, line: str = "") -> None:
    click.echo(msgspec.json.encode(result).decode() if as_json else line)


def _backup_name(folder: DataFolder, what: str) -> Path:
    return folder.backups / f"{what}-{now():%Y%m%dT%H%M%S%f}"


def _utc(day: datetime | date | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if isinstance(day, datetime) else None


def _dry(dry_run: bool, hint: str = "nothing was changed") -> str:
    return f" (a dry run; {hint})." if dry_run else "."
