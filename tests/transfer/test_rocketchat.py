"""Collections of Rocket.Chat become accounts, rooms and messages."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.discord import archive
from tests.support.rocketchat import rocketchat_export, said

from .conftest import Imports

SKIPPED_ROOM = "a room of the type 'l' has no place here"


def test_people_and_rooms_come_as_they_are_there(imports: Imports, tmp_path: Path):
    report = imports.run(rocketchat_export(tmp_path / "rocket.zip", said("1", "hello")), code=1)

    accounts, rooms = imports.accounts(), imports.rooms()
    ids = {name: one.id for name, one in accounts.items()}
    assert {name: (one.display_name, one.role) for name, one in accounts.items()} == {
        "ana": ("Ana L.", "member"),
        "bo": ("Bo B.", "member"),
        "rocket.cat": ("", "bot"),
    }
    assert accounts["ana"].email == "ana@acme.test"
    assert set(imports.former()) == {"cy"}
    assert (rooms["ops"].kind, rooms["ops"].topic) == ("public", "Keep it up")
    assert (rooms["board"].kind, set(rooms["board"].members)) == ("private", {ids["bo"]})
    assert imports.joined() == {ids["ana"]: ["ops"]}
    assert (report["format"], list(report["skipped"])) == ("rocketchat", [SKIPPED_ROOM])


def test_texts_read_as_they_do_there(imports: Imports, tmp_path: Path):
    quoted = {"message_link": "https://chat.test/x", "text": "so\nit is"}
    messages = [
        said("1", "*bold* ~gone~ **both** @bo. `*no* @bo` @all #ops :tada: 2*3*4"),
        said("2", "[ ](https://chat.test/x) indeed", second=1, attachments=[quoted]),
        said("3", "", second=2, attachments=[{"description": "a plan"}], file={"name": "p.txt"}),
    ]

    imports.run(rocketchat_export(tmp_path / "rocket.zip", *messages), code=1)

    assert imports.texts("ops") == [
        "**bold** ~~gone~~ **both** @bo. `*no* @bo` @room #ops 🎉 2*3*4",
        "> so\n> it is\n\nindeed",
        "a plan\n📎 p.txt",
    ]


def test_messages_in_any_order_come_with_what_happened_to_them(imports: Imports, tmp_path: Path):
    reactions = {":+1:": {"usernames": ["bo"]}, ":party:": {"usernames": ["ana"]}}
    messages = [
        said("3", "late", "bo", 3, tmid="1", tshow=True),
        said("2", "in the thread", "bo", 2, tmid="1"),
        said(
            "1", "root", second=1, tcount=2, reactions=reactions,
            editedAt={"$date": "2024-02-29T11:00:00+01:00"},
        ),
        said("0", "bo", second=0, t="au"),
        said("4", "New topic", second=4, t="room_changed_topic"),
        said("5", "x", second=5, t="videoconf"),
    ]  # fmt: skip

    report = imports.run(rocketchat_export(tmp_path / "rocket.zip", *messages), code=1)

    added, root, inside, late, topic = imports.messages("ops")
    assert (added.text, topic.text) == ("bo joined", "ana changed the topic to “New topic”")
    assert root.reactions == {"👍": ["bo"], ":party:": ["ana"]}
    assert root.edited_at == "2024-02-29T10:00:00.000Z"
    assert [(one.thread, one.also_to_room) for one in (inside, late)] == [(2, None), (2, True)]
    assert "a 'videoconf' has no place here" in report["skipped"]


def test_a_conversation_is_between_the_same_people(imports: Imports, tmp_path: Path):
    imports.run(rocketchat_export(tmp_path / "rocket.zip", said("1", "hi", rid="a1b2")), code=1)

    ids = {name: one.id for name, one in imports.accounts().items()}
    (room,) = (one for one in imports.rooms().values() if one.kind == "direct")
    assert set(room.members) == {ids["ana"], ids["bo"]}
    assert imports.texts(room.name) == ["hi"]


@pytest.mark.parametrize(
    "ts",
    [
        {"$date": {"$numberLong": "1709200000000"}},
        {"$date": "2024-02-29T09:46:40Z"},
        {"$date": 1709200000000},
        "2024-02-29T09:46:40.000",
    ],
)
def test_times_are_written_in_many_ways(imports: Imports, tmp_path: Path, ts: object):
    imports.run(rocketchat_export(tmp_path / "rocket.zip", said("1", "x", ts=ts)), code=1)

    assert imports.messages("ops")[0].at == "2024-02-29T09:46:40.000Z"


def test_an_import_adds_nothing_twice(imports: Imports, tmp_path: Path):
    messages = [said("1", "one"), said("2", "two", "ghost", 1)]
    imports.run(rocketchat_export(tmp_path / "old.zip", *messages), code=1)

    report = imports.run(
        rocketchat_export(tmp_path / "new.zip", *messages, said("3", "three", second=2)), code=1
    )

    assert (report["messages"], report["duplicates"]) == (1, 2)
    assert "ghost" in imports.former()


@pytest.mark.parametrize("row", [1, {}, {"_id": "9"}, said("9", "x", ts="soon"), said("9", "")])
def test_a_row_that_is_no_message_is_counted(imports: Imports, tmp_path: Path, row: object):
    report = imports.run(rocketchat_export(tmp_path / "r.zip", said("1", "one"), row), code=1)

    assert imports.texts("ops") == ["one"]
    assert sum(one["count"] for why, one in report["skipped"].items() if why != SKIPPED_ROOM) == 1


def test_another_archive_is_refused(imports: Imports, tmp_path: Path):
    export = archive(tmp_path / "other.zip", **{"a.txt": b"x"})

    result = imports.call(export, "--format", "rocketchat")

    assert result.exit_code != 0
    assert "rocketchat_message.json" in result.output


@pytest.mark.parametrize("is_packed", [True, False])
def test_files_come_by_their_ids(imports: Imports, tmp_path: Path, is_packed: bool):
    """GridFS gives them by their ids; the file system has the ending of their names, too."""
    files = [
        {"_id": "one", "name": "plan.TXT"},
        {"_id": "two", "name": "plan"},
        {"_id": "../three", "name": "plan"},
        {"_id": "four", "name": "four"},
    ]
    bytes_of = {"one.txt": b"first", "two": b"second", "three": b"outside"}
    media = tmp_path / "media"
    export = rocketchat_export(tmp_path / "rocket.zip", said("1", "", files=files))
    if is_packed:
        with ZipFile(export, "a") as zip:
            for name, data in bytes_of.items():
                zip.writestr(f"uploads/{name}", data)
        options: list[object] = []
    else:
        (media / "inside").mkdir(parents=True)
        for name, data in bytes_of.items():
            (media if name == "three" else media / "inside").joinpath(name).write_bytes(data)
        options = ["--media", media / "inside"]

    report = imports.run(export, *options, code=1)

    (message,) = imports.messages("ops")
    assert [(one.name, one.bytes) for one in message.files or ()] == [("plan.TXT", 5), ("plan", 6)]
    assert report["incomplete"]["the bytes of a file are not in the export"]["count"] == 2


def test_a_folder_of_files_is_for_formats_that_have_none(imports: Imports, tmp_path: Path):
    table = tmp_path / "talk.csv"
    table.write_text("time,sender,text\n2024-02-29,ana,hi\n")

    result = imports.call(table, "--media", tmp_path)

    assert (result.exit_code, "--media is of no use" in result.output) == (2, True)
