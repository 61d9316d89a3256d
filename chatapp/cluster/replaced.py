"""What becomes of a copy whose database has gone back: after a failover to a standby that was
behind, or after a restore.

All that people have seen is in the copy of some process. So where the database only lacks lines
which a copy has, the copy gives them back. Where the database went on in another way meanwhile,
the copy is set aside and made anew. In both cases clients must not count on numbers any more, which
may have been given twice: the epoch changes, and they read everything anew.

The timeline of PostgreSQL changes with each promotion of a standby, so a new one is noticed even
where nobody has more lines than the database.
"""

import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from psycopg import Connection

from chatapp.cluster.erasures import fit_erasures
from chatapp.cluster.lines import LOCK_STREAM, begin_at, beginning_of, copy_lines, has_line
from chatapp.cluster.postgres import shared_value
from chatapp.log.batches import starts
from chatapp.log.disk import Disk, remove_folder
from chatapp.log.format import ChainHead
from chatapp.log.manifest import Manifest, load_manifest, segment_files, segment_path
from chatapp.log.recovery import BatchReader
from chatapp.store.data_folder import INDEXES, JOURNALS

logger = logging.getLogger(__name__)

EPOCH_BYTES = 8
GRACE_SECONDS = 3.0
"""How long after a failover nobody appends, so that all copies can give back what they have."""

_TIMELINE = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
_SET = (
    "INSERT INTO chatapp.meta VALUES (%s, %s)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_SINCE = (
    "SELECT extract(epoch FROM clock_timestamp() - value::timestamptz)::float8"
    " FROM chatapp.meta WHERE name = 'replaced_at'"
)


def check_timeline(connection: Connection[Any]) -> None:
    """Begin a new epoch if a standby was promoted since somebody last looked."""
    with connection.transaction():
        connection.execute("LOCK TABLE chatapp.meta IN SHARE ROW EXCLUSIVE MODE")
        [(timeline,)] = connection.execute(_TIMELINE).fetchall()
        known = shared_value(connection, "timeline")
        connection.execute(_SET, ["timeline", timeline])
        if known and known != timeline:
            logger.warning(
                "PostgreSQL was replaced by a standby (timeline %s, before %s): clients read "
                "everything anew.",
                timeline,
                known,
            )
            _begin_epoch(connection)


def seconds_to_wait(connection: Connection[Any]) -> float:
    """Until all copies have had the time to give back their lines; 0 if nothing was replaced."""
    row = connection.execute(_SINCE).fetchone()
    return max(0.0, GRACE_SECONDS - row[0]) if row else 0.0


def reconcile(connection: Connection[Any], data: Path) -> None:
    """Make a copy in a data folder fit to its database, before its journals are opened.

    What cannot fit is set aside in `rescued/`, and copied anew when the journals are opened.
    """
    disk = Disk()
    copies = [data / name for name in JOURNALS if disk.exists(data / name)]
    if all(_fits(connection, disk, folder) for folder in copies):
        for folder in copies:
            _begin_alike(connection, disk, folder)
        return
    aside = _set_aside(disk, data)
    logger.warning(
        "The database went on in another way than the copy in %s. That is in %s now, and the data "
        "is copied anew; clients read everything anew.",
        data,
        aside,
    )
    with connection.transaction():
        _begin_epoch(connection)


def _fits(connection: Connection[Any], disk: Disk, folder: Path) -> bool:
    """Whether a copy is the beginning of its stream, or has become so by giving back its lines."""
    manifest = load_manifest(disk, folder)
    if manifest is None:
        return True
    with connection.transaction():
        row = connection.execute(LOCK_STREAM, [folder.name]).fetchone()
        n = row[0] if row else 0
        common, tip, lines = _split(disk, folder, manifest, n)
        if tip.n < beginning_of(connection, folder.name).anchor.n:
            return True  # It is made anew.
        if (lines and common.n != n) or not (
            common == ChainHead() or has_line(connection, folder.name, common)
        ):
            return False
        if not fit_erasures(connection, folder.name, manifest.erasures):
            return False
        if not lines:
            return True
        copy_lines(connection, folder.name, n, lines)
    logger.warning("%s/: gave %d lines back to the database", folder.name, len(lines))
    return True


def _begin_alike(connection: Connection[Any], disk: Disk, folder: Path) -> None:
    """A copy that begins before its stream is removed, so that it is made anew. What a database has
    that was restored, though it was removed before, is removed again."""
    manifest = load_manifest(disk, folder)
    begins = beginning_of(connection, folder.name)
    if manifest is None or manifest.anchor == begins.anchor:
        return
    if manifest.anchor.n > begins.anchor.n:
        begin_at(connection, folder.name, manifest.anchor, manifest.heads)
        return
    old = folder.with_name(f"{folder.name}.old")
    disk.rename(folder, old)
    remove_folder(disk, old)
    for name in _index_files(folder.parent, folder.name):
        disk.unlink(folder.parent / name)
    logger.info("%s/ begins after record %d now, and is copied anew", folder.name, begins.anchor.n)


def _split(
    disk: Disk, folder: Path, manifest: Manifest, n: int
) -> tuple[ChainHead, ChainHead, list[bytes]]:
    """The end of the batches up to line `n`, the end of the copy, and the lines between them."""
    common = tip = manifest.anchor
    lines: list[bytes] = []
    for reader in _readers(disk, folder, manifest, n):
        if reader.tip.n <= n:
            common = reader.tip
        for batch in reader.beside_a_writer():
            if batch[-1].n <= n:
                common = reader.tip
            else:
                lines += [line.bytes for line in batch]
        tip = reader.tip
    return common, tip, lines


def _readers(disk: Disk, folder: Path, manifest: Manifest, n: int) -> Iterator[BatchReader]:
    """Of the segments that end behind line `n`."""
    firsts = segment_files(disk, folder)
    begins = starts(disk, folder, manifest.anchor, firsts)
    for (first, following), begin in zip(pairwise([*firsts, None]), begins, strict=True):
        if first is not None and (following is None or following > n + 1):
            yield BatchReader(disk, segment_path(folder, first), first, begin)


def _set_aside(disk: Disk, data: Path) -> Path:
    aside = data / "rescued" / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    aside.mkdir(parents=True)
    indexes = [name for journal in INDEXES for name in _index_files(data, journal)]
    for name in (*JOURNALS, *indexes):
        if disk.exists(data / name):
            disk.rename(data / name, aside / name)
    return aside


def _index_files(data: Path, journal: str) -> list[str]:
    index = INDEXES.get(journal)
    return [path.name for path in data.glob(f"{index}*")] if index else []


def _begin_epoch(connection: Connection[Any]) -> None:
    connection.execute(_SET, ["epoch", secrets.token_hex(EPOCH_BYTES)])
    connection.execute(
        "INSERT INTO chatapp.meta VALUES ('replaced_at', clock_timestamp()::text)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
