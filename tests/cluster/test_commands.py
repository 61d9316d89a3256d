"""The command line on a data folder that is a copy of a database: it reads, and changes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cast import add_account
from tests.support.closing import SimpleClient
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.test_way_of_a_message import call

WRITING = [
    ("user", "add", "eva", "--password-stdin"),
    ("user", "role", "ana", "admin"),
    ("user", "remove", "ana", "--yes"),
    ("invite",),
    ("token", "create", "ana", "a script"),
    ("room", "set", "general", "--topic", "tea"),
    ("log", "erase", "--sender", "ana", "--yes"),
    ("log", "retain", "--older-than", "1", "--yes"),
    ("log", "import", "EXPORT"),
    ("log", "repair"),
    ("log", "migrate"),
    ("restore", "BACKUP"),
]
READING = [
    ("user", "list"),
    ("room", "list"),
    ("token", "list"),
    ("audit",),
    ("log", "verify"),
    ("log", "stats"),
    ("log", "export"),
    ("log", "reindex"),
    ("log", "erase", "--sender", "gus", "--dry-run"),
]


@pytest.fixture(scope="module")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that was stopped; it has an account and a message."""
    url = postgres.new_database("commands")
    server = Server(tmp_path_factory.mktemp("server"), {"CHATAPP_POSTGRES": url}).start()
    add_account(server, "ana")
    client = SimpleClient()
    client.connect(server.url, auth={"name": "gus"}, transports=["websocket"])
    assert call(client, "message", {"text": "hello"})["ok"]
    client.disconnect()
    server.stop()
    yield server
    server.close()


@pytest.fixture
def run(run_chatapp, server: Server, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs a command on the copy; its exit code, and what it said."""
    export, backup = tmp_path / "export.jsonl", tmp_path / "backup"

    def run(*args: str) -> tuple[int, str]:
        words = [{"EXPORT": str(export), "BACKUP": str(backup)}.get(word, word) for word in args]
        env = {"CHATAPP_DATA": str(server.data)}
        finished = run_chatapp(*words, env=env, input="a long password\n")
        return finished.returncode, finished.stdout + finished.stderr

    export.write_text('{"room":"general","sender":"eva","text":"hi","at":"2026-01-01T00:00:00Z"}\n')
    assert run("backup", "BACKUP")[0] == 0
    return run


def lines(server: Server) -> list[bytes]:
    return [journal_bytes(server.data, journal) for journal in JOURNALS]


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_what_would_change_a_copy_is_refused_in_one_line(run, server, command):
    before = lines(server)

    code, said = run(*command)

    assert code == 1, said
    [line] = said.splitlines()
    assert "is a copy of a database" in line
    assert ("--postgres URL or" in line) == (command[1:2] in [("erase",), ("retain",), ("import",)])
    assert lines(server) == before


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_what_reads_a_copy_works(run, server, command):
    before = lines(server)

    code, said = run(*command)

    assert (code, "Traceback" in said) == (0, False), said
    assert lines(server) == before


def test_a_copy_that_was_deleted_is_made_again(server, tmp_path):
    before = lines(server)
    server.data.rename(tmp_path / "deleted")

    server.start()
    call_works = SimpleClient()
    call_works.connect(server.url, auth={"name": "gus"}, transports=["websocket"])
    texts = [m["text"] for m in call(call_works, "history", {"room": "general"})["messages"]]
    call_works.disconnect()
    server.stop()

    assert texts == ["hello"]
    for old, new in zip(before, lines(server), strict=True):
        assert new.startswith(old)
