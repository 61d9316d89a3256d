"""`chatapp log erase`: erases texts permanently, at a person's request."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import click
import msgspec

from chatapp.blobs.folder import FolderBlobs
from chatapp.cli.log_commands.blob_store import opened_blobs, with_bucket
from chatapp.cli.log_commands.command import (
    GIVE_POSTGRES,
    complain,
    dry,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.cli.log_commands.file_rows import sweep, sweep_copy
from chatapp.cli.log_commands.legal_hold import require_no_hold, require_no_hold_in
from chatapp.cli.log_commands.shared_chat import SharedChat, opened_with_others, with_postgres
from chatapp.domain.clock import now, timestamp
from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_room_name
from chatapp.features.files.sweeping import NEW
from chatapp.index.schema import remove_index
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.manifest import MANIFEST
from chatapp.store.data_folder import FILES, INDEXES, DataFolder
from chatapp.tables.directory import Directory
from chatapp.upkeep.erase import Erased, ErasureSelector, erase_decided
from chatapp.upkeep.erase import erase as erase_texts


@click.command()
@click.option("--sender", help="All texts of this person.")
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
@with_bucket
@with_postgres
@log_command
def erase(  # noqa: PLR0917 - click passes them by name
    sender: str | None,
    room: str | None,
    seq: int | None,
    dry_run: bool,
    yes: bool,
    also: tuple[Path, ...],
    bucket: str | None,
    postgres: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Erase texts permanently from the log, the index and the given backups.

    The files of these messages go too, unless another message has the same bytes. Messages that
    somebody else has forwarded stay; they are listed, and can be erased in the same way.

    A backup is a folder made by `chatapp backup`, or one that another command has kept in backups/.
    The name of a person must match exactly. With --postgres, the texts are erased in the database
    and in the copies of all servers, which may run.
    """
    if sender is None and seq is None:
        raise click.UsageError("Give --sender NAME, or --room ROOM --seq SEQ.")
    if seq is not None and room is None:
        raise click.UsageError("--seq needs its --room.")

    wanted = ErasureSelector(sender=sender, room=room and checked_room_name(room), seq=seq)
    if not dry_run and not yes:
        question = "Erase these texts for good? They cannot be brought back"
        click.confirm(question, abort=True, err=True)
    backups = [_messages_in(place) for place in also]
    for journal in backups:
        manifest_of(Disk(), journal)  # all must exist before any is changed
    results: dict[str, Erased] = {}
    if postgres and not dry_run:
        with opened_with_others(data, postgres) as chat:
            folder, journal = chat.folder, chat.folder.messages
            require_no_hold(chat.directory, wanted.room)
            results[str(journal)] = _erase_everywhere(chat, wanted)
            with opened_blobs(data, bucket, postgres) as blobs:
                chat.wait(chat.log.journal.catch_up())
                since = timestamp(now() - NEW)
                sweep(chat.directory, journal, blobs, chat.wait, chat.log.head, since=since)
    else:
        with opened(data, only_reads=dry_run, on_copy=GIVE_POSTGRES) as folder:
            journal = folder.messages
            if not dry_run:
                require_no_hold_in(folder, wanted.room)
            results |= _erase(journal, wanted, dry_run=dry_run)
            if not dry_run:
                _sweep(folder, bucket)
    for place, backup in zip(also, backups, strict=True):
        results |= _erase(backup, wanted, dry_run=dry_run)
        if not dry_run:
            sweep_copy(backup, FolderBlobs(place / FILES))
    kept = _old_journals(folder, [journal, *backups])
    complain(*(f"{place} may have such texts too, and was not looked at." for place in kept))
    if not any(result.found for result in results.values()):
        raise NotFound(_not_found(wanted))
    told = "; ".join(f"{one.erased:,} texts of {where}" for where, one in results.items())
    complain(*_copies(results[str(journal)], wanted))
    tell(as_json, {"dry_run": dry_run, "erased": results}, f"Erased: {told}{dry(dry_run)}")


def _copies(erased: Erased, wanted: ErasureSelector) -> Iterator[str]:
    """What others have forwarded stays: it is named, with the commands that erase it."""
    if not erased.copies:
        return
    whose = "of this message" if wanted.seq else f"of texts of {wanted.sender!r}"
    yield f"{len(erased.copies):,} copies {whose} were forwarded and stay. To erase them:"
    for copy in erased.copies:
        command = f"chatapp log erase --room {copy.room} --seq {copy.seq}"
        yield f"    {command:<50} # forwarded by {copy.sender}"


def _erase(journal: Path, wanted: ErasureSelector, *, dry_run: bool) -> dict[str, Erased]:
    with showing_progress("Erasing", journal) as progress:
        when = timestamp(now())
        result = erase_texts(Disk(), journal, wanted, when=when, dry_run=dry_run, progress=progress)
    if not dry_run:  # also if a crash came after erasing its texts
        remove_index(journal.with_name(INDEXES["messages"]))
    return {str(journal): result}


def _sweep(folder: DataFolder, bucket: str | None) -> None:
    """Also if a crash came after erasing the texts."""
    with (
        closing(Directory.open(folder.directory)) as directory,
        opened_blobs(folder.path, bucket, None) as blobs,
    ):
        sweep(directory, folder.messages, blobs, Future.result)


def _erase_everywhere(chat: SharedChat, wanted: ErasureSelector) -> Erased:
    """In the copy, in the database, and soon in the copies of all servers."""
    chat.log.flush()
    when = timestamp(now())
    found = erase_texts(Disk(), chat.folder.messages, wanted, when=when, dry_run=True)
    if found.erased:
        chat.wait(chat.shared.decide_erasure(msgspec.to_builtins(wanted), when))
        found.erased = erase_decided(chat.log, chat.wait)
    chat.erase_in_database()
    return found


def _not_found(wanted: ErasureSelector) -> str:
    """The error when nothing matches: the name is probably mistyped."""
    names = {"of": wanted.sender, "in": wanted.room, "number": wanted.seq}
    told = " ".join(f"{what} {name!r}" for what, name in names.items() if name is not None)
    return f"There is no text {told}."


def _messages_in(place: Path) -> Path:
    """The messages of a backup, or of old data in backups/."""
    return place if (place / MANIFEST).exists() else place / "messages"


def _old_journals(folder: DataFolder, journals: Iterable[Path]) -> list[Path]:
    """Folders in the data folder, besides the log itself, that may contain texts."""
    known = {path.resolve() for journal in journals for path in (journal, journal.parent)}
    places = [*folder.backups.glob("*"), *folder.quarantine.glob("*")]
    return sorted(place for place in places if place.resolve() not in known)
