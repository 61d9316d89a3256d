"""A table of messages becomes rooms, people and messages."""

from pathlib import Path

import pytest

from .conftest import Imports


def test_columns_are_found_by_their_names(imports: Imports, tmp_path: Path):
    table = tmp_path / "chat.csv"
    table.write_text(
        "Channel,From,Message,Date,Ignored\n"
        'ops,ana,"two\nlines, and ""quotes""",2024-02-29T09:46:41+01:00,1\n'
        "ops,bo,first,1709196400,2\n"
        ",bo,alone,1709196400500,3\n"
    )

    report = imports.run(table)

    first, second = imports.messages("ops")
    assert (first.text, second.text) == ("first", 'two\nlines, and "quotes"')
    assert (first.at, second.at) == ("2024-02-29T08:46:40.000Z", "2024-02-29T08:46:41.000Z")
    assert imports.messages("imported")[0].at == "2024-02-29T08:46:40.500Z"
    assert set(imports.accounts()) == {"ana", "bo"}
    assert (report["format"], report["messages"]) == ("csv", 3)


@pytest.mark.parametrize(
    "data",
    [
        "time;sender;text\n2024-02-29 10:46:40;ana;caf\u00e9\n".encode(),
        "\ufefftime\tsender\ttext\r\n2024-02-29 10:46:40\tana\tcaf\u00e9\r\n".encode(),
        "time\tsender\ttext\r\n2024-02-29 10:46:40\tana\tcaf\u00e9\r\n".encode("utf-16"),
    ],
    ids=["semicolons", "tabs and a mark", "UTF-16"],
)
def test_spreadsheets_write_it_in_many_ways(imports: Imports, tmp_path: Path, data: bytes):
    (tmp_path / "chat.csv").write_bytes(data)

    imports.run(tmp_path / "chat.csv", "--time-zone", "Europe/Madrid")

    (message,) = imports.messages("imported")
    assert (message.text, message.at) == ("café", "2024-02-29T09:46:40.000Z")


def test_rows_that_are_the_same_come_once_each(imports: Imports, tmp_path: Path):
    table = tmp_path / "chat.csv"
    row = "2024-02-29T09:46:40Z,ana,ha\n"
    table.write_text("time,sender,text\n" + row * 2)
    imports.run(table)

    table.write_text("time,sender,text\n2024-02-29T09:00:00Z,bo,before\n" + row * 3)
    report = imports.run(table)

    assert (report["messages"], report["duplicates"]) == (2, 2)
    assert imports.texts("imported").count("ha") == 3


def test_rows_that_are_none_are_counted(imports: Imports, tmp_path: Path):
    table = tmp_path / "chat.csv"
    table.write_text(
        "time,sender,text\nsoon,ana,a\n2024-02-29,,b\n2024-02-29,ana,\n2024-02-29\n\n"
        "1e999,ana,c\n2024-02-29T09:46:40Z,ana,good\n"
    )

    report = imports.run(table, code=1)

    assert imports.texts("imported") == ["good"]
    assert {why: one["examples"] for why, one in report["skipped"].items()} == {
        "its time is none": ["line 2", "line 7"],
        "it has no sender": ["line 3", "line 5"],
        "it has no text": ["line 4"],
    }


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\xff\xff\xff,\n", b"time,sender\n1,2\n"])
def test_what_has_no_such_columns_is_refused(imports: Imports, tmp_path: Path, data: bytes):
    (tmp_path / "chat.csv").write_bytes(data)

    result = imports.call(tmp_path / "chat.csv")

    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert "chat.csv" in result.output


def test_what_cannot_be_decoded_ends_the_import_there(imports: Imports, tmp_path: Path):
    good = b"2024-02-29T09:46:40Z,ana,good\n"
    (tmp_path / "chat.csv").write_bytes(b"time,sender,text\n" + good * 3000 + b"\xff,x,y\n")

    report = imports.run(tmp_path / "chat.csv", code=1)

    assert report["messages"] > 0
    ((why, _),) = report["skipped"].items()
    assert why.startswith("the rest cannot be read")


def test_another_chat_with_the_same_names_has_other_people_and_rooms(
    imports: Imports, tmp_path: Path
):
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    ours.write_text("room,sender,text,time\nops,ana,ours,2024-02-29T10:00:00Z\n")
    theirs.write_text("room,sender,text,time\nops,ana,theirs,2024-02-29T10:00:00Z\n")
    imports.run(ours)

    imports.run(theirs, "--chat", "acquired")

    accounts, rooms = imports.accounts(), imports.rooms()
    assert imports.texts("ops") == ["ours"]
    assert rooms["ops"].members == {accounts["ana"].id: "ana"}
    assert rooms["ops-2"].members == {accounts["ana-2"].id: "ana-2"}
    assert imports.run(theirs, "--chat", "acquired")["duplicates"] == 1


def test_a_file_that_may_be_of_another_chat_is_not_merged_with_the_first(
    imports: Imports, tmp_path: Path
):
    first, second = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    for file in (first, second):
        file.write_text(f"time,sender,text\n2024-02-29,ana,{file.stem}\n")
    imports.put("joined", "somebody", [])  # there is a chat already
    imports.run(first, "--dry-run")
    imports.run(second)  # a dry run is no import
    before = (imports.texts("imported"), imports.accounts(), imports.rooms())

    for options in ([], ["--dry-run"]):
        result = imports.call(first, *options)

        assert result.exit_code == 2
        assert "another file was imported as csv before: theirs.csv." in result.output
        assert "--chat NAME" in result.output
        assert "--same-chat" in result.output
    assert (imports.texts("imported"), imports.accounts(), imports.rooms()) == before

    imports.run(first, "--same-chat")
    for file in (first, second):
        assert imports.run(file)["duplicates"] == 1
    imports.run(first, "--chat", "other")
    assert imports.texts("imported") == ["theirs", "ours"]
    assert imports.texts("imported-2") == ["ours"]
