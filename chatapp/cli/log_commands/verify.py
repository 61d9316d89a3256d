"""`chatapp log verify`: checks the log's integrity."""

import sys
from pathlib import Path

import click

from chatapp.cli.log_commands.blob_store import opened_blobs, with_bucket
from chatapp.cli.log_commands.command import log_command, showing_progress, tell
from chatapp.cli.log_commands.shared_chat import with_postgres
from chatapp.cli.progress_bar import progress_bar
from chatapp.control.client import CommandRefused, NoServer, ask
from chatapp.log.disk import Disk
from chatapp.log.errors import OtherVersion, StorageError
from chatapp.log.format import ChainHead
from chatapp.store.data_folder import INDEXES, journals_of
from chatapp.upkeep.files.check import CheckedFiles, check_files
from chatapp.upkeep.files.references import references
from chatapp.upkeep.files.small_pictures import with_small_pictures
from chatapp.upkeep.verify import Verified, checkpoints_in
from chatapp.upkeep.verify import verify as verify_log


@click.command()
@click.option("--files", "with_files", is_flag=True, help="Check the bytes of all files too.")
@with_bucket
@with_postgres
@log_command
def verify(
    with_files: bool, bucket: str | None, postgres: str | None, data: Path, as_json: bool
) -> None:
    """Check every line (checksums, chain, numbers, manifest), all checkpoints, and the index.

    Reports the first bad line and exits with code 1. A server may be running; it then checks its
    own index. With --files, the bytes of each file must have the SHA-256 that the log proves.
    """
    found = {}
    for name in journals_of(Disk(), data):
        with showing_progress(f"Checking {name}", data / name) as progress:
            index = data / INDEXES[name] if name in INDEXES else None
            try:
                checkpoints = checkpoints_in(data) if name == "messages" else None
                found[name] = verify_log(
                    data / name, index=index, checkpoints=checkpoints, progress=progress
                )
            except OtherVersion:
                raise
            except StorageError as error:
                found[name] = Verified(records=0, bytes=0, tip=ChainHead(), problems=[str(error)])
    problems = [problem for verified in found.values() for problem in verified.problems]
    problems += _problems_of_open_indexes(data)
    files: dict[str, CheckedFiles] = {}
    of_files = [found[name] for name in ("messages", "directory") if name in found]
    if with_files and not any(each.problems for each in of_files):
        files["files"] = _check_files(data, bucket, postgres)
        problems += files["files"].problems
    told = "\n".join(problems) or _success(found, **files)
    tell(as_json, {"ok": not problems, **found, **files}, told)
    if problems:
        sys.exit(1)


def _check_files(data: Path, bucket: str | None, postgres: str | None) -> CheckedFiles:
    with showing_progress("Reading", data / "messages") as progress:
        known = with_small_pictures(references(data / "messages", progress), data / "directory")
    with (
        opened_blobs(data, bucket, postgres) as blobs,
        progress_bar("Checking files", sum(known.kept.values())) as progress,
    ):
        return check_files(blobs, known, progress)


def _problems_of_open_indexes(data: Path) -> list[str]:
    try:
        problems: list[str] = ask(data, "log.check_index", {})
    except NoServer:
        return []
    except CommandRefused as refused:
        return [str(refused)]
    return problems


def _success(found: dict[str, Verified], files: CheckedFiles | None = None) -> str:
    counts = ", ".join(f"{name}/ {one.records:,} records" for name, one in found.items())
    end = f", up to {found['messages'].tip.hash[:16]}…" if "messages" in found else ""
    if files is None:
        return f"No problems found: {counts}{end}"
    more = f", and {len(files.extra):,} that no message has" if files.extra else ""
    checked = f"{files.files:,} files of {files.bytes:,} bytes{more}"
    return f"No problems found: {counts}{end}\nFiles: no problems in {checked}"
