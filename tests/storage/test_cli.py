"""`chatapp log …`, `chatapp backup` and `chatapp restore`, as a person or a script calls them."""

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zlib import crc32

import pytest
from click.testing import CliRunner, Result

from chatapp.model import Draft, Room
from chatapp.storage import DataFolder, Directory, MessageLog
from chatapp.storage.cli import backup, log, restore

from .conftest import Clock, draft

Run = Callable[..., Result]
SEGMENT = "messages/000000000001.jsonl"


@pytest.fixture
def data(tmp_path: Path, clock: Clock) -> Path:
    """A data folder with two days of talk, in January 2020."""
    clock.now = datetime(2020, 1, 1, 9, 30, tzinfo=UTC)
    folder = tmp_path / "data"
    DataFolder.open(folder).close()
    messages = MessageLog.open(folder / "messages", clock=clock)
    messages.append(draft("green tea", cid="c1"))
    messages.append(draft("=SUM(A1)", sender="bo", reply_to=1))
    clock.advance(days=1)
    messages.append(Draft(room="general", sender="ana", type="edit", target=1, text="black tea"))
    messages.append(draft("<script>alert(1)</script>", room="tea", sender="bo"))
    messages.append(Draft(room="general", sender="bo", type="react", target=1, emoji="👍", on=True))
    messages.close()
    directory = Directory.open(folder / "directory", clock=clock)
    directory.put("people", "ana", {"role": "admin"})
    directory.close()
    return folder


@pytest.fixture
def run(data: Path) -> Run:
    def run(command: object, *arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(
            command,  # type: ignore[arg-type]
            [*map(str, arguments), "--data", str(data)],
        )
        assert result.exit_code == code, result.output
        return result

    return run


def texts(data: Path, room: str = "general") -> list[str]:
    messages = MessageLog.open(data / "messages")
    page = messages.history(room).messages
    messages.close()
    return [message.text for message in page]


def epoch_of(data: Path) -> str:
    return str(json.loads((data / "messages/manifest.json").read_text())["epoch"])


def damage(data: Path, line: int) -> None:
    lines = (data / SEGMENT).read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"general"', b'"genera1"').replace(b"tea", b"t3a")
    (data / SEGMENT).write_bytes(b"".join(lines))


def test_verify_finds_a_sound_log_sound(run: Run):
    assert "5 records" in run(log, "verify").stdout
    assert json.loads(run(log, "verify", "--json").stdout)["messages"]["records"] == 5


def test_verify_needs_no_messages_yet(run: Run, data: Path):
    shutil.rmtree(data / "messages")

    assert "directory/ 1 records" in run(log, "verify").stdout


def test_verify_names_the_first_bad_line(run: Run, data: Path):
    damage(data, 2)

    result = run(log, "verify", code=1)

    assert f"{SEGMENT} line 2: its checksum is wrong" in result.stdout


def test_one_bad_line_in_an_old_segment_is_one_complaint(run: Run, data: Path):
    messages = MessageLog.open(data / "messages", segment_bytes=500)
    for number in range(20):
        messages.append(draft(f"message {number}", room=f"room-{number % 3}"))
    messages.close()
    segments = sorted((data / "messages").glob("*.jsonl"))
    assert len(segments) > 4
    segments[2].write_bytes(segments[2].read_bytes().replace(b"message", b"massage", 1))

    told = run(log, "verify", code=1).stdout.splitlines()

    assert f"{segments[2].name} line 1: its checksum is wrong" in told[0]
    assert [line for line in told if "seq" in line] == []


def test_verify_sees_an_index_that_is_wrong(run: Run, data: Path):
    with sqlite3.connect(data / "index.sqlite3") as db:
        db.execute("UPDATE records SET offset = offset + 1 WHERE n = 3")
    db.close()

    assert "wrong about record 3" in run(log, "verify", code=1).stdout


def test_verify_looks_at_the_index_of_the_audit_log_too(run: Run, data: Path):
    audit = MessageLog.open(data / "audit", index=data / "audit.sqlite3")
    audit.append(draft("banned bo", room="ban"))
    audit.close()
    run(log, "verify")
    with sqlite3.connect(data / "audit.sqlite3") as db:
        db.execute("UPDATE records SET offset = offset + 1 WHERE n = 1")
    db.close()

    assert "audit.sqlite3" in run(log, "verify", code=1).stdout


def test_verify_looks_at_all_even_where_a_manifest_is_missing(run: Run, data: Path):
    (data / "messages/manifest.json").unlink()

    told = json.loads(run(log, "verify", "--json", code=1).stdout)

    assert not told["ok"]
    assert "`chatapp log repair`" in told["messages"]["problems"][0]
    assert told["directory"]["records"] == 1


def test_a_segment_that_is_missing_is_named(run: Run, data: Path):
    messages = MessageLog.open(data / "messages", segment_bytes=500)
    for number in range(20):
        messages.append(draft(f"message {number}"))
    messages.close()
    first, second, third, *_ = sorted((data / "messages").glob("*.jsonl"))
    second.unlink()

    for command in ("stats", "export", "reindex"):
        told = run(log, command, code=1).stderr
        assert f"no records {int(second.stem)} to {int(third.stem) - 1}" in told
    assert f"{second.name} is missing" in run(log, "verify", code=1).stdout
    assert first.exists()


def test_repair_counts_what_was_lost_at_the_end_if_it_was_sealed(run: Run, data: Path):
    messages = MessageLog.open(data / "messages", segment_bytes=500)
    for number in range(20):
        messages.append(draft(f"message {number}"))
    messages.close()
    _, second, *_, active = segments = sorted((data / "messages").glob("*.jsonl"))
    for segment in segments[1:]:
        segment.unlink()
    assert f"{second.name} is missing" in run(backup, data.parent / "copy", code=1).stderr

    told = json.loads(run(log, "repair", "--json").stdout)["messages"]

    kept = int(second.stem) - 1
    assert (told["records"], told["lost"]) == (kept, [[kept + 1, int(active.stem) - 1]])
    run(log, "verify")


def test_repair_keeps_every_whole_record_and_the_old_log(run: Run, data: Path):
    before = texts(data)
    epoch = epoch_of(data)
    damage(data, 2)
    damaged = (data / SEGMENT).read_bytes()

    told = json.loads(run(log, "repair", "--json").stdout)["messages"]

    assert told["lost"] == [[2, 2]]
    assert (Path(told["kept_old"]) / "000000000001.jsonl").read_bytes() == damaged
    assert before == ["black tea", "=SUM(A1)"]
    assert texts(data) == ["black tea"]
    assert epoch_of(data) != epoch, "clients would go on with numbers that mean other records now"
    run(log, "verify")
    assert json.loads(run(log, "stats", "--json").stdout)["senders"] == {"ana": 2, "bo": 2}


@pytest.mark.parametrize(
    ("changes", "lost", "altered"),
    [
        ({"sender": "eve"}, [], [[2, 2]]),
        ({"seq": 1}, [[2, 2]], []),
        ({"seq": 10**12}, [[2, 2]], []),
        ({"room": "tea"}, [[2, 2]], []),
    ],
)
def test_repair_tells_what_was_forged_and_makes_a_whole_log(
    run: Run, data: Path, changes: dict[str, object], lost: object, altered: object
):
    """With a checksum that is right; only the chain knows."""
    lines = (data / SEGMENT).read_bytes().splitlines(keepends=True)
    forged = json.loads(lines[1]) | changes
    covered = json.dumps(forged, separators=(",", ":"), ensure_ascii=False).encode()
    covered = covered[: covered.rindex(b',"crc":"')]
    lines[1] = covered + b',"crc":"%08x"}\n' % crc32(covered)
    (data / SEGMENT).write_bytes(b"".join(lines))
    assert "line 2: its hash does not follow" in run(log, "verify", code=1).stdout

    told = json.loads(run(log, "repair", "--json").stdout)["messages"]

    assert (told["lost"], told["altered"]) == (lost, altered)
    run(log, "verify")
    assert texts(data)[0] == "black tea"


def test_repair_leaves_alone_what_is_not_damaged(run: Run, data: Path):
    before = (data / "messages/manifest.json").read_bytes()

    assert "Nothing is damaged" in run(log, "repair").stdout
    assert (data / "messages/manifest.json").read_bytes() == before


def test_repair_of_a_directory_keeps_every_whole_entry(run: Run, data: Path):
    directory = Directory.open(data / "directory")
    directory.put("people", "bo", {"role": "member"})
    directory.put("people", "cy", {"role": "member"})
    directory.close()
    segment = data / "directory/000000000001.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b'"key":"bo"', b'"key":"no"'))

    assert "directory/ has 2 records now. Lost: 2." in run(log, "repair").stdout

    directory = Directory.open(data / "directory")
    assert [key for key, _ in directory.items("people")] == ["ana", "cy"]
    directory.close()
    run(log, "verify")


@pytest.mark.parametrize("command", ["verify", "stats", "repair", "reindex", "export", "migrate"])
def test_a_log_of_a_later_version_is_left_alone(run: Run, data: Path, command: str):
    manifest = data / "messages/manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 3'))
    before = {file: file.read_bytes() for file in (data / "messages").iterdir()}

    assert "newer than this program" in run(log, command, code=1).output

    assert {file: file.read_bytes() for file in (data / "messages").iterdir()} == before


def test_a_backup_has_the_audit_log_too(run: Run, data: Path, tmp_path: Path):
    audit = MessageLog.open(data / "audit", index=data / "audit.sqlite3")
    audit.append(draft("banned bo", room="ban"))
    audit.close()

    run(backup, tmp_path / "copy")
    shutil.rmtree(data)
    run(restore, tmp_path / "copy")

    audit = MessageLog.open(data / "audit", index=data / "audit.sqlite3")
    assert audit.head("ban") == 1
    audit.close()


def test_a_backup_within_the_log_is_refused(run: Run, data: Path):
    told = run(backup, data / "messages" / "copy", code=1).stderr

    assert "would be a part of the log itself" in told
    assert not (data / "messages" / "copy").exists()


def test_a_folder_that_lies_within_the_log_is_in_nobodys_way(run: Run, data: Path):
    (data / "messages/notes").mkdir()
    (data / "messages/notes/todo").write_text("SUM")

    run(log, "erase", "--sender", "bo", "--yes")

    run(log, "verify")
    assert [path.name for path in data.glob("messages*")] == ["messages"]


def test_a_damaged_backup_is_not_restored(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    damage(tmp_path / "copy", 2)
    before = sorted(data.rglob("*"))

    told = run(restore, tmp_path / "copy", code=1).stderr

    assert f"In {tmp_path / 'copy'}, {SEGMENT} line 2 is damaged" in told
    assert sorted(data.rglob("*")) == before


def test_a_damaged_log_gives_no_backup_and_no_half_of_one(run: Run, data: Path, tmp_path: Path):
    damage(data, 2)

    assert "line 2 is damaged" in run(backup, tmp_path / "copy", code=1).output

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_what_cannot_be_copied_leaves_nothing_behind(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    shutil.rmtree(data)

    run(backup, tmp_path / "copy", code=1)
    run(restore, tmp_path / "empty", code=1)
    run(log, "reindex", code=1)

    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


@pytest.mark.parametrize(
    "line",
    ["backup {here}/another", "restore {here}/copy", "log erase --sender bo --yes",
     "log retain --older-than 1 --keep-old --yes", "log repair"],
)  # fmt: skip
def test_what_is_broken_off_by_the_keyboard_leaves_nothing_behind(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
):
    run(backup, tmp_path / "copy")
    if "repair" in line:
        damage(data, 5)
    files = sorted(tmp_path.rglob("*"))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chatapp.storage.rewriting.Rewriting.finish", interrupted)
    group, *arguments = line.format(here=tmp_path).split(" ")
    result = CliRunner().invoke({"log": log, "backup": backup, "restore": restore}[group],
                                [*arguments, "--data", str(data)])  # fmt: skip

    assert (result.exit_code, "Aborted!" in result.output) == (1, True)
    assert sorted(tmp_path.rglob("*")) == files


def test_reindex_makes_the_index_again(run: Run, data: Path):
    (data / "index.sqlite3").write_bytes(b"nonsense")

    assert "5 records" in run(log, "reindex").stdout
    run(log, "verify")


def test_stats_count_rooms_and_people(run: Run):
    told = json.loads(run(log, "stats", "--json").stdout)

    assert told["records"] == 5
    assert told["rooms"] == {"general": 4, "tea": 1}
    assert told["senders"] == {"bo": 3, "ana": 2}
    assert "general" in run(log, "stats").stdout


def test_stats_tell_the_earliest_and_the_latest_also_of_what_was_imported(run: Run, tmp_path: Path):
    row = {"client": "zoe", "message": "long ago", "timestamp": "2010-02-02T00:00:00Z"}
    (tmp_path / "old.json").write_text(json.dumps([row]))
    latest = json.loads(run(log, "stats", "--json").stdout)["last_at"]
    run(log, "import", tmp_path / "old.json")

    told = json.loads(run(log, "stats", "--json").stdout)

    assert (told["first_at"], told["last_at"]) == ("2010-02-02T00:00:00.000Z", latest)


def test_export_writes_lines_tables_and_pages(run: Run, tmp_path: Path):
    lines = [json.loads(line) for line in run(log, "export").stdout.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3, 1, 4]

    table = list(csv.DictReader(io.StringIO(run(log, "export", "--format", "csv").stdout)))
    assert [row["text"] for row in table] == ["black tea", "'=SUM(A1)", "<script>alert(1)</script>"]

    page = run(log, "export", "--format", "html", "--room", "tea").stdout
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "black tea" not in page

    run(log, "export", "--format", "markdown", "--sender", "ana", "-o", tmp_path / "log.md")
    assert "> black tea" in (tmp_path / "log.md").read_text()

    assert run(log, "export", "--until", "2020-01-01").stdout == ""
    assert len(run(log, "export", "--since", "2020-01-02").stdout.splitlines()) == 3


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


def test_erased_texts_are_gone_and_the_chain_stays_whole(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    assert b"SUM" in (data / SEGMENT).read_bytes()
    assert "2 texts" in run(log, "erase", "--sender", "bo", "--dry-run").stdout
    assert b"SUM" in (data / SEGMENT).read_bytes()

    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "copy")

    for place in (data, tmp_path / "copy"):
        for file in (file for file in place.rglob("*") if file.is_file()):
            assert b"SUM" not in file.read_bytes(), file
    run(log, "verify")
    assert texts(data) == ["black tea", ""]
    assert b'"erased":"' in (data / SEGMENT).read_bytes()


def test_a_copy_of_the_whole_folder_loses_its_index_too(run: Run, data: Path, tmp_path: Path):
    shutil.copytree(data, tmp_path / "copy")
    assert (tmp_path / "copy/index.sqlite3").exists()

    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "copy")

    assert not (data / "index.sqlite3").exists()
    assert not (tmp_path / "copy/index.sqlite3").exists()


def test_who_was_away_during_an_erasing_reads_all_anew(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    before = epoch_of(data)

    run(log, "erase", "--sender", "bo", "--dry-run")
    run(log, "erase", "--sender", "nobody", "--yes")
    assert epoch_of(data) == before, "nothing was erased"
    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "copy")

    assert epoch_of(data) != before
    assert epoch_of(tmp_path / "copy") != before


def test_erase_tells_what_it_did_not_look_at_unless_it_is_named(run: Run, data: Path):
    damage(data, 1)
    kept = Path(json.loads(run(log, "repair", "--json").stdout)["messages"]["kept_old"])
    (data / "quarantine").mkdir()
    (data / "quarantine" / "messages-1").write_bytes(b"half a line")
    run(log, "repair")

    told = run(log, "erase", "--sender", "nobody", "--yes").stderr

    assert f"{kept} may have such texts too" in told
    assert "messages-1 may have such texts too" in told
    segment = kept / "000000000001.jsonl"
    segment.write_bytes(
        segment.read_bytes().replace(b"genera1", b"general").replace(b"t3a", b"tea")
    )
    assert str(kept) not in run(log, "erase", "--sender", "bo", "--yes", "--backup", kept).stderr
    assert b"SUM" not in segment.read_bytes()


def test_erase_touches_nothing_if_a_backup_is_none(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "none").mkdir()

    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "none", code=1)

    assert b"SUM" in (data / SEGMENT).read_bytes()


def test_erase_needs_to_know_whose_texts(run: Run):
    run(log, "erase", "--yes", code=2)
    run(log, "erase", "--yes", "--seq", "1", code=2)


@pytest.mark.parametrize("days", ["0", "1000000", "soon"])
def test_retain_needs_a_number_of_days(run: Run, days: str):
    run(log, "retain", "--older-than", days, code=2)


def test_retain_counts_first_and_keeps_numbers_and_chain(run: Run, data: Path):
    days = (datetime.now(UTC).date() - date(2020, 1, 2)).days
    counted = json.loads(run(log, "retain", "--older-than", days, "--json").stdout)
    assert (counted["dry_run"], counted["dropped"]) == (True, {"2020-01-01": 2})
    assert texts(data) == ["black tea", "=SUM(A1)"]

    told = json.loads(run(log, "retain", "--older-than", days, "--yes", "--json").stdout)

    assert told["dropped"] == {"2020-01-01": 2}
    run(log, "verify")
    messages = MessageLog.open(data / "messages")
    assert messages.head("general") == 4
    assert messages.append(draft("on")).result().seq == 5
    assert [event.seq for event in messages.events("general", after=0, limit=9)] == [3, 4, 5]
    messages.close()


def test_retain_tells_what_is_old_but_stands_behind_newer_records(run: Run, tmp_path: Path):
    days = (datetime.now(UTC).date() - date(2020, 1, 2)).days
    row = {"client": 'z,"at":"2', "message": "long ago", "timestamp": "2010-02-02T00:00:00Z"}
    (tmp_path / "old.json").write_text(json.dumps([row]))
    run(log, "import", tmp_path / "old.json")

    told = json.loads(run(log, "retain", "--older-than", days, "--json").stdout)

    assert (told["dropped"], told["kept"], told["older"]) == ({"2020-01-01": 2}, 4, 1)
    people = run(log, "retain", "--older-than", days).stdout
    assert "4 are kept, 1 of them as old, but behind newer ones (a dry run" in people


def test_retain_with_nothing_to_drop_writes_nothing(run: Run, data: Path):
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*.json*")}

    assert "0 records" in run(log, "retain", "--older-than", "36500", "--yes").stdout

    assert {path: path.stat().st_mtime_ns for path in data.rglob("*.json*")} == before
    assert not (data / "messages.making").exists()


def test_a_backup_is_taken_while_the_server_runs_and_restored_elsewhere(
    run: Run, data: Path, tmp_path: Path
):
    server = DataFolder.open(data)
    messages = MessageLog.open(server.messages)

    run(backup, tmp_path / "copy")

    messages.append(draft("after the backup"))
    messages.close()
    server.close()
    assert "is there already" in run(backup, tmp_path / "copy", code=1).output
    told = json.loads(run(restore, tmp_path / "copy", "--json").stdout)
    assert texts(data) == ["black tea", "=SUM(A1)"]
    assert texts(Path(told["kept"]))[-1] == "after the backup"
    directory = Directory.open(data / "directory")
    assert directory.get("people", "ana") == {"role": "admin"}
    directory.close()
    run(log, "verify")


def test_a_restore_tells_whose_erased_texts_come_back(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    assert json.loads(run(restore, tmp_path / "copy", "--json").stdout)["erased_before"] == {}
    run(log, "erase", "--sender", "bo", "--yes")
    damage(data, 1)

    told = run(restore, tmp_path / "copy", "--json")

    assert json.loads(told.stdout)["erased_before"] == {"bo": 2}
    assert "2 texts of bo are back that had been erased" in told.stderr


def test_a_running_server_keeps_commands_out_that_write(run: Run, data: Path):
    server = DataFolder.open(data)

    for arguments in (["repair"], ["reindex"], ["migrate"], ["erase", "--sender", "a", "--yes"]):
        assert "in use by another server" in run(log, *arguments, code=1).output
    server.close()


@pytest.mark.parametrize(
    "line", ["repair", "reindex", "migrate", "retain --older-than 1", "erase --sender a --yes"]
)
def test_a_folder_that_has_no_log_is_left_as_it_is(tmp_path: Path, line: str):
    """It may be anybody's: the folder named by mistake."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)

    result = CliRunner().invoke(log, [*line.split(), "--data", str(folder)])

    assert (result.exit_code, "There is no log in" in result.output) == (1, True)
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o755


def test_no_log_is_one_clear_line(run: Run, data: Path):
    shutil.rmtree(data / "messages")
    shutil.rmtree(data / "directory")

    assert "There is no log" in run(log, "verify", code=1).output
    assert "There is no log" in run(log, "stats", code=1).output
