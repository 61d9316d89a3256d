"""`chatapp log erase`: erases texts permanently, at a person's request."""

from collections.abc import Iterable
from pathlib import Path

import click

from chatapp.cli.log_commands.command import (
    complain,
    dry,
    log_command,
    opened,
    showing_progress,
    tell,
)
from chatapp.domain.clock import now, timestamp
from chatapp.domain.errors import NotFound
from chatapp.domain.limits import checked_room_name
from chatapp.index.schema import remove_index
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.manifest import MANIFEST
from chatapp.store.data_folder import INDEXES, DataFolder
from chatapp.upkeep.erase import ErasureSelector
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
@log_command
def erase(  # noqa: PLR0917 - click passes them by name
    sender: str | None,
    room: str | None,
    seq: int | None,
    dry_run: bool,
    yes: bool,
    also: tuple[Path, ...],
    data: Path,
    as_json: bool,
) -> None:
    """Erase texts permanently from the log, the index and the given backups.

    A backup is a folder made by `chatapp backup`, or one that another command has kept in backups/.
    The name of a person must match exactly.
    """
    if sender is None and seq is None:
        raise click.UsageError("Give --sender NAME, or --room ROOM --seq SEQ.")
    if seq is not None and room is None:
        raise click.UsageError("--seq needs its --room.")

    wanted = ErasureSelector(sender=sender, room=room and checked_room_name(room), seq=seq)
    if not dry_run and not yes:
        question = "Erase these texts for good? They cannot be brought back"
        click.confirm(question, abort=True, err=True)
    with opened(data, only_reads=dry_run) as folder:
        journals = [folder.messages, *map(_messages_in, also)]
        for journal in journals:
            manifest_of(Disk(), journal)  # all must exist before any is changed
        results = {}
        with showing_progress("Erasing", *journals) as progress:
            for journal in journals:
                results[str(journal)] = erase_texts(
                    Disk(),
                    journal,
                    wanted,
                    when=timestamp(now()),
                    dry_run=dry_run,
                    progress=progress,
                )
                if not dry_run:  # also if a crash came after erasing its texts
                    remove_index(journal.with_name(INDEXES["messages"]))
        kept = _old_journals(folder, journals)
    complain(*(f"{place} may have such texts too, and was not looked at." for place in kept))
    if not any(result.found for result in results.values()):
        raise NotFound(_not_found(wanted))
    told = "; ".join(f"{one.erased:,} texts of {where}" for where, one in results.items())
    tell(as_json, {"dry_run": dry_run, "erased": results}, f"Erased: {told}{dry(dry_run)}")


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
