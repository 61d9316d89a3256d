"""Files of a chat of several processes are in the database: what is erased is gone for all."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.cli.main import main
from chatapp.cluster.postgres_blobs import PostgresBlobs
from tests.support.cluster import two_nodes
from tests.support.files import Sender
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture
def nodes(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(database, tmp_path_factory) as nodes:
        yield nodes


def test_an_erased_file_is_gone_for_all(
    nodes: tuple[Server, Server], database: str, tmp_path: Path
):
    here, there = nodes
    ana, boss = Sender(here, "Ana"), Visitor(there.url)
    wait_until(lambda: signed_in(boss), what="the admin at the other server")
    seqs, files = [], []
    for content in (b"to be erased", b"kept", b"erased by a command"):
        file = ana.send(content, "notes.txt")
        answer = call(ana.socket, "message", {"text": "", "files": [file["id"]]})
        seqs.append(answer["message"]["seq"])
        files.append(file)

    with closing(PostgresBlobs(database)) as blobs:

        def left() -> list[bool]:
            return [blobs.size(file["sha256"]) is not None for file in files]

        assert left() == [True, True, True]
        answer = boss.submit(
            "/admin/erasures/message", room="general", seq=seqs[0], reason="by request"
        )
        assert answer.status_code == 303
        wait_until(lambda: left() == [False, True, True], what="the bytes to go")

        erase = ["log", "erase", "--room", "general", "--seq", str(seqs[2]), "--yes"]
        run(*erase, data=tmp_path / "another", database=database)
        assert left() == [False, True, False]

    assert ana.get(f"/files/{files[1]['id']}/x").content == b"kept"
    checked = json.loads(
        run("log", "verify", "--files", "--json", data=tmp_path / "another", database=database)
    )
    assert (checked["ok"], checked["files"]["files"]) == (True, 1)
    run("backup", str(tmp_path / "copy"), data=tmp_path / "another", database=database)
    restored = tmp_path / "restored"
    run("restore", str(tmp_path / "copy"), data=restored)
    checked = json.loads(run("log", "verify", "--files", "--json", data=restored))
    assert checked["files"]["bytes"] == len(b"kept")
    ana.close()
    boss.close()


def signed_in(boss: Visitor) -> bool:
    try:
        boss.sign_in()
    except AssertionError:
        return False
    return True


def run(*words: str, data: Path, database: str | None = None) -> str:
    where = ["--data", str(data), *(["--postgres", database] if database and words[1:] else [])]
    result = CliRunner().invoke(main, [*words, *where])
    assert result.exit_code == 0, result.output
    return result.stdout
