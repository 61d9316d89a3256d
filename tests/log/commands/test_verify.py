"""`chatapp log verify`: what it finds, and what it lets pass."""

import json
import shutil
from pathlib import Path

from chatapp.cli.log import log
from chatapp.store.message_log import MessageLog
from tests.log.conftest import draft

from .conftest import SEGMENT, Run, damage


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


def tear(index: Path) -> None:
    """Its second page is none."""
    content = bytearray(index.read_bytes())
    content[4096:8192] = bytes(4096)
    index.write_bytes(content)


def test_verify_sees_an_index_that_is_damaged(run: Run, data: Path):
    tear(data / "index.sqlite3")

    assert "index.sqlite3 is damaged" in run(log, "verify", code=1).stdout


def test_verify_looks_at_the_index_of_the_audit_log_too(run: Run, data: Path):
    audit = MessageLog.open(data / "audit", index=data / "audit.sqlite3")
    audit.append(draft("banned bo", room="ban"))
    audit.close()
    run(log, "verify")
    tear(data / "audit.sqlite3")

    assert "audit.sqlite3 is damaged" in run(log, "verify", code=1).stdout


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
