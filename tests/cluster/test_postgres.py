"""Which servers and databases are refused, each with one line that says why."""

import psycopg
import pytest

from chatapp.cluster.postgres import ClusterError, connect, create_tables
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.log.format import ChainHead
from chatapp.log.stream import StreamLost
from tests.support.ports import free_port
from tests.support.postgres import Postgres


def test_a_server_that_may_lose_what_it_committed_is_refused():
    postgres = Postgres(fsync="off").start()
    try:
        with pytest.raises(ClusterError, match="fsync=off"):
            connect(postgres.url)
    finally:
        postgres.close()


def test_tables_of_another_version_are_refused(database):
    with connect(database) as connection:
        create_tables(connection)
        create_tables(connection)
        for version in ("99", "1"):
            query = "UPDATE chatapp.meta SET value = %s WHERE name = 'schema'"
            connection.execute(query, [version])

            with pytest.raises(ClusterError, match=f"tables of version {version},"):
                create_tables(connection)


@pytest.mark.parametrize("url", ["nonsense", "postgresql://[::1", "postgresql://u@h/db?what=1"])
def test_a_wrong_url_is_one_line(url):
    with pytest.raises(ClusterError, match=r"^The PostgreSQL URL is wrong: [^\n]*$"):
        connect(url)


def test_a_server_that_is_not_there_is_said():
    with pytest.raises(StreamLost):
        PostgresStream(f"postgresql://postgres@127.0.0.1:{free_port()}/x", "messages", ChainHead())


def test_a_database_that_is_not_there_is_said(database):
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(database + "_not")


@pytest.mark.timeout(120)
def test_a_connection_that_does_not_answer_in_time_is_closed(database):
    with connect(database, answer_seconds=1.0) as connection:
        with pytest.raises(psycopg.OperationalError, match="no answer within 1 s"):
            connection.execute("SELECT pg_sleep(3600)")

        assert connection.closed
