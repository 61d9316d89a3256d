"""The bytes of a file go when no message has it any more: only then, whatever is killed when."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chatapp.alone import LocalLease
from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import BlobsUnavailable
from chatapp.domain.clock import timestamp
from chatapp.features.files.keeping import SharedBytes
from chatapp.features.files.model import TABLE, StoredFile, part_name
from chatapp.features.files.sweeping import SUSPECTS, FileSweeping, Suspects
from chatapp.log.errors import StorageError
from chatapp.upkeep.files.references import FileReferences
from tests.support.accounts import MemoryDirectory
from tests.support.checkout import ROOT
from tests.support.files import Sender, picture
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

# A real server


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Server]:
    server = server_with_admin(tmp_path)
    yield server
    server.close()


def blobs_of(server: Server) -> set[str]:
    return {name for name, _ in FolderBlobs(server.data / "files").names()}


def said(person: Sender, *files: dict[str, Any], room: str = "general") -> int:
    ids = [file["id"] for file in files]
    answer = call(person.socket, "message", {"room": room, "text": "", "files": ids})
    assert answer["ok"], answer
    seq: int = answer["message"]["seq"]
    return seq


def erase(boss: Visitor, seq: int) -> None:
    answer = boss.submit("/admin/erasures/message", room="general", seq=seq, reason="by request")
    assert answer.status_code == 303, answer.text


def test_erased_files_go_and_those_that_others_have_stay(chat: Server):
    ana, boss = Sender(chat, "Ana"), Visitor(chat.url).sign_in()
    red, shared = picture(), b"the same for all"
    photo, first = ana.send(red, "red.png"), ana.send(shared, "a.txt")
    again, waiting = ana.send(shared, "b.txt"), ana.send(b"not sent yet", "c.txt")
    erased, kept = said(ana, photo, first), said(ana, again)
    before = blobs_of(chat)
    assert {photo["sha256"], f"{photo['sha256']}.preview"} < before

    erase(boss, erased)
    wait_until(lambda: photo["sha256"] not in blobs_of(chat), what="the bytes to go")

    left = {shared_name(shared), shared_name(b"not sent yet")}
    wait_until(lambda: blobs_of(chat) == left, what="the preview to go")
    assert ana.get(f"/files/{photo['id']}/red.png").status_code == 404
    assert ana.get(f"/files/{again['id']}/b.txt").content == shared
    assert ana.get(f"/files/{waiting['id']}/c.txt").content == b"not sent yet"
    page = call(ana.socket, "files", {"room": "general"})["files"]
    assert [(one["seq"], one["file"]["id"]) for one in page] == [(kept, again["id"])]
    assert verify(chat) == 0

    call(ana.socket, "delete", {"room": "general", "seq": kept})
    assert ana.get(f"/files/{again['id']}/b.txt").status_code == 404
    assert blobs_of(chat) == left, "a deletion leaves the bytes to admins"
    erase(boss, kept)
    wait_until(lambda: blobs_of(chat) == {shared_name(b"not sent yet")}, what="the rest to go")
    ana.close()


def test_a_server_that_is_killed_while_it_erases_goes_on(chat: Server):
    ana, boss = Sender(chat, "Ana"), Visitor(chat.url).sign_in()
    files = [ana.send(f"number {number}".encode()) for number in range(10)]
    seqs = [said(ana, file) for file in files]
    ana.close()

    for number in range(3):
        erase(boss, seqs[number])
        chat.kill9()
        chat.start()
        boss = Visitor(chat.url).sign_in()

    gone = {file["sha256"] for file in files[:3]}
    wait_until(lambda: not gone & blobs_of(chat), what="the bytes to go")
    assert {file["sha256"] for file in files[3:]} <= blobs_of(chat)
    wait_until(lambda: verify(chat) == 0, what="a log and files that agree")


def shared_name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def verify(server: Server) -> int:
    command = [sys.executable, "-m", "chatapp", "log", "verify", "--files"]
    ran = subprocess.run(
        [*command, "--data", str(server.data)], cwd=ROOT, capture_output=True, check=False
    )
    return ran.returncode


# Step by step


class OneThread:
    def receive(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    keep = read = later = receive


class Place:
    """A store, its rows, and what the log is said to know."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = FolderBlobs(folder / "files")
        self.directory = MemoryDirectory()
        self.table = self.directory.table(TABLE, StoredFile)
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.known = FileReferences(kept={}, ids=set(), gone=set())
        self.head = 100
        self.emoji: set[str] = set()
        self.shared = SharedBytes(self.table, self.blobs, self.emoji.__contains__)
        self.sweeping = FileSweeping(
            self.table,
            self.directory.table(SUSPECTS, Suspects),
            self.shared,
            self.blobs,
            threads=OneThread(),
            known=lambda: self.known,
            held=lambda: self.emoji,
            head=lambda _room: self.head,
            lease=LocalLease(),
            later=lambda _seconds, _step: None,
            clock=lambda: self.now,
        )

    def put(self, content: bytes, name: str | None = None) -> str:
        name = name or shared_name(content)
        (self.folder / "upload").write_bytes(content)
        self.blobs.put(name, self.folder / "upload")
        return name

    def erased(self, id: str, content: bytes, seq: int = 1) -> StoredFile:
        """Of a message that is erased."""
        row = self.row(id, content, seq)
        self.known.gone.add(row.sha256)
        return row

    def row(self, id: str, content: bytes, seq: int = 0) -> StoredFile:
        row = StoredFile(
            by="ana",
            bytes=len(content),
            created_at=timestamp(self.now),
            sha256=self.put(content),
            room="general" if seq else "",
            seq=seq,
        )
        self.table.put(id, row).result()
        return row

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.blobs.names()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_file_goes_with_its_row_and_one_on_its_way_stays(place: Place):
    place.erased("attached", b"erased", seq=1)
    waiting = place.row("waiting", b"not sent yet")

    assert place.sweeping.sweep() == 1

    assert place.names == {waiting.sha256}
    assert [id for id, _ in place.table.items()] == ["waiting"]


def test_bytes_that_were_uploaded_again_stay(place: Place):
    place.erased("attached", b"the same", seq=1)
    again = place.row("again", b"the same")

    assert place.sweeping.sweep() == 1

    assert place.names == {again.sha256}


def test_bytes_that_are_just_being_uploaded_stay(place: Place):
    row = place.erased("attached", b"the same", seq=1)
    place.shared.claim(row.sha256)

    place.sweeping.sweep()

    assert place.names == {row.sha256}


def test_bytes_that_a_record_has_stay_without_a_row(place: Place):
    row = place.row("old", b"the same", seq=1)
    place.now += timedelta(days=1)
    place.known = FileReferences(kept={row.sha256: 8}, ids={"another"}, gone=set())

    assert place.sweeping.sweep() == 1

    assert place.names == {row.sha256}


def test_what_this_copy_of_the_log_lacks_is_not_taken_for_erased(place: Place):
    """A row of another process is heard before the message."""
    row = place.erased("attached", b"just posted there", seq=101)

    assert place.sweeping.sweep() == 0

    assert place.names == {row.sha256}


def test_the_picture_of_a_preview_stays_until_its_record_is_there(place: Place):
    row = place.row("preview", b"a picture", seq=1)

    assert place.sweeping.sweep() == 0
    assert place.names == {row.sha256}

    place.now += timedelta(hours=2)
    assert place.sweeping.sweep() == 1
    assert place.names == set()


def test_a_row_stays_until_its_bytes_are_gone(place: Place, monkeypatch: pytest.MonkeyPatch):
    place.erased("attached", b"erased", seq=1)

    def fail(_name: str) -> None:
        raise BlobsUnavailable("The disk is gone.")

    with monkeypatch.context() as broken:
        broken.setattr(place.blobs, "delete", fail)
        with pytest.raises(StorageError, match="The disk is gone"):
            place.sweeping.sweep()
    assert [id for id, _ in place.table.items()] == ["attached"]

    assert place.sweeping.sweep() == 1
    assert place.names == set()


def test_bytes_without_a_file_go_when_they_are_found_a_day_later_too(place: Place):
    orphan = place.put(b"a crash left this")
    uploading = place.put(b"half of", part_name("u", "a"))
    place.table.put(
        "u", StoredFile(by="ana", bytes=99, created_at=timestamp(place.now), parts=["a"])
    ).result()
    kept = place.put(b"of a record")
    place.known = FileReferences(kept={kept: 11}, ids={"id"}, gone=set())

    assert place.sweeping.sweep_orphans() == 0
    place.now += timedelta(hours=23)
    newer = place.put(b"a newer one")
    assert place.sweeping.sweep_orphans() == 0
    assert place.names == {orphan, uploading, kept, newer}

    place.now += timedelta(hours=2)
    assert place.sweeping.sweep_orphans() == 1

    assert place.names == {uploading, kept, newer}


def test_an_orphan_that_became_a_file_stays(place: Place):
    place.put(b"left, and sent again")
    place.sweeping.sweep_orphans()
    row = place.row("again", b"left, and sent again")
    place.now += timedelta(days=2)

    assert place.sweeping.sweep_orphans() == 0

    assert place.names == {row.sha256}


def test_the_picture_of_an_emoji_stays(place: Place):
    """Also when a message had it as a file, and is erased."""
    row = place.erased("attached", b"the same", seq=1)
    alone = place.put(b"of an emoji alone")
    place.emoji |= {row.sha256, alone}

    assert place.sweeping.sweep() == 1
    place.sweeping.sweep_orphans()
    assert place.directory.table(SUSPECTS, Suspects).get("files").digests == []
    place.now += timedelta(days=2)
    assert place.sweeping.sweep_orphans() == 0

    assert place.names == {row.sha256, alone}
