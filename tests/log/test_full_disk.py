"""A disk that is really full: a small tmpfs. Needs the right to mount one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from chatapp.domain.errors import ReadOnly
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.resources import MIGRATIONS
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.backup import backup, restore
from chatapp.upkeep.erase import ErasureSelector, erase
from chatapp.upkeep.migrate import migrate, migrations
from chatapp.upkeep.repair import repair
from chatapp.upkeep.retain import retain
from chatapp.upkeep.verify import verify
from tests.support.small_disk import SmallDisk, small_disk

from .conftest import draft, rounds
from .old_versions import make_old

LAST_DAY = "2026-11-22"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    with small_disk(tmp_path, 1):
        yield tmp_path


@pytest.mark.parametrize("round_", range(rounds(5, 20)))
def test_a_full_disk_refuses_reads_on_and_resumes_by_itself(
    small: Path, tmp_path_factory: pytest.TempPathFactory, round_: int, monkeypatch: object
):
    monkeypatch.setattr("chatapp.log.journal.RETRY_SECONDS", 0.0)  # type: ignore[attr-defined]
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = MessageLog.open(
        small / "messages",
        deliver=turns.put,
        index=tmp_path_factory.mktemp("index") / "index.sqlite3",
        segment_bytes=100_000,
    )
    ballast = small / "ballast"
    ballast.write_bytes(bytes(300_000 + 20_011 * round_))
    acked = []
    refused = 0
    reasons: set[str] = set()

    def say(count: int) -> None:
        nonlocal refused
        pendings = [log.append(draft(f"message {count} {i}" + "x" * 900)) for i in range(10)]
        log.flush()
        for pending in pendings:
            try:
                acked.append(pending.result().event)
            except ReadOnly as refusal:
                reasons.add(refusal.message)
                refused += 1

    for count in range(120):
        say(count)
        if refused > 50:
            break
    assert refused > 50
    assert all("No space left on device" in reason for reason in reasons)
    assert log.journal.refusal is not None
    assert log.history("general", limit=200).messages[-1].seq == len(acked)

    ballast.unlink()
    before = len(acked)
    say(999)

    assert len(acked) == before + 10
    assert log.journal.refusal is None
    assert [event.seq for event in acked] == list(range(1, len(acked) + 1))
    log.close()
    assert verify(small / "messages", processes=1).problems == []


def rewritings(folder: Path, copy: Path) -> dict[str, Callable[[], object]]:
    """What writes a whole log anew."""
    disk, log = Disk(), folder / "messages"
    return {
        "erase": lambda: erase(disk, log, ErasureSelector(room="general"), when="now"),
        "repair": lambda: repair(disk, log, folder / "backups" / "kept"),
        "backup": lambda: backup(disk, folder, folder / "copy"),
        "restore": lambda: restore(disk, copy, folder, folder / "backups" / "kept"),
        "retain": lambda: retain(disk, log, first_day=LAST_DAY, backup=None, dry_run=False),
        "migrate": lambda: migrate(disk, log, migrations(MIGRATIONS), backup=folder / "kept"),
    }


@pytest.mark.parametrize("name", ["erase", "repair", "backup", "restore", "retain", "migrate"])
def test_a_rewriting_that_does_not_fit_leaves_nothing_behind(
    small: Path, name: str, tmp_path_factory: pytest.TempPathFactory
):
    log = MessageLog.open(small / "messages")
    log.append(draft("long ago"), at="2020-01-01T09:30:00.123Z")
    for number in range(300):
        log.append(draft(f"{number} " + "x" * 900), at=f"{LAST_DAY}T09:30:00.123Z")
    log.close()
    copy = tmp_path_factory.mktemp("elsewhere") / "copy"
    backup(Disk(), small, copy)
    if name == "migrate":
        make_old(small / "messages")
    SmallDisk(small).fill()
    before = {path: path.is_file() and path.read_bytes() for path in small.rglob("*")}

    with pytest.raises((OSError, StorageError), match="No space left on device"):
        rewritings(small, copy)[name]()

    after = {path: path.is_file() and path.read_bytes() for path in small.rglob("*")}
    assert after == before
