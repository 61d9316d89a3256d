"""`chatapp move`: from a data folder to PostgreSQL and back, with every byte."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.blobs.folder import FolderBlobs
from chatapp.cluster.cluster import Cluster
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres_blobs import PostgresBlobs
from chatapp.domain.model import Draft
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep import move
from chatapp.upkeep.files.copies import CopiedFiles
from chatapp.upkeep.retain import retain
from chatapp.upkeep.verify import verify
from tests.support.cast import new_token, with_token
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.logged_files import a_file
from tests.support.server import Server

RECORDS = 61
LARGE = bytes(range(256)) * 9_000
"""More than one row of the database has."""
PICTURE = a_file("sun.png", "image/png", LARGE)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A chat that nobody serves, of several batches and with names of many scripts."""
    folder = tmp_path / "data"
    with (
        closing(DataFolder.open(folder)) as data,
        closing(MessageLog.open(data.messages, index=data.index)) as log,
        closing(MessageLog.open(data.audit, index=data.audit_index)),
        closing(Directory.open(data.directory)) as directory,
    ):
        for number in range(RECORDS - 1):
            text, cid = f"¿qué tal? 北京 \0 {number}", f"c{number}"
            log.append(Draft(room="general", sender="ana", type="message", text=text, cid=cid))
        log.append(Draft(room="general", sender="ana", text="", files=[PICTURE]))
        directory.table("rooms", str).put("tea", "Tea").result()
    blobs = FolderBlobs(folder / "files")
    for name, content in ((PICTURE.sha256, LARGE), (f"{PICTURE.sha256}.preview", b"small")):
        (folder / "upload").write_bytes(content)
        blobs.put(name, folder / "upload")
    return folder


def files_of(data: Path) -> dict[str, bytes]:
    blobs = FolderBlobs(data / "files")
    return {name: b"".join(blobs.read(name)) for name, _ in blobs.names()}


@pytest.fixture
def few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several portions of a small chat."""
    monkeypatch.setattr(move, "LINES_AT_ONCE", 7)


def move_in(data: Path, url: str, **options: object) -> move.Moved:
    with closing(DataFolder.open(data)) as folder:
        return move.move_in(folder, url, **options)


def everything(data: Path) -> dict[str, bytes]:
    return {name: journal_bytes(data, name) for name in JOURNALS}


def test_there_and_back_are_the_same_bytes(data: Path, database: str, tmp_path: Path, few_lines):
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}

    there = move_in(data, database)
    back = move.move_out(database, tmp_path / "back")

    assert (there.messages, there.directory, there.audit) == (RECORDS, 1, 0)
    assert back == there
    assert there.files == CopiedFiles(files=2, bytes=len(LARGE) + 5)
    assert files_of(tmp_path / "back") == files_of(data)
    assert everything(tmp_path / "back") == everything(data)
    assert verify(tmp_path / "back" / "messages").problems == []
    after = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    assert after | {data / "lock": b""} == before | {data / "lock": b""}
    key = (data / "secret_key").read_text()
    assert (tmp_path / "back" / "secret_key").read_text() == key


def test_a_file_that_differs_after_the_move_is_seen(
    data: Path, database: str, monkeypatch: pytest.MonkeyPatch
):
    def read(self: PostgresBlobs, name: str, *_: object) -> Iterator[bytes]:
        return iter([b"other bytes"])

    monkeypatch.setattr(PostgresBlobs, "read", read)

    with pytest.raises(StorageError, match=r"The copy of files/\w+ differs"):
        move_in(data, database)

    monkeypatch.undo()
    assert move_in(data, database).files == CopiedFiles(files=2, bytes=len(LARGE) + 5)


def test_files_in_a_bucket_stay_there(data: Path, database: str):
    assert move_in(data, database, has_bucket=True).files is None

    with closing(PostgresBlobs(database)) as blobs:
        assert list(blobs.names()) == []


def test_people_go_on_where_they_were(
    new_server: Callable[..., Server], run_chatapp, database: str, tmp_path: Path
):
    alone = new_server().start()
    token = new_token(alone, "Ana", "member")
    ana = with_token(alone, token)
    first = ana.call("message", {"text": "before", "cid": "one"})["message"]
    epoch = ana.call("rooms", {})["rooms"][0]["epoch"]
    ana.disconnect()
    alone.stop()

    moved = run_chatapp("move", "--to", database, "--data", alone.data)
    assert moved.returncode == 0, moved.stderr
    assert "All of them were compared." in moved.stdout
    node = new_server(CHATAPP_POSTGRES=database).start()
    ana = with_token(node, token)
    again = ana.call("message", {"text": "before", "cid": "one"})
    assert (again["duplicate"], again["message"]["seq"]) == (True, first["seq"])
    missed = ana.call("resume", {"room": "general", "epoch": epoch, "after": first["seq"] - 1})
    assert [event["text"] for event in missed["events"]] == ["before"]
    ana.call("message", {"text": "there"})
    ana.disconnect()

    in_use = run_chatapp("move", "--from", database, "--to", tmp_path / "back")
    assert "stop all of them first" in in_use.stderr
    node.stop()
    moved = run_chatapp("move", "--from", database, "--to", tmp_path / "back", "--json")
    assert json.loads(moved.stdout)["messages"] == 2

    home = new_server(CHATAPP_DATA=str(tmp_path / "back")).start()
    ana = with_token(home, token)
    texts = [message["text"] for message in ana.call("history", {"room": "general"})["messages"]]
    assert texts == ["before", "there"]
    assert ana.call("rooms", {})["rooms"][0]["epoch"] == epoch
    ana.disconnect()


class Interrupted(Exception):
    pass


def interrupt_after(portions: int) -> Callable[[int], None]:
    left = iter(range(portions))

    def progress(_bytes: int) -> None:
        if next(left, None) is None:
            raise Interrupted

    return progress


@pytest.mark.parametrize("portions", [0, 3, 9, 12])
def test_an_interrupted_move_goes_on(
    data: Path, database: str, tmp_path: Path, few_lines, portions: int
):
    with pytest.raises(Interrupted):
        move_in(data, database, progress=interrupt_after(portions))
    with pytest.raises(ClusterError, match="not finished"):
        Cluster.open(database)

    move_in(data, database)

    with pytest.raises(Interrupted):
        move.move_out(database, tmp_path / "back", interrupt_after(1))
    move.move_out(database, tmp_path / "back")
    assert everything(tmp_path / "back") == everything(data)


def test_another_chat_does_not_finish_a_move(data: Path, database: str, tmp_path: Path, few_lines):
    with pytest.raises(Interrupted):
        move_in(data, database, progress=interrupt_after(3))
    another = tmp_path / "another"
    with closing(DataFolder.open(another)) as folder:
        MessageLog.open(folder.messages, index=folder.index).close()

    with pytest.raises(ClusterError, match="another chat"):
        move_in(another, database)


def test_what_is_no_place_for_a_chat(data: Path, database: str, run_chatapp, tmp_path: Path):
    with pytest.raises(ClusterError, match="has no chat"):
        move.move_out(database, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    move_in(data, database)
    Cluster.open(database)
    with pytest.raises(ClusterError, match="has a chat already"):
        move_in(data, database)
    with pytest.raises(StorageError, match="another history"):
        move.move_out(database, data)
    nowhere = run_chatapp("move", "--to", tmp_path / "back")
    assert (nowhere.returncode, "CHATAPP_POSTGRES" in nowhere.stderr) == (2, True)
    wrong = run_chatapp("move", "--to", "postgresql://nobody@127.0.0.1:1/x", "--data", data)
    assert (wrong.returncode, "PostgreSQL cannot be used" in wrong.stderr) == (1, True)


def test_a_line_that_differs_is_found(data: Path, database: str, monkeypatch: pytest.MonkeyPatch):
    sending = move._send

    def send_and_change(connection, folder, progress):
        sending(connection, folder, progress)
        connection.execute(
            "UPDATE chatapp.batch SET lines = replace(lines, 'tal? ', 'tal! ')"
            " WHERE stream = 'messages' AND n = 33"
        )

    monkeypatch.setattr(move, "_send", send_and_change)

    with pytest.raises(ClusterError, match="messages/ in the database differs"):
        move_in(data, database)
    with pytest.raises(ClusterError, match="not finished"):
        Cluster.open(database)


def test_a_shortened_log_keeps_its_numbers(data: Path, database: str, tmp_path: Path):
    with closing(MessageLog.open(data / "messages", index=data / "index.sqlite3")) as log:
        tomorrow = log.append(
            Draft(room="general", sender="bo", type="message", text="x"), at="2199-01-01T00:00:00Z"
        )
        assert tomorrow.result().event.seq == RECORDS + 1
    retain(Disk(), data / "messages", first_day="2199-01-01", backup=None, dry_run=False)
    (data / "index.sqlite3").unlink()

    moved = move_in(data, database)
    move.move_out(database, tmp_path / "back")

    assert moved.messages == RECORDS + 1
    assert everything(tmp_path / "back") == everything(data)
    assert verify(tmp_path / "back" / "messages").problems == []
    with closing(MessageLog.open(tmp_path / "back" / "messages")) as log:
        assert log.head("general") == RECORDS + 1
