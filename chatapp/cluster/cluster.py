"""The processes of one chat, as one of them sees them: what they share is in PostgreSQL.

`chatapp.meta` has one value for all of them by name. The first process that asks for a value makes
it; the others read what it made.
"""

import secrets
from functools import partial
from typing import Any

import psycopg
from psycopg import Connection

from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import connect, create_tables, one_line
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.log.shared_journal import Share

NODE_BYTES = 4
KEY_BYTES = 32
EPOCH_BYTES = 8


class Cluster:
    """`node` names this process among the others until it ends. `id` names the chat, for ever."""

    def __init__(self, url: str, *, id: str, secret_key: str, epoch: str) -> None:
        self.url = url
        self.node = secrets.token_hex(NODE_BYTES)
        self.id = id
        self.secret_key = secret_key
        self.epoch = epoch

    @classmethod
    def open(cls, url: str, *, secret_key: str | None = None) -> "Cluster":
        """The cluster of the database at `url`, made where there is none.

        `secret_key` is this process's own instead of the shared one. Raises ClusterError.
        """
        try:
            with connect(url) as connection:
                create_tables(connection)
                return cls(
                    url,
                    id=_shared(connection, "cluster_id", secrets.token_hex(EPOCH_BYTES)),
                    secret_key=secret_key
                    or _shared(connection, "secret_key", secrets.token_hex(KEY_BYTES)),
                    epoch=_shared(connection, "epoch", secrets.token_hex(EPOCH_BYTES)),
                )
        except psycopg.Error as error:
            raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error

    def share(self, name: str) -> Share:
        """How the journal `name` is shared."""
        return partial(PostgresStream, self.url, name)


def _shared(connection: Connection[Any], name: str, mine: str) -> str:
    """The value that all processes have, which is `mine` if there was none."""
    connection.execute(
        "INSERT INTO chatapp.meta VALUES (%s, %s) ON CONFLICT DO NOTHING", [name, mine]
    )
    row = connection.execute("SELECT value FROM chatapp.meta WHERE name = %s", [name]).fetchone()
    assert row is not None  # noqa: S101 - it is there, or has just been inserted
    value: str = row[0]
    return value
