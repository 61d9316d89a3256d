"""What a server says that cannot be part of a cluster: one line, and exit code 2."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.server import environment

NO_DRIVER = """
import sys
sys.modules["psycopg"] = None
from chatapp.cli.main import main
main()
"""


@pytest.fixture
def refusal(run_chatapp, tmp_path):
    """The one line of a server that does not start; `data` is its folder."""

    def refusal(data: Path = tmp_path / "data", **settings: str) -> str:
        finished = run_chatapp("serve", "--port", "0", "--data", data, env=settings)
        return only_line(finished)

    return refusal


def only_line(finished: "subprocess.CompletedProcess[str]") -> str:
    assert (finished.returncode, finished.stdout) == (2, ""), finished.stderr
    [line] = finished.stderr.splitlines()
    return line


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/chat"])
def test_what_is_no_url_of_postgres(refusal, url):
    assert "CHATAPP_POSTGRES must be a URL" in refusal(CHATAPP_POSTGRES=url)


@pytest.mark.parametrize("url", ["postgresql://[::1", "postgresql://u@h/db?what=1"])
def test_a_wrong_url(refusal, url):
    assert "The PostgreSQL URL is wrong" in refusal(CHATAPP_POSTGRES=url)


def test_a_wrong_url_is_not_repeated_with_its_password(refusal):
    line = refusal(CHATAPP_POSTGRES="postgresql://ana:secret@[::1")

    assert "The PostgreSQL URL is wrong" in line
    assert "secret" not in line


def test_a_database_that_does_not_answer(refusal):
    url = f"postgresql://postgres@127.0.0.1:{free_port()}/chat"

    line = refusal(CHATAPP_POSTGRES=url)

    assert "PostgreSQL cannot be used" in line
    assert "refused" in line


def test_a_database_that_is_not_there(refusal, database):
    assert "does not exist" in refusal(CHATAPP_POSTGRES=database + "_not")


def test_a_server_that_may_lose_what_it_committed(refusal):
    postgres = Postgres(fsync="off").start()
    try:
        assert "fsync=off" in refusal(CHATAPP_POSTGRES=postgres.url)
    finally:
        postgres.close()


def test_a_database_without_unicode(refusal, postgres):
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")

    assert "encoding LATIN1" in refusal(CHATAPP_POSTGRES=postgres.url_of("latin"))


def test_tables_of_a_newer_chatapp(refusal, start_cluster, database):
    start_cluster(1)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE chatapp.meta SET value = '99' WHERE name = 'schema'")

    assert "version 99" in refusal(CHATAPP_POSTGRES=database)


def test_a_data_folder_with_a_history_of_its_own(refusal, new_server, database):
    alone = new_server().start()
    alone.stop()
    before = {file: file.read_bytes() for file in alone.data.rglob("*") if file.is_file()}

    line = refusal(alone.data, CHATAPP_POSTGRES=database)

    assert "another history" in line
    after = {file: file.read_bytes() for file in alone.data.rglob("*") if file.is_file()}
    after[alone.data / "lock"] = before[alone.data / "lock"]
    assert after == before


def test_a_data_folder_of_another_database(refusal, start_cluster, postgres):
    [node] = start_cluster(1)
    node.stop()

    line = refusal(node.data, CHATAPP_POSTGRES=postgres.new_database("another"))

    assert "another history" in line


def test_a_copy_is_not_served_without_its_database(refusal, start_cluster):
    [node] = start_cluster(1)
    node.stop()

    assert "--postgres" in refusal(node.data)


def test_redis_alone(refusal):
    assert "CHATAPP_REDIS needs CHATAPP_POSTGRES" in refusal(CHATAPP_REDIS="redis://localhost")


def test_an_internal_address_without_a_port(refusal):
    assert "CHATAPP_INTERNAL" in refusal(CHATAPP_INTERNAL="localhost")


def test_no_driver(database, tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", NO_DRIVER, "serve", "--data", str(tmp_path / "data")],
        env=environment({"CHATAPP_POSTGRES": database}),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert "pip install 'chatapp[cluster]'" in only_line(finished)


def test_a_server_that_is_alone_needs_no_driver(tmp_path):
    program = "import sys, chatapp.app.serve; print([m for m in sys.modules if 'psycopg' in m])"

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )

    assert finished.stdout.strip() == "[]"
