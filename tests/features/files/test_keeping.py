"""What is kept of a file, and what goes by itself."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from chatapp.blobs.folder import FolderBlobs
from chatapp.domain.errors import NoSpace, WrongOffset
from chatapp.domain.model import Person
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.keeping import SharedBytes, keep
from chatapp.features.files.limits import FileLimits
from chatapp.features.files.manager import FileManager
from chatapp.features.files.model import TABLE, StoredFile
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.receiving import ReceivedFile
from chatapp.features.settings.model import Settings
from tests.support.accounts import Clock, MemoryDirectory
from tests.support.files import picture

ANA = Person(name="ana", id="the id of ana", role="member")


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    with closing(Pictures()) as pictures:
        yield pictures


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "files")


def received(folder: Path, content: bytes) -> ReceivedFile:
    file = ReceivedFile(folder / "upload", lambda _size: None)
    file.write(content)
    return file


def test_the_digest_is_of_the_bytes_as_they_are_kept(tmp_path: Path, blobs, pictures):
    sent = picture("JPEG", (1000, 500), at=True, turned=True)

    kept = keep(received(tmp_path, sent), blobs, pictures, lambda _: None)

    content = b"".join(blobs.read(kept.sha256))
    assert kept.sha256 == hashlib.sha256(content).hexdigest() != hashlib.sha256(sent).hexdigest()
    assert (kept.width, kept.height, kept.bytes) == (500, 1000, len(sent))
    assert [name.partition(".")[2] for name, _ in blobs.names()] == ["", "preview"]
    assert [each.name for each in tmp_path.iterdir()] == ["files"]


class OnThisThread:
    """Does at once what belongs on real threads; `later` is kept until `settle`."""

    def __init__(self) -> None:
        self._later = []

    def receive(self, function, *arguments):
        return function(*arguments)

    keep = read = receive

    def later(self, function, *arguments):
        self._later.append((function, arguments))

    def settle(self) -> None:
        while self._later:
            function, arguments = self._later.pop(0)
            function(*arguments)


class Kept:
    """The files of a chat whose clock is set by hand."""

    def __init__(
        self, folder: Path, blobs: FolderBlobs, pictures: Pictures, table=None, ids="file"
    ) -> None:
        uploads = folder / "uploads"
        uploads.mkdir(parents=True)
        self.table = MemoryDirectory().table(TABLE, StoredFile) if table is None else table
        self.clock, self.threads = Clock(), OnThisThread()
        self.scheduled: set[str] = set()
        self.attachments = FileAttachments(self.table, lambda _room, _seq: None)
        numbers = iter(f"{ids} {number:017}" for number in range(100))
        self.manager = FileManager(
            self.table,
            self.attachments,
            FileLimits(self.table, Settings, folder=uploads, free_bytes=lambda: None),
            blobs,
            pictures,
            folder=uploads,
            threads=self.threads,
            rooms=None,
            message=lambda _room, _seq: None,
            clock=self.clock,
            new_id=lambda: next(numbers),
            is_scheduled=lambda id: id in self.scheduled,
        )

    def send(self, content: bytes) -> str:
        with self.manager.receive(ANA, len(content)) as new:
            file = new()
            file.write(content)
            return self.manager.keep(ANA, file, "x").result().id


@pytest.fixture
def kept(tmp_path: Path, blobs, pictures) -> Kept:
    return Kept(tmp_path, blobs, pictures)


def test_what_nobody_attaches_goes_after_a_day_with_its_bytes(kept: Kept, blobs):
    first = kept.send(b"first")
    upload = kept.manager.create(ANA, 10, "x").result()
    with kept.manager.continue_upload(ANA, upload, 0, lambda: None) as part:
        part.write(b"12345")
    kept.clock.pass_by(timedelta(hours=12))
    second, attached = kept.send(b"second"), kept.send(b"third")
    kept.clock.pass_by(timedelta(hours=12, seconds=1))

    assert kept.manager.expire() == 2

    kept.threads.settle()
    assert first not in kept.table
    assert upload not in kept.table
    assert len(list(blobs.names())) == 2
    kept.attachments.recover([(attached, "general", 7)])
    kept.clock.pass_by(timedelta(hours=24))
    assert kept.manager.expire() == 1
    assert second not in kept.table
    assert kept.attachments.place_of(attached) == ("general", 7)
    assert (kept.table.get(attached).name, kept.table.get(attached).bytes) == ("", 5)


def test_the_file_of_a_scheduled_message_stays_until_its_time(kept: Kept):
    file = kept.send(b"for Monday")
    kept.scheduled.add(file)
    kept.clock.pass_by(timedelta(days=5))

    assert kept.manager.expire() == 0
    assert file in kept.table

    kept.scheduled.clear()
    assert kept.manager.expire() == 1


def test_bytes_that_somebody_is_about_to_keep_stay(blobs, tmp_path: Path):
    table = MemoryDirectory().table(TABLE, StoredFile)
    shared = SharedBytes(table, blobs)
    name = hashlib.sha256(b"same").hexdigest()
    blobs.put(name, received(tmp_path, b"same").path)

    shared.claim(name)
    shared.remove_unused(name)
    assert blobs.size(name) == 4
    table.put("file", StoredFile(by="ana", bytes=4, created_at="", sha256=name))
    shared.unclaim(name)
    shared.remove_unused(name)
    assert blobs.size(name) == 4
    table.delete("file")
    shared.remove_unused(name)

    assert blobs.size(name) is None


def test_a_claim_waits_for_a_removal_that_has_begun(blobs, tmp_path: Path, monkeypatch):
    shared = SharedBytes(MemoryDirectory().table(TABLE, StoredFile), blobs)
    name = hashlib.sha256(b"same").hexdigest()
    begun, may_end, order = threading.Event(), threading.Event(), []

    def delete(_name: str) -> None:
        begun.set()
        may_end.wait(30)
        order.append("removed")

    monkeypatch.setattr(blobs, "delete", delete)
    removing = threading.Thread(target=shared.remove_unused, args=[name])
    removing.start()
    begun.wait(30)
    claiming = threading.Thread(target=lambda: (shared.claim(name), order.append("claimed")))
    claiming.start()
    may_end.set()
    removing.join(30)
    claiming.join(30)

    assert order == ["removed", "claimed"]


def test_a_full_disk_is_told_and_leaves_nothing(kept: Kept, tmp_path: Path, monkeypatch):
    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chatapp.features.files.receiving.os.write", full)

    with pytest.raises(NoSpace, match="no room"):
        kept.send(b"too much")

    assert list((tmp_path / "uploads").iterdir()) == []
    assert len(kept.table) == 0


def test_the_disk_keeps_a_reserve_for_messages(kept: Kept, monkeypatch):
    class Nearly:
        total, free = 10 << 30, (100 << 20) + 5

    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Nearly)

    assert kept.send(b"12345")
    with pytest.raises(NoSpace):
        kept.send(b"123456")


def test_guests_together_have_a_quarter(kept: Kept):
    limits, gus = kept.manager.limits, Person(name="gus", id="guest:gus", role="guest")
    assert limits.left(gus) == limits.left(ANA) == 1 << 30

    for number in range(3):
        row = StoredFile(by=f"guest:{number}", bytes=800 << 20, created_at="", sha256="0" * 64)
        kept.table.put(f"file of {number}", row)

    assert limits.left(gus) == (10 << 30) // 4 - 3 * (800 << 20)
    assert limits.left(ANA) == 1 << 30
    kept.table.delete("file of 0")
    assert limits.left(gus) == (10 << 30) // 4 - 2 * (800 << 20)


def test_a_part_that_came_too_late_does_not_stand_for_another(
    kept: Kept, blobs, pictures, tmp_path: Path, monkeypatch
):
    elsewhere = Kept(tmp_path / "another process", blobs, pictures, kept.table, "another")
    upload = kept.manager.create(ANA, 10, "x").result()
    put = blobs.put

    def put_and_be_overtaken(name: str, file: Path) -> None:
        put(name, file)
        monkeypatch.setattr(blobs, "put", put)
        with elsewhere.manager.continue_upload(ANA, upload, 0, lambda: None) as part:
            part.write(b"1234567")

    monkeypatch.setattr(blobs, "put", put_and_be_overtaken)
    with (
        pytest.raises(WrongOffset, match="Another process"),
        kept.manager.continue_upload(ANA, upload, 0, lambda: None) as part,
    ):
        part.write(b"12345")

    with elsewhere.manager.continue_upload(ANA, upload, 7, lambda: None) as part:
        part.write(b"890")
    assert b"".join(blobs.read(kept.table.get(upload).sha256)) == b"1234567890"
