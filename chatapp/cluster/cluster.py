"""The processes of one chat, as one of them sees them: what they share is in PostgreSQL.

`chatapp.meta` has one value for all of them by name. The first process that asks for a value makes
it; the others read what it made.
"""

import secrets
import time
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from chatapp.cluster.broker import Deliver
from chatapp.cluster.erasures import begun_with
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.lines import begin_at, beginning_of
from chatapp.cluster.listener import Listener
from chatapp.cluster.nodes import Nodes
from chatapp.cluster.postgres import connect, create_tables, one_line, shared_value
from chatapp.cluster.postgres_broker import PostgresBroker
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.cluster.replaced import check_timeline, reconcile, seconds_to_wait
from chatapp.cluster.shared_short_lived import SharedShortLivedTables
from chatapp.log.format import ChainHead
from chatapp.log.manifest import Beginning
from chatapp.log.progress import Progress, unwatched
from chatapp.log.stream import Share
from chatapp.ports import Broker
from chatapp.tables.short_lived import MAX_ROWS

NODE_BYTES = 4
KEY_BYTES = 32
EPOCH_BYTES = 8
MOVING = "moving"
"""The value of `chatapp.meta` while a chat is moved into the database: its epoch."""


class Cluster:
    """`node` names this process among the others until it ends. `id` names the chat, for ever."""

    def __init__(
        self,
        url: str,
        *,
        id: str,
        secret_key: str,
        epoch: str,
        beginnings: Mapping[str, Beginning],
    ) -> None:
        self.url = url
        self.node = secrets.token_hex(NODE_BYTES)
        self.id = id
        self.secret_key = secret_key
        self.epoch = epoch
        self._beginnings = beginnings
        self._listener = Listener(url)

    @classmethod
    def open(cls, url: str, *, secret_key: str | None = None) -> "Cluster":
        """The cluster of the database at `url`, made where there is none.

        `secret_key` is this process's own instead of the shared one. Raises ClusterError.
        """
        try:
            with connect(url) as connection:
                create_tables(connection)
                _require_whole(connection)
                check_timeline(connection)
                return cls(
                    url,
                    id=_shared(connection, "cluster_id", secrets.token_hex(EPOCH_BYTES)),
                    secret_key=secret_key
                    or _shared(connection, "secret_key", secrets.token_hex(KEY_BYTES)),
                    epoch=_shared(connection, "epoch", secrets.token_hex(EPOCH_BYTES)),
                    beginnings=_beginnings(connection),
                )
        except psycopg.Error as error:
            raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error

    def broker(self, redis: str | None, deliver: Deliver) -> Broker:
        """The way to the other processes, through the Redis at a URL, or else PostgreSQL.

        Raises ClusterError.
        """
        if redis is None:
            return PostgresBroker(self.url, deliver)
        try:
            module = import_module("chatapp.cluster.redis_broker")
        except ImportError as error:
            raise ClusterError(
                "Redis needs the package redis: pip install 'chatapp[cluster]'"
            ) from error
        broker: Broker = module.RedisBroker(redis, f"chatapp {self.id}", deliver)
        return broker

    def reconcile(self, data: Path) -> None:
        """Make the copy in a data folder fit to the database, before its journals are opened.
        Raises ClusterError."""
        try:
            with connect(self.url) as connection:
                reconcile(connection, data)
                time.sleep(seconds_to_wait(connection))
                self.epoch = _shared(connection, "epoch", self.epoch)
                self._beginnings = _beginnings(connection)
        except psycopg.Error as error:
            raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error

    def begin_at(self, name: str, anchor: ChainHead, heads: dict[str, int]) -> None:
        """Let the journal `name` begin after this line. Raises ClusterError."""
        try:
            with connect(self.url) as connection:
                begin_at(connection, name, anchor, heads)
                connection.execute("VACUUM chatapp.batch")
        except psycopg.Error as error:
            raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error

    def share(self, name: str, progress: Progress = unwatched) -> Share:
        """How the journal `name` is shared. `progress` counts the bytes that are copied."""
        return partial(
            PostgresStream,
            self.url,
            name,
            epoch=self.epoch,
            listener=self._listener,
            progress=progress,
        )

    def short_lived(
        self, broker: Broker, deliver: Deliver, max_rows: int = MAX_ROWS
    ) -> SharedShortLivedTables:
        """Tables of what may be lost. Raises ClusterError."""
        try:
            return SharedShortLivedTables(self.url, broker, deliver, max_rows)
        except psycopg.Error as error:
            raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error

    def nodes(self, deliver: Deliver) -> Nodes:
        """The processes that run now."""
        return Nodes(self.url, self.node, deliver, self.epoch)

    def beginning(self, name: str) -> Beginning:
        """Where each copy of the journal `name` begins."""
        begins = self._beginnings.get(name) or Beginning(epoch=self.epoch)
        return msgspec.structs.replace(begins, epoch=self.epoch)


def finish_move(connection: Connection[Any], *, epoch: str, secret_key: str) -> None:
    """Let servers open the database, as the chat that was moved into it."""
    shared = {
        "cluster_id": secrets.token_hex(EPOCH_BYTES),
        "epoch": epoch,
        "secret_key": secret_key,
    }
    with connection.transaction():
        connection.execute("DELETE FROM chatapp.meta WHERE name = %s", [MOVING])
        for name, value in shared.items():
            connection.execute("INSERT INTO chatapp.meta VALUES (%s, %s)", [name, value])


def _require_whole(connection: Connection[Any]) -> None:
    if shared_value(connection, MOVING):
        raise ClusterError(
            "A move of a chat into this database is not finished: run `chatapp move` again."
        )


def _beginnings(connection: Connection[Any]) -> dict[str, Beginning]:
    names = [name for (name,) in connection.execute("SELECT name FROM chatapp.stream").fetchall()]
    return {
        name: msgspec.structs.replace(
            beginning_of(connection, name), erasures=begun_with(connection, name)
        )
        for name in names
    }


def _shared(connection: Connection[Any], name: str, mine: str) -> str:
    """The value that all processes have, which is `mine` if there was none."""
    connection.execute(
        "INSERT INTO chatapp.meta VALUES (%s, %s) ON CONFLICT DO NOTHING", [name, mine]
    )
    return shared_value(connection, name) or mine
