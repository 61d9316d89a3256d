"""From the plain array to version 1, from version 1 to version 2: golden files, and a whole log."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import pytest
from click.testing import CliRunner

from chatapp.files import MIGRATIONS
from chatapp.storage import Directory, Disk, MessageLog, StorageError
from chatapp.storage.cli import log as log_command
from chatapp.storage.migrate import migrate, migrations
from chatapp.storage.verify import verify

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


def test_the_golden_log_of_version_1_is_one():
    step = migrations(MIGRATIONS)[1]
    previous = b"0" * 64

    for line in (GOLDEN / "0002.before.jsonl").read_bytes().splitlines(keepends=True):
        covered, _, crc = line.rpartition(b',"crc":"')
        assert crc == b'%08x"}\n' % crc32(covered)
        record = json.loads(line)
        assert set(record) <= set(step.SCHEMA["properties"])
        assert set(record) >= set(step.SCHEMA["required"])
        assert step.line_hash(line, previous).decode() == record["hash"]
        previous = record["hash"].encode()


def test_a_log_of_version_1_becomes_the_golden_one_of_version_2(old: Path, tmp_path: Path):
    before = (old / SEGMENT).read_bytes()

    result = migrate(
        Disk(), old, migrations(MIGRATIONS), backup=tmp_path / "backups/old", randomness=counted
    )

    assert (result.old, result.new, result.records) == (1, 2, 6)
    assert (old / SEGMENT).read_bytes() == (GOLDEN / "0002.after.jsonl").read_bytes()
    assert (tmp_path / "backups/old" / SEGMENT).read_bytes() == before
    assert verify(old).problems == []
    log = MessageLog.open(old)
    assert log.epoch == "1122334455667788"
    assert [message.text for message in log.history("general").messages] == ["hola", 'a "b"\n…']
    log.close()


def test_every_record_of_version_2_fits_its_schema():
    schema = migrations(MIGRATIONS)[2].SCHEMA

    for line in (GOLDEN / "0002.after.jsonl").read_text().splitlines():
        record = json.loads(line)
        assert set(schema["required"]) <= set(record) <= set(schema["properties"])
        assert record["v"] == 2
        for key, needed in schema["dependentRequired"].items():
            assert key not in record or set(needed) <= set(record)


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

    assert "directory/ version 1 to 2, 1 records" in result.stdout
    directory = Directory.open(folder)
    assert directory.get("people", "ana") == {"text": "a", "role": "admin"}
    directory.close()
