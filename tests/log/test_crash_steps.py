"""A crash at every step of what rewrites a log leaves the old or the new, never neither."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from chatapp.domain.model import Draft
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.erasing import decide, is_erasing
from chatapp.log.errors import StorageError
from chatapp.log.format import to_json
from chatapp.log.manifest import load_manifest
from chatapp.resources import MIGRATIONS
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.store.opening_folder import begin
from chatapp.tables.directory import Directory, compact
from chatapp.upkeep.backup import backup, restore
from chatapp.upkeep.erase import ErasureSelector, erase, prepare
from chatapp.upkeep.migrate import migrate, migrations
from chatapp.upkeep.repair import repair
from chatapp.upkeep.retain import retain
from chatapp.upkeep.verify import verify

from .conftest import Clock, draft, talk
from .faults import Crash, crashing_disk, failing_disk, steps

GOLDEN = Path(__file__).parent / "golden"
Content = list[object]
Operation = Callable[[Disk, Path], object]


@pytest.fixture
def data(memory: Path, clock: Clock) -> Path:
    folder = memory / "data"
    DataFolder.open(folder).close()
    log = MessageLog.open(folder / "messages", clock=clock, segment_bytes=800)
    talk(log, clock, range(9))
    log.append(Draft(room="general", sender="bo", type="delete", target=5))
    log.close()
    directory = Directory.open(folder / "directory")
    for i in range(5):
        directory.table("people", object).put(f"{i % 2}", i)
    directory.close()
    return folder


def opened(data: Path, epoch: str) -> Content:
    """What a start after the crash finds."""
    folder = DataFolder.open(data)
    log = MessageLog.open(folder.messages)
    content: Content = [log.history("general"), log.heads(), log.epoch == epoch]
    log.append(draft("it can be written to")).result()
    log.close()
    directory = Directory.open(folder.directory)
    content.append(sorted(directory.table("people", object).items()))
    directory.close()
    folder.close()
    assert verify(folder.messages, processes=1).problems == []
    return content


def check(data: Path, memory: Path, operation: Operation) -> None:
    """Crashes at every step, or fails there once, and opens what is left."""

    def again() -> Path:
        place = memory / "again"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(data, place)
        return place

    epoch = manifest_of(Disk(), data / "messages").epoch
    old = opened(again(), epoch)
    place = again()
    operation(Disk(), place)
    new = opened(place, epoch)
    assert new != old
    seen = []
    for step in steps(lambda disk: operation(disk, again())):
        place = again()
        with pytest.raises(Crash):
            operation(crashing_disk(step), place)
        left = opened(place, epoch)
        assert sorted(path.name for path in place.glob("messages*")) == ["messages"]
        assert left in (old, new), f"neither old nor new after a crash at step {step}"
        seen.append(left == new)
    assert False in seen
    assert True in seen
    assert seen == sorted(seen), "once it is the new one, it stays the new one"
    for step in steps(lambda disk: operation(disk, again())):
        place = again()
        with suppress(OSError, StorageError):
            operation(failing_disk(step), place)
        assert opened(place, epoch) in (old, new), f"neither after step {step} has failed"


def test_erase(data: Path, memory: Path):
    check(
        data,
        memory,
        lambda disk, place: erase(
            disk, place / "messages", ErasureSelector(sender="ana"), when="now"
        ),
    )


@pytest.mark.parametrize("kept", ["kept", None])
def test_retain(data: Path, memory: Path, kept: str | None):
    check(
        data,
        memory,
        lambda disk, place: retain(
            disk,
            place / "messages",
            first_day="2026-11-24",
            backup=place / "backups" / kept if kept else None,
            dry_run=False,
        ),
    )


def test_restore(data: Path, memory: Path):
    backup(Disk(), data, memory / "copy")
    log = MessageLog.open(data / "messages")
    log.append(draft("after the backup"))
    log.close()
    directory = Directory.open(data / "directory")
    directory.table("people", object).put("later", 1)
    directory.close()

    check(
        data,
        memory,
        lambda disk, place: restore(disk, memory / "copy", place, place / "backups" / "before"),
    )


def test_restore_after_an_erasing_was_broken_off(data: Path, memory: Path):
    """What that has left beside the old log must not get into the one that was restored."""
    messages = data / "messages"
    backup(Disk(), data, memory / "copy")
    log = MessageLog.open(messages, segment_bytes=800)
    log.append(draft("after the backup", sender="ana")).result()
    active = log.begin_erasing().result()
    log.close()
    prepare(Disk(), messages, ErasureSelector(sender="ana"), when="now", active=active)
    decide(Disk(), messages)
    assert is_erasing(Disk(), messages)

    restore(Disk(), memory / "copy", data, data / "backups" / "before")

    log = MessageLog.open(messages)
    assert log.head("general") == 10
    assert log.message("general", 2).text == "message 1"
    log.close()
    assert not is_erasing(Disk(), messages)
    assert "after the backup" not in "".join(
        path.read_text() for path in (data / "backups/before/messages").glob("*.jsonl")
    )


@pytest.mark.parametrize("name", ["messages", "directory"])
def test_between_the_renames_nothing_is_copied_without_it(data: Path, memory: Path, name: str):
    (data / name).rename(data / f"{name}.ready")

    with pytest.raises(StorageError, match=f"{name}; `chatapp log reindex`"):
        backup(Disk(), data, memory / "copy")

    assert not (memory / "copy").exists()
    DataFolder.open(data).close()
    backup(Disk(), data, memory / "copy")
    assert (memory / "copy" / name).exists()


def test_backup_appears_whole_or_not_at_all(data: Path, memory: Path):
    for step in steps(lambda disk: backup(disk, data, memory / "copy")):
        shutil.rmtree(memory / "copy", ignore_errors=True)
        with pytest.raises(Crash):
            backup(crashing_disk(step), data, memory / "copy")
        if (memory / "copy").exists():
            assert verify(memory / "copy/messages", processes=1).records == 10
    backup(Disk(), data, memory / "another")


def test_compact(data: Path, memory: Path):
    folder = memory / "directory"
    shutil.copytree(data / "directory", folder)

    def compacted(disk: Disk) -> None:
        shutil.rmtree(folder)
        shutil.copytree(data / "directory", folder)
        manifest = begin(Disk(), folder)
        rows = [("people", "0", to_json(4)), ("people", "1", to_json(3))]
        compact(disk, folder, manifest, rows, "2026-11-22T09:30:00.123Z")

    for step in steps(compacted):
        with pytest.raises(Crash):
            compacted(crashing_disk(step))
        directory = Directory.open(folder)
        assert sorted(directory.table("people", object).items()) == [("0", 4), ("1", 3)]
        directory.close()


def test_repair(data: Path, memory: Path):
    segment = data / "messages/000000000001.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + lines[1][:40] + b"?" + lines[1][41:] + b"".join(lines[2:]))
    damaged = segment.read_bytes()

    def repaired(disk: Disk) -> None:
        shutil.rmtree(memory / "again", ignore_errors=True)
        shutil.copytree(data, memory / "again")
        place = memory / "again"
        repair(disk, place / "messages", place / "backups" / "before")

    for step in steps(repaired):
        with pytest.raises(Crash):
            repaired(crashing_disk(step))
        begun = memory / "again/messages"
        if not begun.exists():
            begin(Disk(), begun)
        is_old = (begun / segment.name).read_bytes() == damaged
        is_new = not verify(begun, processes=1).problems
        assert is_old != is_new


def test_migrate(memory: Path):
    old = memory / "old"
    old.mkdir()
    shutil.copy(GOLDEN / "0002.before.jsonl", old / "000000000001.jsonl")
    (old / "manifest.json").write_text('{"format":1,"epoch":"1122334455667788","segments":[]}')
    place = memory / "again/messages"

    def migrated(disk: Disk) -> None:
        shutil.rmtree(memory / "again", ignore_errors=True)
        (memory / "again").mkdir()
        shutil.copytree(old, place)
        migrate(disk, place, migrations(MIGRATIONS), backup=memory / "again/backups/old")

    for step in steps(migrated):
        with pytest.raises(Crash):
            migrated(crashing_disk(step))
        migrate(Disk(), place, migrations(MIGRATIONS), backup=memory / f"again/backups/{step}")
        manifest = load_manifest(Disk(), place)
        assert manifest is not None
        assert manifest.epoch == "1122334455667788"
        assert verify(place, processes=1).records == 6
