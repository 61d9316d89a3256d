"""`chatapp move`: takes a chat from a data folder into PostgreSQL, or back.

Both have the same lines (log/shared_journal.py), so a move copies them as they are, and compares
every byte afterwards. Where a move was interrupted, the next one goes on. The source is not
changed. `chatapp.meta` says `moving` until the database has everything; no server starts before.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import BlobsUnavailable
from chatapp.cluster.cluster import MOVING, Cluster, finish_move
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.lines import copy_lines, has_line, lines_after
from chatapp.cluster.postgres import connect, create_tables, one_line
from chatapp.cluster.postgres_blobs import PostgresBlobs
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.format import ChainHead
from chatapp.log.manifest import Beginning, Manifest
from chatapp.log.progress import Progress, unwatched
from chatapp.ports import Blobs
from chatapp.store.data_folder import FILES, JOURNALS, DataFolder, journals_of
from chatapp.store.message_log import MessageLog
from chatapp.tables.shared_directory import SharedDirectory
from chatapp.upkeep.erase import erase_decided
from chatapp.upkeep.files.copies import CopiedFiles, move_files
from chatapp.upkeep.verify import verify

LINES_AT_ONCE = 5_000
LOCK = 0x6D6F7665
"""The advisory lock of whoever moves a chat."""

BYTES = "SELECT coalesce(sum(octet_length(lines)), 0) FROM chatapp.batch WHERE stream = ANY(%s)"
SERVERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'chatapp' AND pid <> pg_backend_pid()"
)


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The number of lines of each journal, and the hash of the last message's line. `files` are
    those that moved too; None: they are in a bucket, and stay there."""

    messages: int = 0
    directory: int = 0
    audit: int = 0
    hash: str = ""
    files: CopiedFiles | None = None


def move_in(
    data: DataFolder, url: str, progress: Progress = unwatched, *, has_bucket: bool = False
) -> Moved:
    """Copies an opened data folder into the database at `url`, and compares all lines and files.

    `progress` counts each byte of a line twice. With `has_bucket`, the files are in a bucket, and
    stay there. Raises ClusterError and StorageError.
    """
    names = journals_of(Disk(), data.path)
    with _alone(url) as connection:
        create_tables(connection)
        epoch = manifest_of(Disk(), data.messages).epoch
        _claim(connection, epoch)
        for name in names:
            _send(connection, data.path / name, progress)
        tips = {name: _compare(connection, data.path / name, progress) for name in names}
        files = None if has_bucket else _move_files(url, data.path, into_database=True)
        finish_move(connection, epoch=epoch, secret_key=data.secret_key)
    return _moved(tips, files)


def move_out(
    url: str, path: Path, progress: Progress = unwatched, *, has_bucket: bool = False
) -> Moved:
    """Copies the chat of a database to a data folder, which then is a chat of its own.

    `progress` counts each byte of a line twice. With `has_bucket`, the files are in a bucket, and
    stay there. Raises ClusterError and StorageError.
    """
    with _alone(url) as connection:
        _require_chat(connection)
        cluster = Cluster.open(url)
        with closing(DataFolder.open(path, database=cluster.id)) as data:
            _receive(cluster, data, progress)
            tips = {name: _verified(connection, path / name, progress) for name in JOURNALS}
            files = None if has_bucket else _move_files(url, path, into_database=False)
            data.become_independent(cluster.secret_key)
    return _moved(tips, files)


def _move_files(url: str, data: Path, *, into_database: bool) -> CopiedFiles:
    folder = FolderBlobs(data / FILES)
    try:
        with closing(PostgresBlobs(url)) as database:
            source: Blobs = folder if into_database else database
            target: Blobs = database if into_database else folder
            return move_files(source, target, scratch=data)
    except BlobsUnavailable as error:
        raise StorageError(str(error)) from error


def bytes_to_move(url: str) -> int:
    """The size of a chat in a database. Raises ClusterError."""
    with _connected(url) as connection:
        _require_chat(connection)
        row = connection.execute(BYTES, [list(JOURNALS)]).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def _connected(url: str) -> Iterator[Connection[Any]]:
    try:
        with connect(url) as connection:
            yield connection
    except psycopg.Error as error:
        raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error


@contextmanager
def _alone(url: str) -> Iterator[Connection[Any]]:
    """A connection while no server uses the database, and nobody else moves."""
    with _connected(url) as connection:
        [(is_first,)] = connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchall()
        if not is_first:
            raise ClusterError("Another `chatapp move` is using this database.")
        [(servers,)] = connection.execute(SERVERS).fetchall()
        if servers:
            raise ClusterError("Servers are using this database: stop all of them first.")
        yield connection


def _claim(connection: Connection[Any], epoch: str) -> None:
    """The database is empty, or has a part of the same chat."""
    rows = connection.execute("SELECT name, value FROM chatapp.meta").fetchall()
    values = dict(rows)
    if values.get(MOVING, epoch) != epoch:
        raise ClusterError(
            "The move of another chat into this database is not finished. Use an empty database."
        )
    if MOVING not in values and "cluster_id" in values:
        raise ClusterError("The database has a chat already. Use an empty database.")
    connection.execute(
        "INSERT INTO chatapp.meta VALUES (%s, %s) ON CONFLICT DO NOTHING", [MOVING, epoch]
    )


def _require_chat(connection: Connection[Any]) -> None:
    [(meta,)] = connection.execute("SELECT to_regclass('chatapp.meta')::text").fetchall()
    query = "SELECT 1 FROM chatapp.meta WHERE name = 'cluster_id'"
    if meta is None or connection.execute(query).fetchone() is None:
        raise ClusterError("The database has no chat.")


# Into the database


def _send(connection: Connection[Any], folder: Path, progress: Progress) -> None:
    manifest = manifest_of(Disk(), folder)
    sent = _head(connection, folder.name, manifest)
    for lines in _portions(folder, manifest):
        tip = format.head_at(lines[-1])
        progress(sum(map(len, lines)))
        if tip.n <= sent:
            continue
        with connection.transaction():
            copy_lines(connection, folder.name, sent, lines[sent - tip.n :])
        sent = tip.n


def _head(connection: Connection[Any], name: str, manifest: Manifest) -> int:
    """The number of the last line that the database has."""
    beginning = Beginning(epoch=manifest.epoch, anchor=manifest.anchor, heads=manifest.heads)
    connection.execute(
        "INSERT INTO chatapp.stream VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [name, manifest.anchor.n, msgspec.json.encode(beginning).decode()],
    )
    query = "SELECT n FROM chatapp.stream WHERE name = %s"
    [(n,)] = connection.execute(query, [name]).fetchall()
    return int(n)


def _portions(folder: Path, manifest: Manifest) -> Iterator[list[bytes]]:
    """The lines of whole batches, some thousands at once."""
    lines: list[bytes] = []
    for batch in whole_batches(Disk(), folder, manifest):
        lines += [line.bytes for line in batch]
        if len(lines) >= LINES_AT_ONCE:
            yield lines
            lines = []
    if lines:
        yield lines


def _compare(connection: Connection[Any], folder: Path, progress: Progress) -> ChainHead:
    """Reads all lines back. Raises ClusterError at one that differs."""
    manifest = manifest_of(Disk(), folder)
    tip = manifest.anchor
    for lines in _portions(folder, manifest):
        if lines_after(connection, folder.name, tip.n, len(lines)) != lines:
            raise ClusterError(
                f"{folder.name}/ in the database differs after record {tip.n}: empty the database "
                "(DROP SCHEMA chatapp CASCADE) and move again."
            )
        tip = format.head_at(lines[-1])
        progress(sum(map(len, lines)))
    _require_end(connection, folder.name, tip)
    return tip


def _require_end(connection: Connection[Any], name: str, tip: ChainHead) -> None:
    query = "SELECT n FROM chatapp.stream WHERE name = %s"
    [(n,)] = connection.execute(query, [name]).fetchall()
    if n != tip.n or not has_line(connection, name, tip):
        raise ClusterError(f"{name}/ does not end with the same record in folder and database.")


# Out of the database


def _receive(cluster: Cluster, data: DataFolder, progress: Progress) -> None:
    """A copy as every server of the chat has one; what is there already is not copied again."""

    def copied(name: str, index: Path) -> AbstractContextManager[MessageLog]:
        share, beginning = cluster.share(name, progress), cluster.beginning(name)
        return closing(
            MessageLog.open(data.path / name, index=index, share=share, beginning=beginning)
        )

    share, beginning = cluster.share("directory", progress), cluster.beginning("directory")
    with (
        copied("messages", data.index) as messages,
        copied("audit", data.audit_index),
        closing(SharedDirectory.open_shared(data.directory, share, beginning=beginning)),
    ):
        erase_decided(messages)


def _verified(connection: Connection[Any], folder: Path, progress: Progress) -> ChainHead:
    """The end of a copied journal, of which each line was checked."""
    found = verify(folder, progress=progress, processes=1)
    if found.problems:
        raise StorageError(f"The copy is damaged: {found.problems[0]}. Move to another folder.")
    _require_end(connection, folder.name, found.tip)
    return found.tip


def _moved(tips: dict[str, ChainHead], files: CopiedFiles | None) -> Moved:
    counts = {name: tip.n for name, tip in tips.items()}
    return Moved(**counts, hash=tips["messages"].hash, files=files)
