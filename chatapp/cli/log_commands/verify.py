"""`chatapp log verify`: checks the log's integrity."""

import sys
from pathlib import Path

import click

from chatapp.cli.log_commands.command import log_command, showing_progress, tell
from chatapp.control.client import CommandRefused, NoServer, ask
from chatapp.log.disk import Disk
from chatapp.log.errors import OtherVersion, StorageError
from chatapp.log.format import ChainHead
from chatapp.store.data_folder import INDEXES, journals_of
from chatapp.upkeep.verify import Verified
from chatapp.upkeep.verify import verify as verify_log


@click.command()
@log_command
def verify(data: Path, as_json: bool) -> None:
    """Check every line (checksums, chain, numbers, manifest) and the index.

    Reports the first bad line and exits with code 1. A server may be running; it then checks its
    own index.
    """
    found = {}
    for name in journals_of(Disk(), data):
        with showing_progress(f"Checking {name}", data / name) as progress:
            index = data / INDEXES[name] if name in INDEXES else None
            try:
                found[name] = verify_log(data / name, index=index, progress=progress)
            except OtherVersion:
                raise
            except StorageError as error:
                found[name] = Verified(records=0, bytes=0, tip=ChainHead(), problems=[str(error)])
    problems = [problem for verified in found.values() for problem in verified.problems]
    problems += _problems_of_open_indexes(data)
    tell(as_json, {"ok": not problems, **found}, "\n".join(problems) or _success(found))
    if problems:
        sys.exit(1)


def _problems_of_open_indexes(data: Path) -> list[str]:
    try:
        problems: list[str] = ask(data, "log.check_index", {})
    except NoServer:
        return []
    except CommandRefused as refused:
        return [str(refused)]
    return problems


def _success(found: dict[str, Verified]) -> str:
    counts = ", ".join(f"{name}/ {one.records:,} records" for name, one in found.items())
    end = f", up to {found['messages'].tip.hash[:16]}…" if "messages" in found else ""
    return f"No problems found: {counts}{end}"
