"""`chatapp log stats`: counts records, rooms, people and bytes."""

from pathlib import Path

import click

from chatapp.cli.log_commands.command import log_command, say, showing_progress, tell
from chatapp.upkeep.stats import stats as log_stats


@click.command()
@log_command
def stats(data: Path, as_json: bool) -> None:
    """Count records, rooms, people, files and bytes. A server may be running."""
    with showing_progress("Counting", data / "messages") as progress:
        found = log_stats(data / "messages", progress)
    if as_json:
        tell(as_json, found)
        return
    days = f", from {found.first_at} to {found.last_at}" if found.records else ""
    say(
        f"{found.records:,} records in {found.segments} files, {found.bytes:,} bytes, "
        f"{found.batches:,} batches{days}"
    )
    if found.files:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in found.files.items())
        say(f"{sum(found.files.values()):,} files, {found.file_bytes:,} bytes: {kinds}")
    for title, counts in (("Rooms", found.rooms), ("People", found.senders)):
        lines = (f"{count:>12,}  {name}" for name, count in list(counts.items())[:20])
        say(f"\n{title}", *lines)
