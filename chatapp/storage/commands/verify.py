"""`chatapp log verify`: is all as it was written?"""

import sys
from pathlib import Path

import click

from chatapp.storage.commands.command import one_clear_line, tell, with_data, with_json
from chatapp.storage.commands.data_folder import watched
from chatapp.storage.disk import Disk
from chatapp.storage.errors import OtherVersion, StorageError
from chatapp.storage.format import Tip
from chatapp.storage.journals import index_of, journals_of
from chatapp.storage.verify import Verified
from chatapp.storage.verify import verify as verify_log


@click.command()
@with_data
@with_json
@one_clear_line
def verify(data: Path, as_json: bool) -> None:
    """Check every line: checksums, chain, numbers, manifest, index.

    Names the first bad line, and then ends with exit code 1. A server may be running.
    """
    found = {}
    for name in journals_of(Disk(), data):
        with watched(f"Checking {name}", data / name) as progress:
            index = index_of(data, name)
            try:
                found[name] = verify_log(data / name, index=index, progress=progress)
            except OtherVersion:
                raise
            except StorageError as error:
                found[name] = Verified(records=0, bytes=0, tip=Tip(), problems=[str(error)])
    problems = [problem for verified in found.values() for problem in verified.problems]
    tell(as_json, {"ok": not problems, **found}, "\n".join(problems) or _sound(found))
    if problems:
        sys.exit(1)


def _sound(found: dict[str, Verified]) -> str:
    counts = ", ".join(f"{name}/ {one.records:,} records" for name, one in found.items())
    end = f", up to {found['messages'].tip.hash[:16]}…" if "messages" in found else ""
    return f"All is as it was written: {counts}{end}"
