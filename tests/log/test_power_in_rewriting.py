"""The power goes while a log is rewritten: there is the old one or the new one, never neither.

A process that dies (test_crash_steps.py) leaves what it wrote; the power takes what was not
synced with it, and leaves files torn, and names that were changed later than others unchanged.
"""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chatapp.domain.future import Future
from chatapp.domain.model import Draft
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk, make_folder, sync_folder, write_file
from chatapp.log.manifest import load_any_manifest
from chatapp.resources import MIGRATIONS
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.backup import backup, restore
from chatapp.upkeep.erase import ErasureSelector, erase, prepare
from chatapp.upkeep.migrate import migrate, migrations
from chatapp.upkeep.repair import repair
from chatapp.upkeep.retain import retain
from chatapp.upkeep.verify import verify

from .conftest import Clock, draft, rounds, talk
from .faults import RecordingDisk, crash_state
from .old_versions import make_old

STATES = rounds(100, 2_000)
WANTED = ErasureSelector(sender="ana")

Operation = Callable[[Disk, Path], object]


def migrated(disk: Disk, data: Path) -> object:
    steps = migrations(MIGRATIONS)
    return migrate(disk, data / "messages", steps, backup=data / "backups" / "old")


def erased_while_open(disk: Disk, data: Path) -> None:
    messages = data / "messages"
    log = MessageLog.open(messages, disk=disk, index=data.parent / "index.sqlite3")
    active = log.begin_erasing().result()
    prepare(disk, messages, WANTED, when="now", active=active)
    log.finish_erasing(Future.result)
    log.close()


OPERATIONS: dict[str, Operation] = {
    "erase": lambda disk, data: erase(disk, data / "messages", WANTED, when="now"),
    "erase while open": erased_while_open,
    "retain": lambda disk, data: retain(
        disk, data / "messages", first_day="2026-11-24", backup=None, dry_run=False
    ),
    "retain and keep": lambda disk, data: retain(
        disk, data / "messages", first_day="2026-11-24", backup=data / "backups/k", dry_run=False
    ),
    "repair": lambda disk, data: repair(disk, data / "messages", data / "backups" / "old"),
    "restore": lambda disk, data: restore(disk, data.parent / "copy", data, data / "backups/old"),
    "migrate": migrated,
}


@pytest.fixture
def data(memory: Path, clock: Clock) -> Path:
    folder = memory / "data"
    DataFolder.open(folder).close()
    log = MessageLog.open(folder / "messages", clock=clock, segment_bytes=800)
    talk(log, clock, range(7))
    log.append(Draft(room="general", sender="bo", type="delete", target=5))
    backup(Disk(), folder, memory / "copy")
    talk(log, clock, range(7, 9))
    log.close()
    (folder / "index.sqlite3").unlink()
    return folder


def recorded(disk: RecordingDisk, data: Path, place: Path) -> None:
    """A copy of the data that is known to the disk, and durable."""
    disk.mkdir(place)
    for path in sorted(data.rglob("*")):
        to = place / path.relative_to(data)
        if path.is_dir():
            make_folder(disk, to)
        else:
            write_file(disk, to, path.read_bytes())
            sync_folder(disk, to.parent)


def found(place: Path, epoch: str, name: str) -> object:
    """What a start finds; an old version is brought to this one first."""
    folder = DataFolder.open(place)
    if name == "migrate":
        manifest = load_any_manifest(Disk(), folder.messages)
        was = manifest and manifest.format
        migrated(Disk(), place)
    else:
        was = manifest_of(Disk(), folder.messages).epoch == epoch
    log = MessageLog.open(folder.messages)
    content = was, log.history("general"), log.heads()
    log.append(draft("it can be written to")).result()
    log.close()
    Directory.open(folder.directory).close()
    folder.close()
    assert verify(folder.messages, processes=1).problems == []
    return content


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_old_or_the_new_is_there_whenever_the_power_goes(
    data: Path, memory: Path, name: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("ERROR")
    if name == "migrate":
        make_old(data / "messages")
    manifest = load_any_manifest(Disk(), data / "messages")
    assert manifest
    place, disk = memory / "place", RecordingDisk()
    shutil.copytree(data, place)
    old = found(place, manifest.epoch, name)
    shutil.rmtree(place)
    recorded(disk, data, place)
    begun = len(disk.ops)
    OPERATIONS[name](disk, place)
    disk.mark(1)
    new = found(place, manifest.epoch, name)
    assert new != old
    seen = set()
    for state in range(STATES):
        shutil.rmtree(place)
        done = crash_state(disk.ops, place, place, random.Random(state), since=begun)
        left = found(place, manifest.epoch, name)
        assert left in (old, new), f"neither old nor new in state {state}"
        assert left == new or not done, f"it was done, and is not, in state {state}"
        seen.add(left == new)
    assert seen == {True, False}
