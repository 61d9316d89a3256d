"""A call to the disk fails, the Nth, of every kind: no false ack, a clean start afterwards."""

import errno
import logging
import shutil
from pathlib import Path

import pytest

from chatapp.domain.errors import ReadOnly
from chatapp.log.errors import StorageError
from chatapp.log.format import decode_record
from chatapp.log.recovery import RecoveredLine
from chatapp.store.message_log import MessageLog
from chatapp.store.opening_folder import begin, go_to_end
from chatapp.upkeep.verify import verify

from .conftest import Clock, draft, rounds
from .faults import CountingDisk, FailingDisk, ShortDisk

CALLS = ("open", "write", "fdatasync", "fsync", "rename")
CODES = (errno.ENOSPC, errno.EIO, errno.EINTR)
MOST = 200
MESSAGES = rounds(40, 220)
SEGMENT_BYTES = 3_000


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """After a full disk the next append is let through at once."""
    monkeypatch.setattr("chatapp.log.journal.RETRY_SECONDS", 0.0)
    caplog.set_level(logging.CRITICAL)


def talk(data: Path, disk: CountingDisk) -> list[tuple[int, str]]:
    """Says `MESSAGES` things, and returns what was acked: seq and text."""
    acked = []
    try:
        log = MessageLog.open(
            data / "messages",
            disk=disk,
            index=data.parent / "index.sqlite3",
            segment_bytes=SEGMENT_BYTES,
        )
    except StorageError:
        return []
    for i in range(MESSAGES):
        pending = log.append(draft(f"message {i}"))
        try:
            event = pending.result().event
        except ReadOnly:
            assert log.history("general").messages == log.history("general").messages
        else:
            acked.append((event.seq, event.text or ""))
    log.close()
    return acked


def found(data: Path) -> list[tuple[int, str]]:
    """What a clean start finds."""
    disk = CountingDisk(lambda _call, _number: None)
    lines: list[RecoveredLine] = []
    manifest = begin(disk, data / "messages")
    go_to_end(
        disk,
        data / "messages",
        manifest,
        since=None,
        quarantine=data / "quarantine",
        found=lines.extend,
    )
    verified = verify(data / "messages", processes=1)
    assert verified.problems == []
    assert [line.n for line in lines] == list(range(1, len(lines) + 1))
    records = [decode_record(line.bytes) for line in lines]
    return [(record.seq, record.text or "") for record in records]


def check(memory: Path, disk: FailingDisk | ShortDisk) -> bool:
    """Whether the fault came to pass; if so, no ack was false."""
    data = memory / "data"
    data.mkdir()
    acked = talk(data, disk)
    kept = found(data)
    assert [seq for seq, _ in kept] == list(range(1, len(kept) + 1))
    assert set(acked) <= set(kept)
    assert len(kept) <= len(acked) + 1, "at most the batch that failed may be there after all"
    shutil.rmtree(data)
    for file in memory.iterdir():
        file.unlink()
    return disk.failed


@pytest.mark.parametrize("forever", [False, True], ids=["once", "for ever"])
@pytest.mark.parametrize("code", CODES, ids=lambda code: errno.errorcode[code])
@pytest.mark.parametrize("call", CALLS)
def test_the_nth_call_fails(memory: Path, call: str, code: int, forever: bool):
    reached = 0
    for nth in range(1, MOST + 1):
        if not check(memory, FailingDisk(call, nth, code, forever=forever)):
            break
        reached = nth

    assert reached > 3


@pytest.mark.parametrize("then_full", [False, True], ids=["short", "then full"])
def test_the_nth_write_is_short(memory: Path, then_full: bool):
    for nth in range(1, MOST + 1):
        if not check(memory, ShortDisk(nth, then_full=then_full)):
            break

    assert nth > 10


def test_a_full_disk_refuses_and_takes_up_again_by_itself(memory: Path):
    disk = FailingDisk("write", 5, errno.ENOSPC, forever=False)
    data = memory / "data"
    data.mkdir()

    acked = talk(data, disk)

    assert len(acked) == MESSAGES - 1
    assert [seq for seq, _ in acked] == list(range(1, MESSAGES))


def test_after_a_failed_fsync_nothing_is_written_any_more(memory: Path, clock: Clock):
    disk = FailingDisk("fdatasync", 3, errno.EIO, forever=False)
    log = MessageLog.open(memory / "messages", disk=disk, clock=clock)

    outcomes = []
    for i in range(6):
        try:
            outcomes.append(log.append(draft(f"message {i}")).result().event.seq)
        except ReadOnly as refusal:
            outcomes.append(refusal.message)

    failing = "The disk is failing: nothing new is accepted, reading works."
    assert outcomes == [1, 2, failing, failing, failing, failing]
    assert [message.seq for message in log.history("general").messages] == [1, 2]
    log.close()


def test_the_next_start_copies_what_is_durable_to_a_new_file(memory: Path):
    disk = FailingDisk("fdatasync", 3, errno.EIO, forever=False)
    log = MessageLog.open(memory / "messages", disk=disk)
    for i in range(3):
        log.append(draft(f"message {i}"))
    log.close()
    segment = memory / "messages/000000000001.jsonl"
    before = segment.stat().st_ino
    assert segment.read_bytes().count(b"\n") == 3

    again = MessageLog.open(memory / "messages")

    assert segment.stat().st_ino != before
    assert segment.read_bytes().count(b"\n") == 2
    assert not (memory / "messages/unsure").exists()
    assert again.append(draft("on")).result().event.seq == 3
    again.close()
