"""docs/data.md can be followed: its examples run, and agree with the chat."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import polars
import pytest
import requests

import chatapp
from chatapp.domain.errors import NoSuchRoom
from chatapp.domain.model import Draft, FileInfo, SystemLine
from chatapp.log.errors import StorageError
from chatapp.store.message_log import MessageLog
from tests.support.cast import chatapp as command
from tests.support.cast import new_token
from tests.support.visitor import server_with_admin
from tests.support.waiting import wait_until

DOC = Path(__file__).resolve().parents[1] / "docs" / "data.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOC.read_text(), re.DOTALL)


def draft(text: str, sender: str = "ana", room: str = "general", **more: Any) -> Draft:
    return Draft(room=room, sender=sender, by=f"id of {sender}", text=text, **more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A chat whose log is open, and of which the last line is being written."""
    folder = tmp_path_factory.mktemp("chat")
    moment = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    (folder / "data").mkdir()
    log = MessageLog.open(folder / "data" / "messages", clock=lambda: moment)
    file = FileInfo(id="f", name="sun.png", type="image/png", bytes=3, sha256="0" * 64)
    log.append(draft("green tea"))
    log.append(draft("¿cuál?", "bo", reply_to=1))
    log.append(draft("nonsense", "bo"))
    log.append(draft("bo joined", "bo", system=SystemLine(what="joined")))
    log.append(draft("", "ana", "tea", files=[file]))
    log.flush()
    moment = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    change = {"room": "general", "sender": "ana", "by": "id of ana"}
    log.append(Draft(**change, type="edit", target=1, text="black tea"))
    log.append(Draft(**change, type="delete", target=3))
    for emoji, on in (("👍", True), ("🎉", True), ("🎉", False)):
        log.append(Draft(**change, type="react", target=1, emoji=emoji, on=on))
    log.append(Draft("general", "bo", by="b", type="react", target=1, emoji="👍", on=True))
    log.flush()
    segment = folder / "data" / "messages" / "000000000001.jsonl"
    with segment.open("ab") as file_of_log:
        file_of_log.write(b'{"v":3,"n":12,"batch":')
    yield folder
    segment.write_bytes(segment.read_bytes().rpartition(b"\n")[0] + b"\n")
    log.close()


# The data frame


def test_a_frame_has_the_messages_as_they_are(folder: Path) -> None:
    frame = chatapp.frame(folder / "data", room="#General")

    assert frame["text"].to_list() == ["black tea", "¿cuál?", "", "bo joined"]
    assert frame["deleted_by"].to_list() == [None, None, "ana", None]
    assert frame["system"].to_list() == [None, None, None, "joined"]
    assert frame["reply_to"].to_list() == [None, 1, None, None]
    assert frame["by"][0] == "id of ana"
    assert frame["at"][0] == datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    assert frame["edited_at"][0] == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert frame["reactions"][0].to_list() == [{"emoji": "👍", "names": ["ana", "bo"]}]


def test_a_frame_of_all_rooms_or_of_a_moment(folder: Path) -> None:
    everything = chatapp.frame(folder / "data")
    then = chatapp.frame(folder / "data", as_of=datetime(2026, 11, 1, tzinfo=UTC))

    assert everything["room"].to_list() == ["general"] * 4 + ["tea"]
    assert everything["files"].to_list() == [[], [], [], [], ["sun.png"]]
    assert then["text"].to_list()[:3] == ["green tea", "¿cuál?", "nonsense"]
    assert then["reactions"].list.len().sum() == 0


def test_a_frame_without_messages_has_all_columns(folder: Path) -> None:
    none = chatapp.frame(folder / "data", as_of=datetime(2000, 1, 1, tzinfo=UTC))

    assert none.is_empty()
    assert none.schema == chatapp.frame(folder / "data").schema


def test_no_log_and_no_room_are_said(folder: Path) -> None:
    with pytest.raises(StorageError, match="no log"):
        chatapp.frame(folder / "nowhere")
    with pytest.raises(NoSuchRoom):
        chatapp.frame(folder / "data", room="coffee")


READ_FOR_EVER = """
import chatapp
while True:
    print(chatapp.frame("data").height, flush=True)
"""
WITHOUT = """
import sys
for name in {missing}: sys.modules[name] = None
import chatapp
frame = chatapp.frame("data", room="general")
print(type(frame).__module__.split(".")[0], frame["text"].tolist(), frame["seq"].sum())
print(frame["at"].dt.year.tolist(), frame["reply_to"].sum(), frame["reactions"][0])
"""


def python(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_a_frame_is_whole_while_a_server_writes_and_whoever_is_killed(tmp_path: Path) -> None:
    """What was acked before a frame is in it, and whoever reads changes nothing."""
    with closing(server_with_admin(tmp_path, CHATAPP_MESSAGE_RATE="off")) as server:
        headers = {"Authorization": f"Bearer {new_token(server, 'mia', 'member')}"}
        acked: list[int] = []

        def post() -> None:
            with suppress(requests.ConnectionError), requests.Session() as http:
                while True:
                    address = f"{server.url}/api/v1/message"
                    body = {"text": f"message {len(acked)}"}
                    answer = http.post(address, json=body, headers=headers, timeout=60)
                    acked.append(answer.json()["message"]["seq"])

        posting = Thread(target=post)
        posting.start()
        wait_until(lambda: len(acked) > 20)
        reader = subprocess.Popen(
            [sys.executable, "-c", READ_FOR_EVER], cwd=tmp_path, stdout=subprocess.PIPE
        )
        assert reader.stdout
        assert int(reader.stdout.readline()) > 0
        for _ in range(3):
            known = len(acked)
            seqs = chatapp.frame(server.data, room="general")["seq"].to_list()
            assert seqs == list(range(1, len(seqs) + 1))
            assert len(seqs) >= known
        reader.kill()
        reader.communicate()
        server.kill9()
        posting.join()

        seqs = chatapp.frame(server.data, room="general")["seq"].to_list()

        assert seqs == list(range(1, len(seqs) + 1))
        assert set(acked) <= set(seqs)
        server.start()
        assert chatapp.frame(server.data, room="general")["seq"].to_list() == seqs
        assert "No problems" in command(server, "log", "verify")


def test_without_polars_it_is_a_frame_of_pandas(folder: Path) -> None:
    done = python(folder, WITHOUT.format(missing=["polars"]))

    assert done.stdout.splitlines() == [
        "pandas ['black tea', '¿cuál?', '', 'bo joined'] 10",
        "[2026, 2026, 2026, 2026] 1 [{'emoji': '👍', 'names': ['ana', 'bo']}]",
    ], done.stderr


def test_without_any_library_it_says_which_to_install(folder: Path) -> None:
    done = python(folder, WITHOUT.format(missing=["polars", "pandas"]))

    assert "ImportError: A data frame needs polars or pandas" in done.stderr


def test_the_examples_in_python_run(folder: Path) -> None:
    examples = blocks("python")
    assert len(examples) == 5

    done = python(folder, "\n".join(examples))

    assert done.returncode == 0, done.stderr
    assert polars.read_parquet(folder / "chat.parquet").height == 5


# DuckDB


@pytest.fixture(scope="module")
def results(folder: Path) -> list[list[tuple[Any, ...]]]:
    """What each example in SQL gives, in the order of the page."""
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(f"SET file_search_path = '{folder}'")
        found = []
        for example in blocks("sql"):
            example = example.replace("TO 'messages.parquet'", f"TO '{folder}/messages.parquet'")
            found.append(database.execute(example).fetchall())
        return found


def test_the_examples_for_duckdb_count_what_is_there(results: list[list[tuple[Any, ...]]]) -> None:
    _, _, senders, days, hours, answers, reactions, copied = results

    assert dict(senders) == {"ana": 2, "bo": 1}
    first = datetime(2026, 10, 31)
    assert [(room, day.date(), count) for room, day, count in days] == [
        ("general", first.date(), 2),
        ("tea", first.date(), 1),
    ]
    assert hours == [(23, 3)]
    assert answers == [("bo", "ana", 1)]
    assert reactions == [("👍", 2)]
    assert copied == [(3,)]


def test_the_messages_of_duckdb_are_those_of_the_frame(
    folder: Path, results: list[list[tuple[Any, ...]]]
) -> None:
    assert results
    copied = polars.read_parquet(folder / "messages.parquet").sort("room", "seq")

    frame = chatapp.frame(folder / "data")
    said = frame.filter(polars.col("deleted_by").is_null() & polars.col("system").is_null())

    assert copied["text"].to_list() == said["text"].to_list() == ["black tea", "¿cuál?", ""]
    assert json.loads(json.dumps(copied["seq"].to_list())) == said["seq"].to_list()
