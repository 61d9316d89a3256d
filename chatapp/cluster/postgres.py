"""Connections to PostgreSQL, and the schema of a chat.

Everything is in the schema `chatapp` of one database, so that the chat can share it with others.
"""

import math
from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg import Connection

from chatapp.cluster.errors import ClusterError

SCHEMA = 3
"""The version of the tables below. A process refuses tables of another version."""
OLDEST_SERVER = 140000
"""PostgreSQL 14, as `server_version_num` has it: the oldest that its makers still mend."""
CONNECT_SECONDS = 5
SILENT_SECONDS = 5
"""A server whose network does not answer for so long is taken for lost."""
PROBE_SECONDS = 1
ANSWER_SECONDS = 15.0
"""So is one whose network answers and which does not, because it hangs. Longer than a lock is kept,
which is `STOPPED_SECONDS`."""
STOPPED_SECONDS = 10
"""A process that does not go on for so long loses its turn, so that the others can."""
LOCK = 0x63686174
"""The advisory lock of whoever creates the tables."""

_TABLES = """
CREATE SCHEMA IF NOT EXISTS chatapp;
CREATE TABLE IF NOT EXISTS chatapp.meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE IF NOT EXISTS chatapp.stream (
    name text PRIMARY KEY, n bigint NOT NULL, beginning text, erasures bigint NOT NULL DEFAULT 0,
    rules bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS chatapp.erasure (
    stream text NOT NULL, number bigint NOT NULL, erasure text NOT NULL,
    is_done boolean NOT NULL DEFAULT false, PRIMARY KEY (stream, number)
);
CREATE TABLE IF NOT EXISTS chatapp.batch (
    stream text NOT NULL, n bigint NOT NULL, lines text NOT NULL, PRIMARY KEY (stream, n)
);
CREATE UNLOGGED TABLE IF NOT EXISTS chatapp.node (
    id text PRIMARY KEY, address text NOT NULL, seen timestamptz NOT NULL, status text
);
CREATE UNLOGGED TABLE IF NOT EXISTS chatapp.short_lived (
    "table" text, key text, value text, version bigint NOT NULL UNIQUE, PRIMARY KEY ("table", key)
);
CREATE SEQUENCE IF NOT EXISTS chatapp.short_lived_version;
DO $$ BEGIN
    IF to_regclass('chatapp.blob') IS NULL THEN
        CREATE TABLE chatapp.blob (
            name text COLLATE "C", row integer, bytes bytea NOT NULL, PRIMARY KEY (name, row)
        );
        ALTER TABLE chatapp.blob ALTER bytes SET STORAGE EXTERNAL;
    END IF;
END $$;
"""
_NOT_COMPRESSED = "ALTER TABLE chatapp.batch ALTER lines SET STORAGE EXTERNAL"
"""Done once: it waits for all turns, and all turns wait for it."""

R = TypeVar("R")


class PostgresConnection(Connection[tuple[Any, ...]]):
    """It is closed if an answer takes longer than `answer_seconds`."""

    answer_seconds = math.inf

    def wait(self, gen: Generator[Any, Any, R], *args: Any, **options: Any) -> R:
        """psycopg waits for every answer here."""
        return super().wait(self._within(gen, self.answer_seconds), *args, **options)

    def _within(self, gen: Generator[Any, Any, R], seconds: float) -> Generator[Any, Any, R]:
        """The waiting `gen`, to which psycopg sends 0 now and then while nothing comes."""
        ends_at = monotonic() + seconds
        try:
            awaited = next(gen)
            while True:
                come = yield awaited
                if not come and monotonic() > ends_at:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {seconds:g} s")
                awaited = gen.send(come)
        except StopIteration as end:
            answer: R = end.value
            return answer


def connect(url: str, *, answer_seconds: float = math.inf) -> PostgresConnection:
    """A connection that commits each statement, to a server that a chat can trust.

    Who has something else to do meanwhile limits the time for an answer. Raises ClusterError, and
    psycopg.OperationalError if the server does not answer.
    """
    try:
        connection = PostgresConnection.connect(
            url,
            autocommit=True,
            application_name="chatapp",
            connect_timeout=CONNECT_SECONDS,
            tcp_user_timeout=SILENT_SECONDS * 1000,
            keepalives_idle=SILENT_SECONDS,
            keepalives_interval=PROBE_SECONDS,
        )
    except psycopg.ProgrammingError as error:
        why = one_line(error).replace(url, "…")  # It may have a password.
        raise ClusterError(f"The PostgreSQL URL is wrong: {why}.") from error
    connection.answer_seconds = answer_seconds
    try:
        _require_trustworthy(connection)
        connection.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', %s, false)",
            [f"{STOPPED_SECONDS}s"],
        )
    except BaseException:
        connection.close()
        raise
    return connection


def create_tables(connection: Connection[Any]) -> None:
    """The tables, where there are none yet. Raises ClusterError if they are of another version."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        connection.execute(_TABLES)
        version = shared_value(connection, "schema")
        if version is None:
            connection.execute(_NOT_COMPRESSED)
            connection.execute("INSERT INTO chatapp.meta VALUES ('schema', %s)", [str(SCHEMA)])
        elif int(version) > SCHEMA:
            raise ClusterError(
                f"The database has tables of version {version}, and this chatapp knows version "
                f"{SCHEMA}: install a newer chatapp."
            )
        elif int(version) < SCHEMA:
            raise ClusterError(
                f"The database has tables of version {version}, from before the first release: "
                "move the chat to a folder with that version, and into an empty database."
            )


def shared_value(connection: Connection[Any], name: str) -> str | None:
    """What all processes know by this name."""
    query = "SELECT value FROM chatapp.meta WHERE name = %s"
    row = connection.execute(query, [name]).fetchone()
    return row[0] if row else None


def _require_trustworthy(connection: Connection[Any]) -> None:
    if connection.info.server_version < OLDEST_SERVER:
        raise ClusterError(
            f"PostgreSQL {connection.info.server_version // 10000} is too old: "
            "14 or newer is needed."
        )
    row = connection.execute("SHOW fsync").fetchone()
    if row is None or row[0] != "on":
        raise ClusterError(
            "PostgreSQL runs with fsync=off and can lose what it has committed: switch it on."
        )
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise ClusterError(f"The database has the encoding {encoding}; UTF8 is needed.")


def one_line(error: Exception) -> str:
    """The first line of a message of PostgreSQL, without its full stop."""
    return str(error).strip().splitlines()[0].rstrip(".")
