"""What comes from elsewhere reads as it did there."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chatapp.cli.log import log as command
from chatapp.domain.model import Draft, Room, SystemLine
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.support.reports import counted

from .conftest import Clock, draft

ROW = {"room": "x", "seq": 1, "sender": "cy", "at": "2020-01-01T10:00:00Z"}


def call(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(command, [*map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.stdout


def imported(data: Path, rows: list[dict[str, Any]], code: int = 0) -> dict[str, Any]:
    file = data.with_name("rows")
    if "seq" in rows[0]:
        file.write_text("\n".join(map(json.dumps, rows)))
    else:
        file.write_text(json.dumps(rows))
    return counted(call("import", file, "--data", data, "--json", code=code))


def exported(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in call("export", "--data", data).splitlines()]


@pytest.fixture
def talk(tmp_path: Path, clock: Clock) -> Path:
    """Of four messages, one was edited and then erased, one deleted."""
    folder = tmp_path / "talk"
    DataFolder.open(folder).close()
    messages = MessageLog.open(folder / "messages", clock=clock)
    messages.append(draft("kept", cid="c1"))
    messages.append(draft("to be erased", cid="c2"))
    messages.append(Draft(room="general", sender="ana", type="edit", target=2, text="erased too"))
    messages.append(draft("to be deleted", cid="c4"))
    messages.append(Draft(room="general", sender="bo", type="delete", target=4))
    messages.append(draft("an answer", reply_to=2, cid="c6"))
    messages.close()
    call("erase", "--room", "general", "--seq", 2, "--yes", "--data", folder)
    return folder


def test_what_was_erased_or_deleted_stays_so_elsewhere(talk: Path, tmp_path: Path):
    other = tmp_path / "other"
    before = exported(talk)
    assert len([row for row in before if "erased_at" in row]) == 2
    assert len([row for row in before if row.get("type") == "delete"]) == 1

    told = imported(other, before)

    assert (told["imported"], told["bad"]) == (6, 0)
    assert exported(other) == before
    call("verify", "--data", other)
    call("reindex", "--data", other)
    call("verify", "--data", other)
    again = imported(other, before)
    assert (again["imported"], again["duplicates"], again["bad"]) == (0, 6, 0)


def test_what_others_have_deleted_of_one_sender_stays_deleted_elsewhere(talk: Path, tmp_path: Path):
    call("export", "--data", talk, "--sender", "ana", "-o", tmp_path / "ana.jsonl")

    call("import", tmp_path / "ana.jsonl", "--data", tmp_path / "other")

    table = call("export", "--data", tmp_path / "other", "--format", "csv")
    assert "to be deleted" not in table
    assert ",bo," in table, "who deleted it"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"text": ""}, "The message is empty"),
        ({"text": "hey", "erased_at": "noon"}, "isoformat"),
    ],
)
def test_a_row_without_words_is_bad_unless_they_were_erased(
    tmp_path: Path, more: dict[str, str], why: str
):
    told = imported(tmp_path / "data", [{**ROW, **more}], code=1)

    assert (told["imported"], told["bad"]) == (0, 1)
    assert why in told["problems"][0]


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (1700000000, "2023-11-14T22:13:20.000Z"),
        (1700000000123, "2023-11-14T22:13:20.123Z"),
        ("1700000000", "2023-11-14T22:13:20.000Z"),
        ("1700000000.25", "2023-11-14T22:13:20.250Z"),
        ("1612122512345", "2021-01-31T19:48:32.345Z"),
        ("20231114", "2023-11-14T00:00:00.000Z"),
        ("2023-11-14T22:13:20+01:00", "2023-11-14T21:13:20.000Z"),
    ],
)
def test_a_time_may_be_counted_or_written(tmp_path: Path, timestamp: object, at: str):
    imported(tmp_path / "data", [{"client": "cy", "message": "hey", "timestamp": timestamp}])

    assert [row["at"] for row in exported(tmp_path / "data")] == [at]


@pytest.mark.parametrize("timestamp", [True, "", "12", "9" * 40, 1e300, None, [1], "1700000000s"])
def test_what_is_no_time_is_a_bad_row(tmp_path: Path, timestamp: object):
    row = {"client": "cy", "message": "hey", "timestamp": timestamp}

    assert imported(tmp_path / "data", [row], code=1)["bad"] == 1


@pytest.mark.parametrize("array", [True, False])
def test_a_file_may_be_a_pipe(tmp_path: Path, array: bool):
    old = {"client": "cy", "message": "hey", "timestamp": 1577872800}
    rows = json.dumps([old]) if array else json.dumps({**ROW, "text": "hey"})
    reading, writing = os.pipe()
    os.write(writing, b"\xef\xbb\xbf" + rows.encode())
    os.close(writing)

    call("import", f"/dev/fd/{reading}", "--data", tmp_path / "data")

    os.close(reading)
    assert [row["text"] for row in exported(tmp_path / "data")] == ["hey"]


GROUP = "direct-0123456789abcdef"


def told(sender: str, what: str, text: str, **about: Any) -> Draft:
    line = SystemLine(what=what, **about)
    return Draft(room=GROUP, sender=sender, text=f"{sender} {text}", system=line)


def rooms_of(data: Path, *accounts: str) -> dict[str, Room]:
    """The rooms there; before that, these accounts are made."""
    folder = DataFolder.open(data)
    directory = Directory.open(folder.directory)
    table = directory.table("accounts", dict[str, Any])
    for name in accounts:
        table.put(name, {"id": f"id of {name}", "name": name}).result()
    rooms = dict(directory.table("rooms", Room).items())
    directory.close()
    folder.close()
    return rooms


@pytest.fixture
def group(tmp_path: Path, clock: Clock) -> Path:
    """The export of a group of ana, bo and cy: dan came, bo and cy are gone. Nobody but ana wrote
    in it."""
    folder = tmp_path / "group"
    DataFolder.open(folder).close()
    messages = MessageLog.open(folder / "messages", clock=clock)
    messages.append(told("ana", "started", "started …", people=["bo", "cy"]))
    messages.append(Draft(room=GROUP, sender="ana", text="hello", cid="c1"))
    messages.append(told("bo", "renamed", "named the conversation “Trip”"))
    messages.append(told("bo", "invited", "added dan", who="dan"))
    messages.append(told("ana", "removed", "removed cy", who="cy"))
    messages.append(told("bo", "left", "left"))
    messages.close()
    file = tmp_path / "group.jsonl"
    file.write_text(call("export", "--data", folder))
    return file


@pytest.mark.parametrize("public", [False, True])
def test_a_group_is_for_the_people_who_are_in_it(group: Path, tmp_path: Path, public: bool):
    other = tmp_path / "other"
    rooms_of(other, "ana", "bo", "cy", "dan", "eva")

    call("import", group, "--data", other, *(["--public"] if public else []))

    room = rooms_of(other)[GROUP]
    assert (room.kind, room.is_group, room.title, room.named) == ("direct", True, "Trip", True)
    assert room.members == {"id of ana": "ana", "id of dan": "dan"}
    assert (room.owner, room.created_by) == ("id of ana", "ana")
    assert [row["text"] for row in exported(other)][1:3] == [
        "hello",
        "bo named the conversation “Trip”",
    ]


def test_a_group_whose_people_have_no_account_yet_is_theirs_later(group: Path, tmp_path: Path):
    other = tmp_path / "other"
    call("import", group, "--data", other)
    assert rooms_of(other)[GROUP].members == {}

    rooms_of(other, "dan")
    call("import", group, "--data", other)
    assert rooms_of(other, "ana")[GROUP].members == {"id of dan": "dan"}

    call("import", group, "--data", other)  # Who is in it is dan's to say now.
    assert rooms_of(other)[GROUP].members == {"id of dan": "dan"}


def test_a_group_whose_beginning_is_missing_is_for_those_who_wrote(group: Path, tmp_path: Path):
    rows = [json.loads(line) for line in group.read_text().splitlines()][1:]
    other = tmp_path / "other"
    rooms_of(other, "ana", "bo", "cy", "dan")

    imported(other, rows)

    assert rooms_of(other)[GROUP].kind == "private"
    assert set(rooms_of(other)[GROUP].members.values()) == {"ana", "bo"}
