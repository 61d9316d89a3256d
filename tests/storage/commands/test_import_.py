"""`chatapp log import`: our own exports, and what other chats have written."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.model import Room
from chatapp.storage import Directory
from chatapp.storage.cli import log

from .conftest import Run, texts


def test_our_own_export_can_be_imported_elsewhere_and_again(run: Run, data: Path, tmp_path: Path):
    run(log, "export", "-o", tmp_path / "log.jsonl")
    other = tmp_path / "other"

    def imported() -> dict[str, int]:
        arguments = ["import", str(tmp_path / "log.jsonl"), "--data", str(other), "--json"]
        return json.loads(CliRunner().invoke(log, arguments).stdout)

    counts = {"imported": 5, "duplicates": 0, "bad": 0, "problems": [], "rooms": ["tea"]}
    assert imported() == counts
    assert imported() == counts | {"imported": 0, "duplicates": 5, "rooms": []}
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

    first = run(log, "import", tmp_path / "old.json", "--room", "old", "--json")
    again = json.loads(run(log, "import", tmp_path / "old.json", "--room", "old", "--json").stdout)

    told = json.loads(first.stdout)
    assert (told["imported"], told["duplicates"], told["bad"]) == (3, 0, 3)
    assert "row 3: client and message must be texts" in first.stderr
    assert (again["imported"], again["duplicates"]) == (0, 3)
    assert texts(data, "old") == ["from afar", "from afar", "seconds"]


@pytest.mark.parametrize("public", [False, True])
def test_rooms_of_imported_messages_are_made_for_who_wrote_there_or_for_all(
    run: Run, data: Path, tmp_path: Path, public: bool
):
    rows = [{"client": "Cy", "message": "hey", "timestamp": 1577872800}]
    (tmp_path / "old.json").write_text(json.dumps(rows))

    told = run(log, "import", tmp_path / "old.json", "--room", "attic", *["--public"] * public)

    assert "Rooms made: attic." in told.stdout
    directory = Directory.open(data / "directory")
    room = directory.get("rooms", "attic", Room)
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
        ({"type": "react", "target": 1}, "A reaction is an emoji"),
    ],
)
def test_a_row_of_our_own_that_is_not_as_it_should_be_is_reported(
    run: Run, data: Path, tmp_path: Path, row: dict[str, object], why: str
):
    sound = {"room": "x", "seq": 1, "sender": "cy", "at": "2020-01-01T10:00:00Z", "text": "hey"}
    lines = [sound, {**sound, "seq": 2, **row}]
    (tmp_path / "old.jsonl").write_text("\n".join(map(json.dumps, lines)))

    result = run(log, "import", tmp_path / "old.jsonl", "--json")

    told = json.loads(result.stdout)
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

    told = json.loads(run(log, "import", tmp_path / "log.jsonl", "--json").stdout)

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

    told = json.loads(run(log, "import", tmp_path / "old.json", "--json").stdout)

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
        json.loads(run(log, "import", tmp_path / "old.jsonl", "--json").stdout) for _ in range(2)
    ]

    assert [one["bad"] for one in told] == [1, 1]
    assert [one["imported"] for one in told] == [2, 0]
