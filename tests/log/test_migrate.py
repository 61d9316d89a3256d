"""From the plain array to version 1, and on to the newest: golden files, and a whole log."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import pytest
from click.testing import CliRunner

from chatapp.cli.log import log as log_command
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.format import VERSION
from chatapp.resources import MIGRATIONS
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.migrate import migrate, migrations
from chatapp.upkeep.verify import verify

GOLDEN = Path(__file__).parent / "golden"
SEGMENT = "000000000001.jsonl"


def counted(size: int) -> bytes:
    """What stands in for randomness in the golden files."""
    return bytes(i % 251 for i in range(size))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A messages folder of version 1."""
    folder = tmp_path / "messages"
    folder.mkdir()
    shutil.copy(GOLDEN / "0002.before.jsonl", folder / SEGMENT)
    (folder / "manifest.json").write_text('{"format":1,"epoch":"1122334455667788","segments":[]}')
    return folder


def test_the_plain_array_becomes_records_of_version_1():
    step = migrations(MIGRATIONS)[1]
    rows = json.loads((GOLDEN / "0001.before.json").read_text())

    upgraded = [step.upgrade(row) for row in rows]

    expected = (GOLDEN / "0001.after.jsonl").read_text().splitlines()
    assert upgraded == [json.loads(line) for line in expected]


def make_version_2(folder: Path) -> None:
    shutil.copy(GOLDEN / "0003.before.jsonl", folder / SEGMENT)
    (folder / "manifest.json").write_text('{"format":2,"epoch":"1122334455667788","segments":[]}')


def check_golden_log(version: int, name: str) -> None:
    """Each line is whole, of its version, and follows from the one before."""
    step = migrations(MIGRATIONS)[version]
    previous = b"0" * 64

    for line in (GOLDEN / name).read_bytes().splitlines(keepends=True):
        covered, _, crc = line.rpartition(b',"crc":"')
        assert crc == b'%08x"}\n' % crc32(covered)
        record = json.loads(line)
        assert set(record) <= set(step.SCHEMA["properties"])
        assert set(record) >= set(step.SCHEMA["required"])
        assert step.line_hash(line, previous).decode() == record["hash"]
        previous = record["hash"].encode()


def test_the_golden_log_of_version_1_is_one():
    check_golden_log(1, "0002.before.jsonl")


def test_the_golden_log_of_version_2_is_one():
    check_golden_log(2, "0003.before.jsonl")


def test_the_golden_log_of_version_1_becomes_that_of_version_2():
    """As far as a step goes alone: what is numbered, salted and chained is done at the end."""
    step = migrations(MIGRATIONS)[2]
    before = (GOLDEN / "0002.before.jsonl").read_text().splitlines()
    after = (GOLDEN / "0002.after.jsonl").read_text().splitlines()

    upgraded = [step.upgrade(json.loads(line)) for line in before]

    made_anew = ("more", "salt", "hash", "crc")
    expected = [{k: v for k, v in json.loads(line).items() if k not in made_anew} for line in after]
    assert upgraded == expected
    check_golden_log(2, "0002.after.jsonl")


def test_a_log_of_version_1_becomes_the_golden_one_of_version_3(old: Path, tmp_path: Path):
    before = (old / SEGMENT).read_bytes()

    result = migrate(
        Disk(), old, migrations(MIGRATIONS), backup=tmp_path / "backups/old", randomness=counted
    )

    assert (result.old, result.new, result.records) == (1, 3, 6)
    golden = (GOLDEN / "0003.after.jsonl").read_bytes().splitlines(keepends=True)
    assert (old / SEGMENT).read_bytes() == b"".join(golden[:6])
    assert (tmp_path / "backups/old" / SEGMENT).read_bytes() == before
    assert verify(old).problems == []
    log = MessageLog.open(old)
    assert log.epoch == "1122334455667788"
    assert [message.text for message in log.history("general").messages] == ["hola", 'a "b"\n…']
    log.close()


def test_a_log_of_version_2_becomes_the_golden_one_of_version_3(old: Path, tmp_path: Path):
    make_version_2(old)

    result = migrate(Disk(), old, migrations(MIGRATIONS), backup=tmp_path / "backups/old")

    assert (result.old, result.new, result.records) == (2, 3, 11)
    assert (old / SEGMENT).read_bytes() == (GOLDEN / "0003.after.jsonl").read_bytes()
    assert verify(old).problems == []
    log = MessageLog.open(old)
    assert [(one.text, one.erased_at) for one in log.history("general").messages] == [
        ("hola", None),
        ('a "b"\n…', None),
        ("", "2026-11-24T12:00:00.000Z"),
    ]
    log.close()


def test_an_erasing_that_version_2_has_not_finished_is_not_left_behind(old: Path, tmp_path: Path):
    """Its texts lie in the log as long as nobody puts the segments without them in their place."""
    make_version_2(old)
    (tmp_path / "messages.erased").mkdir()

    result = CliRunner().invoke(log_command, ["migrate", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "messages.erased" in result.stderr
    assert (old / SEGMENT).read_bytes() == (GOLDEN / "0003.before.jsonl").read_bytes()


@pytest.mark.parametrize(("version", "name"), [(2, "0002.after.jsonl"), (3, "0003.after.jsonl")])
def test_every_record_fits_the_schema_of_its_version(version: int, name: str):
    schema = migrations(MIGRATIONS)[version].SCHEMA

    for line in (GOLDEN / name).read_text().splitlines():
        record = json.loads(line)
        assert set(schema["required"]) <= set(record) <= set(schema["properties"])
        assert record["v"] == version
        for key, needed in schema["dependentRequired"].items():
            assert key not in record or set(needed) <= set(record)


def test_the_newest_version_is_the_one_that_is_written():
    assert max(migrations(MIGRATIONS)) == VERSION


def test_an_older_log_is_not_opened_but_told_what_to_do(old: Path):
    with pytest.raises(StorageError, match="run `chatapp log migrate`"):
        MessageLog.open(old)


def test_a_dry_run_changes_nothing(old: Path, tmp_path: Path):
    result = CliRunner().invoke(
        log_command, ["migrate", "--dry-run", "--data", str(tmp_path), "--json"]
    )

    assert json.loads(result.stdout)["folders"][0]["records"] == 6
    assert (old / SEGMENT).read_bytes() == (GOLDEN / "0002.before.jsonl").read_bytes()
    assert not (tmp_path / "messages.making").exists()


def test_a_damaged_log_is_not_migrated(old: Path, tmp_path: Path):
    data = (old / SEGMENT).read_bytes()
    (old / SEGMENT).write_bytes(data.replace(b"hola", b"hole"))

    result = CliRunner().invoke(log_command, ["migrate", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "line 1 is damaged: its checksum is wrong. Nothing was changed" in result.stderr
    assert (old / SEGMENT).read_bytes() == data.replace(b"hola", b"hole")


@pytest.mark.parametrize("torn", [b'{"v":1,"n":7,"ba', bytes(300)])
def test_a_last_write_that_was_not_finished_is_left_out(
    old: Path, tmp_path: Path, torn: bytes, caplog: pytest.LogCaptureFixture
):
    whole = (old / SEGMENT).read_bytes()
    (old / SEGMENT).write_bytes(whole + torn)

    result = migrate(Disk(), old, migrations(MIGRATIONS), backup=tmp_path / "kept")

    assert result.records == 6
    assert "record 6 is the last" in caplog.text
    assert (tmp_path / "kept" / SEGMENT).read_bytes() == whole + torn
    assert verify(old).problems == []


def test_a_log_whose_beginning_was_dropped_goes_on_from_its_anchor(old: Path, tmp_path: Path):
    lines = (old / SEGMENT).read_bytes().splitlines(keepends=True)
    anchor = json.loads(lines[1])
    (old / SEGMENT).unlink()
    (old / "000000000003.jsonl").write_bytes(b"".join(lines[2:]))
    heads = {json.loads(line)["room"]: json.loads(line)["seq"] for line in lines[:2]}
    manifest = {"format": 1, "epoch": "1122334455667788", "heads": heads, "segments": []}
    manifest["anchor"] = {key: anchor[key] for key in ("n", "batch", "hash")}
    (old / "manifest.json").write_text(json.dumps(manifest))

    result = migrate(Disk(), old, migrations(MIGRATIONS), backup=tmp_path / "kept")

    assert result.records == 4
    assert verify(old).problems == []
    log = MessageLog.open(old)
    assert log.heads() == {json.loads(line)["room"]: json.loads(line)["seq"] for line in lines}
    log.close()


def test_where_there_is_no_log_it_says_so(tmp_path: Path):
    result = CliRunner().invoke(log_command, ["migrate", "--data", str(tmp_path)])

    assert result.exit_code == 1
    assert "There is no log" in result.stderr


def test_a_directory_of_version_1_is_migrated_too(tmp_path: Path):
    folder = tmp_path / "directory"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"format":1,"epoch":"1122334455667788","segments":[]}')
    head = (
        b'{"v":1,"n":1,"batch":1,"table":"people","key":"ana",'
        b'"at":"2026-11-22T09:30:00.123Z","value":{"text":"a","role":"admin"}'
    )
    digits = sha256(b"0" * 64 + head).hexdigest().encode()
    covered = head + b',"hash":"%b"' % digits
    (folder / SEGMENT).write_bytes(b'%b,"crc":"%08x"}\n' % (covered, crc32(covered)))

    result = CliRunner().invoke(log_command, ["migrate", "--data", str(tmp_path)])

    assert "directory/ version 1 to 3, 1 records" in result.stdout
    directory = Directory.open(folder)
    assert directory.table("people", object).get("ana") == {"text": "a", "role": "admin"}
    directory.close()
