"""The power goes: whatever the disk makes of what was not synced, every acked record is there."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from chatapp.log.recovery import RecoveredLine
from chatapp.store.message_log import MessageLog
from chatapp.store.opening_folder import begin, go_to_end

from .conftest import draft, rounds
from .faults import CountingDisk, RecordingDisk, crash_state

STATES = rounds(1_000, 20_000)
SEGMENT_BYTES = 20_000


def talk(disk: RecordingDisk, data: Path) -> list[bytes]:
    """A conversation in batches of all sizes, over several segments. Returns its lines."""
    chance = random.Random(7)
    data.mkdir()
    log = MessageLog.open(
        data / "messages",
        disk=disk,
        index=data.parent / "index.sqlite3",
        deliver=lambda callback: None,
        segment_bytes=SEGMENT_BYTES,
    )
    acked = 0
    for _ in range(60):
        size = chance.choice((1, 1, 2, 5, 30))
        for _ in range(size):
            log.append(draft("x" * chance.choice((1, 50, 3_000)), room=chance.choice("ab")))
        log.flush()
        acked += size
        disk.mark(acked)
    log.close()
    files = sorted((data / "messages").glob("*.jsonl"))
    assert len(files) > 3
    return b"".join(file.read_bytes() for file in files).splitlines(keepends=True)


def lost_or_wrong(memory: Path, disk: RecordingDisk, lines: list[bytes]) -> list[int]:
    """The crash states, by number, after which the log is not what was acked."""
    bad = []
    sync_free = CountingDisk(lambda _call, _number: None)
    for state in range(STATES):
        target = memory / "after"
        target.mkdir()
        acked = crash_state(disk.ops, target, memory / "before", random.Random(state))
        found: list[RecoveredLine] = []
        folder = target / "messages"
        manifest = begin(sync_free, folder)
        go_to_end(
            sync_free,
            folder,
            manifest,
            since=None,
            quarantine=target / "quarantine",
            found=found.extend,
        )
        if len(found) < acked or [line.bytes for line in found] != lines[: len(found)]:
            bad.append(state)
        shutil.rmtree(target)
    return bad


def quiet(caplog: "object") -> None:
    caplog.set_level("ERROR")  # type: ignore[attr-defined]


def test_every_acked_record_survives_the_loss_of_power(memory: Path, caplog: object):
    quiet(caplog)
    disk = RecordingDisk()
    lines = talk(disk, memory / "before")

    assert lost_or_wrong(memory, disk, lines) == []


def test_without_its_fdatasync_the_log_would_lose_records(memory: Path, caplog: object):
    quiet(caplog)
    disk = RecordingDisk(forgets_fdatasync=True)
    lines = talk(disk, memory / "before")

    def survives() -> bool:
        try:
            return lost_or_wrong(memory, disk, lines) == []
        except Exception:
            shutil.rmtree(memory / "after")
            return False

    assert not survives()


Talk = Callable[[RecordingDisk, Path], list[bytes]]
