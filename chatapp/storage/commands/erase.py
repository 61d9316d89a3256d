"""`chatapp log erase`: texts, gone for good at a person's request."""

from collections.abc import Iterable
from pathlib import Path

import click

from chatapp.storage.batches import manifest_of
from chatapp.storage.commands.command import dry, one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import opened, watched
from chatapp.storage.disk import Disk
from chatapp.storage.erase import erase as erase_texts
from chatapp.storage.folder import DataFolder
from chatapp.storage.journals import INDEXES
from chatapp.storage.manifest import MANIFEST
from chatapp.storage.moment import iso, now
from chatapp.storage.schema import remove_index
from chatapp.storage.wanted import Wanted


@click.command()
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
        question = "Erase these texts for good? They cannot be brought back"
        click.confirm(question, abort=True, err=True)
    with opened(data) as folder:
        journals = [folder.messages, *map(_messages_in, also)]
        for journal in journals:
            manifest_of(Disk(), journal)  # all are there, before any is touched
        results = {}
        with watched("Erasing", *journals * (1 if dry_run else 2)) as progress:
            for journal in journals:
                results[str(journal)] = erase_texts(
                    Disk(),
                    journal,
                    wanted=wanted,
                    when=iso(now()),
                    dry_run=dry_run,
                    progress=progress,
                )
                if not dry_run:  # also of one whose texts went before a crash
                    remove_index(journal.with_name(INDEXES["messages"]))
        kept = _kept_aside(folder, journals)
    told = "; ".join(f"{one.erased:,} texts of {where}" for where, one in results.items())
    tell(as_json, {"dry_run": dry_run, "erased": results}, f"Erased: {told}{dry(dry_run)}")
    for place in kept:
        click.echo(f"{place} may have such texts too, and was not looked at.", err=True)


def _messages_in(place: Path) -> Path:
    """The messages of a backup, or of what a command has kept in backups/."""
    return place if (place / MANIFEST).exists() else place / "messages"


def _kept_aside(folder: DataFolder, journals: Iterable[Path]) -> list[Path]:
    """What lies in the data folder besides the log itself and may have texts in it."""
    known = {path.resolve() for journal in journals for path in (journal, journal.parent)}
    places = [*folder.backups.glob("*"), *folder.quarantine.glob("*")]
    return sorted(place for place in places if place.resolve() not in known)
