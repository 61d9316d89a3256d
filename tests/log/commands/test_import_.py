"""`chatapp log import`: our own exports, and what other chats have written."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.cli.log import log
from chatapp.domain.model import LinkPreview, Room
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.support.reports import counted

from .conftest import Run, texts


def test_our_own_export_can_be_imported_elsewhere_and_again(run: Run, data: Path, tmp_path: Path):
    run(log, "export", "-o", tmp_path / "log.jsonl")
    other = tmp_path / "other"

    def imported() -> dict[str, object]:
        arguments = ["import", str(tmp_path / "log.jsonl"), "--data", str(other), "--json"]
        told = counted(CliRunner().invoke(log, arguments).stdout)
        return {name: told[name] for name in ("imported", "duplicates", "bad", "rooms", "renamed")}

    counts = {"imported": 5, "duplicates": 0, "bad": 0, "rooms": {"tea": "tea"}, "renamed": {}}
    assert imported() == counts
    assert imported() == counts | {"imported": 0, "duplicates": 5, "rooms": {}}
    assert texts(other) == texts(data)


def test_a_plain_array_of_messages_can_be_imported(run: Run, data: Path, tmp_path: Path):
    rows = [
        {"client": "cy", "message": "from afar", "timestamp": "2020-01-01T10:00:00"},
        {"client": "cy", "message": "from afar", "timestamp": "2020-01-01T10:00:00"},
        {"client": "cy", "message": 5, "timestamp": "2020-01-01T10:00:00"},
        {"client": "cy", "timestamp": "2020-01-01T10:00:00"},
        {"client": "cy", "message": "when?", "timestamp": "noon"},
        {"client": "cy", "message": "seconds", "timestamp": 1577872800},
    ]
    (tmp_path / "old.json").write_text(json.dumps(rows))

    arguments = ("import", tmp_path / "old.json", "--room", "old", "--json")
    first = run(log, *arguments, code=1)
    again = counted(run(log, *arguments, code=1).stdout)

    told = counted(first.stdout)
    assert (told["imported"], told["duplicates"], told["bad"]) == (3, 0, 3)
    assert "row 3: client and message must be texts" in told["problems"]
    assert (again["imported"], again["duplicates"]) == (0, 3)
    assert texts(data, "old") == ["from afar", "from afar", "seconds"]


def keep(data: Path, table: str, key: str, value: object) -> None:
    directory = Directory.open(data / "directory")
    directory.table(table, object).put(key, value)
    directory.close()


def test_who_makes_an_account_of_a_name_in_an_import_is_in_its_rooms_only_if_it_is_imported_again(
    run: Run, data: Path, tmp_path: Path
):
    rows = [{"client": "Cy", "message": "hey", "timestamp": 1577872800}]
    (tmp_path / "old.json").write_text(json.dumps(rows))
    arguments = ("import", tmp_path / "old.json", "--room", "attic")

    def members() -> dict[str, str]:
        directory = Directory.open(data / "directory")
        room = directory.table("rooms", Room).get("attic")
        directory.close()
        return room.members

    told = run(log, *arguments)
    assert members() == {}
    assert "Nobody may enter attic" in told.stderr

    keep(data, "accounts", "cy", {"name": "Cy", "id": "0123456789abcdef"})
    assert members() == {}
    told = run(log, *arguments)

    assert members() == {"0123456789abcdef": "Cy"}
    assert "Nobody" not in told.stderr


@pytest.mark.parametrize("public", [False, True])
def test_rooms_of_imported_messages_are_made_for_who_wrote_there_or_for_all(
    run: Run, data: Path, tmp_path: Path, public: bool
):
    rows = [
        {"client": name, "message": "hey", "timestamp": 1577872800} for name in ("CY", "No Account")
    ]
    (tmp_path / "old.json").write_text(json.dumps(rows))
    keep(data, "accounts", "cy", {"name": "Cy"})  # As an older version made it, without an id.

    told = run(log, "import", tmp_path / "old.json", "--room", "attic", *["--public"] * public)

    assert "New rooms: attic." in told.stdout
    directory = Directory.open(data / "directory")
    room = directory.table("rooms", Room).get("attic")
    directory.close()
    assert room == Room(
        name="attic",
        title="attic",
        kind="public" if public else "private",
        members={} if public else {"cy": "Cy"},
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"at": "noon", "text": "hi"}, "isoformat"),
        ({"text": None}, "it has no text"),
        ({"type": "edit", "target": 9, "text": "x"}, "its message, 9, is not among those before"),
        ({"type": "react", "target": 1}, "A reaction is one emoji"),
    ],
)
def test_a_row_of_our_own_that_is_not_as_it_should_be_is_reported(
    run: Run, data: Path, tmp_path: Path, row: dict[str, object], why: str
):
    sound = {"room": "x", "seq": 1, "sender": "cy", "at": "2020-01-01T10:00:00Z", "text": "hey"}
    lines = [sound, {**sound, "seq": 2, **row}]
    (tmp_path / "old.jsonl").write_text("\n".join(map(json.dumps, lines)))

    result = run(log, "import", tmp_path / "old.jsonl", "--json", code=1)

    told = counted(result.stdout)
    assert (told["imported"], told["bad"]) == (1, 1)
    assert why in told["problems"][0]
    assert texts(data, "x") == ["hey"]


def test_other_key_names_are_given_by_option(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "old.json").write_text('[{"user": "cy", "body": "hey", "ts": 1577872800}]')

    run(log, "import", tmp_path / "old.json", "--client-key", "user", "--message-key", "body",
        "--timestamp-key", "ts")  # fmt: skip

    assert texts(data)[-1] == "hey"


def test_our_own_export_adds_nothing_to_the_log_that_it_is_of(run: Run, data: Path, tmp_path: Path):
    run(log, "export", "-o", tmp_path / "log.jsonl")
    run(log, "erase", "--room", "general", "--seq", "2", "--yes")

    told = counted(run(log, "import", tmp_path / "log.jsonl", "--json").stdout)

    assert (told["imported"], told["duplicates"], told["bad"]) == (0, 5, 0)
    assert texts(data) == ["black tea", ""]


def test_keys_may_have_the_names_that_ours_have(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "old.json").write_text('[{"sender": "cy", "text": "hey", "at": 1577872800}]')

    run(log, "import", tmp_path / "old.json", "--client-key", "sender", "--message-key", "text",
        "--timestamp-key", "at")  # fmt: skip

    assert texts(data)[-1] == "hey"


def test_rows_of_a_plain_array_answer_nobody(run: Run, tmp_path: Path):
    rows = [{"client": "cy", "message": text, "timestamp": 1577872800} for text in ("hey", "ho")]
    (tmp_path / "old.json").write_text(json.dumps(rows))

    run(log, "import", tmp_path / "old.json", "--room", "old")

    exported = run(log, "export", "--room", "old").stdout.splitlines()
    assert [json.loads(line).get("reply_to") for line in exported] == [None, None]


@pytest.mark.parametrize("row", ['{"client": "cy", "message": "\\ud83d", "timestamp": 1}', "7"])
def test_a_row_that_is_no_json_object_is_one_bad_row(
    run: Run, data: Path, tmp_path: Path, row: str
):
    sound = '{"client": "cy", "message": "hey 👍", "timestamp": 1577872800}'
    (tmp_path / "old.json").write_text(f"[{row}, {sound}]")

    told = counted(run(log, "import", tmp_path / "old.json", "--json", code=1).stdout)

    assert (told["imported"], told["bad"]) == (1, 1)
    assert "row 1: it is no JSON object" in told["problems"][0]
    assert texts(data)[-1] == "hey 👍"


def test_what_points_at_no_message_is_a_bad_row_each_time(run: Run, tmp_path: Path):
    row = {"room": "x", "sender": "cy", "at": "2020-01-01T10:00:00Z"}
    lines = [
        {**row, "seq": 1, "text": "hey"},
        {**row, "seq": 2, "type": "edit", "target": 1, "text": "ho"},
        {**row, "seq": 3, "type": "delete", "target": 2},
    ]
    (tmp_path / "old.jsonl").write_text("\n".join(map(json.dumps, lines)))

    told = [
        counted(run(log, "import", tmp_path / "old.jsonl", "--json", code=1).stdout)
        for _ in range(2)
    ]

    assert [one["bad"] for one in told] == [1, 1]
    assert [one["imported"] for one in told] == [2, 0]


MESSAGE = {"client": "cy", "message": "hey 🎉", "timestamp": "1355517523.000005"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "written",
    [
        json.dumps(MESSAGE),
        f"\r\n\r\n{json.dumps(MESSAGE)}\r\n\r\n",
        json.dumps([MESSAGE]),
        json.dumps([MESSAGE], indent=2),
        json.dumps({"name": "Kitchen", "messages": [MESSAGE]}),
        json.dumps({"name": "Kitchen", "messages": [MESSAGE]}, indent=2),
    ],
    ids=["line", "lines of Windows", "array", "lines of an array", "object", "lines of an object"],
)
def test_the_kind_of_a_file_is_recognised(
    run: Run, data: Path, tmp_path: Path, written: str, encoding: str
):
    (tmp_path / "old").write_bytes(written.encode(encoding))

    told = run(log, "import", tmp_path / "old")

    assert told.stdout.startswith("Imported: 1 message.\n0 were there already.\n")
    assert texts(data)[-1] == "hey 🎉"


def test_several_objects_with_messages_may_stand_on_lines(run: Run, data: Path, tmp_path: Path):
    pages = [{"messages": [MESSAGE | {"message": text}]} for text in ("one", "two")]
    (tmp_path / "old").write_text("\n".join(map(json.dumps, pages)))

    run(log, "import", tmp_path / "old")

    assert texts(data)[-2:] == ["one", "two"]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (b"", "There are no messages in old."),
        (b" \n\n", "There are no messages in old."),
        (b"[]", "There are no messages in old."),
        (b"client,message\ncy,hey\n", "old is no JSON: it begins with b'client,message\\ncy,he'"),
        (b"\0\0\0\0", "old is no JSON: it begins with b'\\x00"),
        (b"\x1f\x8b\x08", "old is a gzip file; unpack it first"),
        (b"PK\x03\x04", "old is a ZIP archive; unpack it first"),
        (b"<!DOCTYPE html>", "old is HTML or XML, no JSON"),
        (b'{\n  "rows": []\n}', 'old is one JSON object, and has no list of "messages"'),
        (b"[\n{},", "old is no JSON (Expecting value"),
        ("[hé".encode("utf-16-le") + b"\0", "old is damaged UTF-16 (truncated data)"),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_line_that_says_what_it_is(
    run: Run, tmp_path: Path, written: bytes, what: str
):
    (tmp_path / "old").write_bytes(written)

    told = run(log, "import", tmp_path / "old", code=1)

    assert what in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert told.stdout == ""


def test_rows_that_are_bad_for_one_reason_are_one_line(run: Run, data: Path, tmp_path: Path):
    rows = [MESSAGE | {"client": number} for number in range(500)]
    (tmp_path / "old").write_text("\n".join(map(json.dumps, [*rows, MESSAGE])))

    told = run(log, "import", tmp_path / "old", code=1)

    assert told.stdout.startswith("Imported: 1 message.\n0 were there already.\n")
    places = "line 1, line 2, line 3, …"
    assert f"Skipped: 500 × client and message must be texts ({places})\n" in told.stdout
    assert texts(data)[-1] == "hey 🎉"


def test_where_no_row_has_the_keys_it_is_said_which_options_help(
    run: Run, data: Path, tmp_path: Path
):
    rows = [{"user": "ana", "text": "x", "ts": "1355517523.000005", "type": "message"}] * 3
    (tmp_path / "old").write_text(json.dumps(rows))

    told = run(log, "import", tmp_path / "old", code=1)
    run(log, "import", tmp_path / "old", *told.stderr.split("Name them with: ")[1].split())

    assert told.stderr.splitlines() == [
        "The keys of the file are user, text, ts, type. Name them with: "
        "--client-key user --message-key text --timestamp-key ts",
    ]
    exported = run(log, "export", "--sender", "ana", "--until", "2013-01-01").stdout.splitlines()
    assert {json.loads(line)["at"] for line in exported} == {"2012-12-14T20:38:43.000Z"}


def test_rooms_that_are_called_otherwise_elsewhere_get_a_name_and_keep_it_as_title(
    run: Run, data: Path, tmp_path: Path
):
    called = ("General Chat", "#general", "💬-general", "💬", "C++", "C#", "c", "प्रश्न", "x" * 60)
    rows = [MESSAGE | {"room": room, "message": f"in {room}"} for room in called]
    (tmp_path / "old").write_text(json.dumps(rows))

    told = counted(run(log, "import", tmp_path / "old", "--json").stdout)
    again = counted(run(log, "import", tmp_path / "old", "--json").stdout)

    names = told["renamed"]
    assert {room: re.sub("-[0-9a-f]{6}$", "-…", name) for room, name in names.items()} == {
        "General Chat": "general-chat",
        "#general": "general",
        "💬-general": "general-…",
        "💬": "room-…",
        "C++": "c-…",
        "C#": "c-…",
        "x" * 60: "x" * 41 + "-…",
    }
    assert (told["bad"], again["imported"], again["duplicates"]) == (0, 0, len(called))
    assert texts(data, "general")[-1] == "in #general"
    assert texts(data, names["C#"]) == ["in C#"]
    directory = Directory.open(data / "directory")
    titles = {name: room.title for name, room in directory.table("rooms", Room).items()}
    directory.close()
    unnamed = {"c": "c", "प्रश्न": "प्रश्न"}
    assert titles == unnamed | {name: room for room, name in names.items() if name != "general"}


@pytest.mark.parametrize("room", ["", "  ", "\ud800", 5])
def test_a_room_of_which_no_name_can_be_made_is_a_bad_row(run: Run, tmp_path: Path, room: object):
    (tmp_path / "old").write_text(json.dumps([MESSAGE | {"room": room}, MESSAGE]))

    told = run(log, "import", tmp_path / "old", "--room", "old", "--json", code=1 if room else 0)

    assert counted(told.stdout)["bad"] == (1 if room else 0)


def test_previews_come_along_without_pictures_and_lead_to_no_scripts(
    run: Run, data: Path, tmp_path: Path
):
    said = {"room": "pot", "sender": "ana", "at": "2026-11-22T09:30:00.123Z"}
    edit = {**said, "type": "edit", "target": 1, "text": "http://a.example"}
    image = {"id": "x" * 22, "name": "p.webp", "type": "image/webp", "bytes": 1, "sha256": "a" * 64}
    preview = {"url": "http://a.example", "title": "A", "text": "All of it", "image": image}
    rows = [
        {**said, "type": "message", "seq": 1, "text": "http://a.example"},
        {**edit, "seq": 2, "previews": [preview]},
        {**edit, "seq": 3, "previews": [{**preview, "url": "javascript:alert(1)"}]},
    ]
    (tmp_path / "log.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))

    imported = run(log, "import", tmp_path / "log.jsonl", "--json", code=1)

    assert counted(imported.stdout)["bad"] == 1
    with closing(MessageLog.open(data / "messages")) as there:
        message = there.message("pot", 1)
    assert message is not None
    assert message.previews == [LinkPreview(url="http://a.example", title="A", text="All of it")]
    assert (message.text, message.edited_at) == ("http://a.example", None)


def test_a_dry_run_of_our_own_export_tells_what_an_import_would_do(
    run: Run, data: Path, tmp_path: Path
):
    file, other = tmp_path / "log.jsonl", tmp_path / "other"
    run(log, "export", "-o", file)
    half = file.read_text().splitlines(keepends=True)
    file.with_name("half").write_text("".join(half[:2]))

    def imported(name: str, *options: object) -> dict[str, object]:
        arguments = ["import", tmp_path / name, "--data", other, "--json", *options]
        told = counted(CliRunner().invoke(log, [*map(str, arguments)]).stdout)
        assert told.pop("dry_run") is ("--dry-run" in options)
        return told

    planned = imported("log.jsonl", "--dry-run")
    assert not other.exists()
    assert imported("half") != planned
    rest = imported("log.jsonl", "--dry-run")
    before = texts(other)
    assert (rest["imported"], rest["duplicates"]) == (len(half) - 2, 2)

    assert imported("log.jsonl") == rest
    assert texts(other) == texts(data) != before
    nothing = imported("log.jsonl", "--dry-run", "--report", tmp_path / "report.json")
    assert (nothing["imported"], nothing["duplicates"]) == (0, len(half))
    assert counted((tmp_path / "report.json").read_text())["duplicates"] == len(half)
    assert planned["imported"] == len(half)


def test_a_dry_run_of_objects_counts_what_is_there_twice(run: Run, data: Path, tmp_path: Path):
    rows = [MESSAGE, MESSAGE, MESSAGE | {"message": 5}]
    (tmp_path / "old").write_text(json.dumps(rows))
    arguments = ("import", tmp_path / "old", "--room", "attic", "--public", "--json")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "emoji.json").write_text("[{}]")

    planned = counted(run(log, *arguments, "--dry-run", code=1).stdout)
    assert "attic" not in run(log, "stats").stdout
    done = counted(run(log, *arguments, code=1).stdout)
    again = counted(run(log, *arguments, "--dry-run", code=1).stdout)

    assert (planned["imported"], planned["duplicates"], planned["bad"]) == (2, 0, 1)
    assert (planned["rooms"], planned["public_rooms"]) == ({"attic": "attic"}, 1)
    assert planned | {"dry_run": False} == done
    assert (again["imported"], again["duplicates"], again["rooms"]) == (0, 2, {})
    assert texts(data, "attic") == ["hey 🎉", "hey 🎉"]


def test_a_large_array_is_read_row_by_row(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.transfer.import_file.WHOLE_BYTES", 100)
    rows = [MESSAGE | {"message": f"row {number} 🎉"} for number in range(20)]
    (tmp_path / "old").write_text(json.dumps([*rows, 7, MESSAGE | {"message": "half \ud83c"}]))
    arguments = ("import", tmp_path / "old", "--room", "large", "--json")

    told = counted(run(log, *arguments, code=1).stdout)
    assert (told["imported"], told["bad"]) == (20, 2)
    assert texts(data, "large") == [row["message"] for row in rows]

    (tmp_path / "old").write_text(json.dumps(rows)[:-10])
    cut = run(log, *arguments, code=1).stderr
    assert "old is damaged after row 19 (" in cut
    assert len(texts(data, "large")) == 20
