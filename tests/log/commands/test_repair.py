"""`chatapp log repair`: what is kept, what is lost, and what it says of both."""

import json
from pathlib import Path
from zlib import crc32

import pytest

from chatapp.cli.log import log
from chatapp.cli.log_commands.backup import backup
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.log.conftest import draft

from .conftest import SEGMENT, Run, damage, epoch_of, texts


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


def test_repair_says_which_files_are_missing_where_nothing_tells_what_was_in_them(
    run: Run, data: Path
):
    (data / SEGMENT).unlink()

    told = run(log, "repair").stdout

    assert "0 records now" in told
    assert "Lost: what was in 000000000001.jsonl, which is missing. " in told
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
    directory.table("people", object).put("bo", {"role": "member"})
    directory.table("people", object).put("cy", {"role": "member"})
    directory.close()
    segment = data / "directory/000000000001.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b'"key":"bo"', b'"key":"no"'))

    assert "directory/ has 2 records now. Lost: 2." in run(log, "repair").stdout

    directory = Directory.open(data / "directory")
    assert [key for key, _ in directory.table("people", object).items()] == ["ana", "cy"]
    directory.close()
    run(log, "verify")
