"""A message has a file, once: whoever races, whatever crashes."""

import pytest

from chatapp.domain.errors import Attached, NotFound
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft, Event, Person
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.model import TABLE, StoredFile
from chatapp.protocol.requests import AttachedFile
from chatapp.tables.directory import Directory
from tests.support.accounts import MemoryDirectory
from tests.support.cast import with_token
from tests.support.files import HERE, Sender
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

ANA = Person(name="ana", id="the id of ana")
FILE = StoredFile(by=ANA.id, bytes=4, created_at="", name="x", type="text/plain", sha256="0" * 64)


@pytest.fixture
def table():
    table = MemoryDirectory().table(TABLE, StoredFile)
    table.put("file", FILE)
    return table


@pytest.fixture
def attachments(table):
    return FileAttachments(table, lambda _room, _seq: None)


def event_with(*files, seq=1) -> Event:
    return Event(room="tea", sender="ana", by=ANA.id, seq=seq, at="", files=list(files))


def test_of_two_messages_on_their_way_the_first_has_it(attachments):
    first = attachments.attach(ANA, ["file"], "tea", "one")
    posted = Future[Appended]()
    first.follow(posted)

    for cid in ("two", None):
        with pytest.raises(Attached):
            attachments.attach(ANA, ["file"], "tea", cid)
    assert attachments.attach(ANA, ["file"], "tea", "one").files == first.files  # a retry
    first.again()
    posted.resolve(Appended(event_with(*first.files), duplicate=False))

    assert attachments.place_of("file") == ("tea", 1)
    with pytest.raises(Attached):
        attachments.attach(ANA, ["file"], "tea", "one")


def test_a_message_that_was_not_appended_gives_it_back(attachments):
    posted = Future[Appended]()
    attachments.attach(ANA, ["file"], "tea", "one").follow(posted)

    posted.fail(RuntimeError("the disk is full"))

    assert attachments.attach(ANA, ["file"], "tea", "two").files


def test_what_the_log_says_goes_over_what_was_checked(attachments):
    attaching = attachments.attach(ANA, ["file"], "tea", None)
    attaching.again()

    attachments.hear(event_with(*attaching.files, seq=9))  # another process was faster

    with pytest.raises(Attached):
        attaching.again()


def test_the_row_of_an_attached_file_has_no_name(attachments, table):
    attaching = attachments.attach(ANA, [AttachedFile(id="file", alt="A cup")], "tea", None)
    assert (attaching.files[0].name, attaching.files[0].alt) == ("x", "A cup")

    attaching.follow(Future.of(Appended(event_with(*attaching.files), duplicate=False)))

    row = table.get("file")
    assert (row.name, row.type, row.room, row.seq, row.bytes) == ("", "", "tea", 1, 4)


def test_there_is_no_file_of_somebody_else(attachments):
    with pytest.raises(NotFound):
        attachments.attach(Person(name="ana", id="another"), ["file"], "tea", None)


def test_a_draft_without_files_rests_on_none():
    assert Draft(room="tea", sender="ana", text="x").blobs is None


def test_a_crash_between_the_log_and_the_row_is_mended(new_server):
    """The row says less than the log, as after a crash: written back here with the server down."""
    server: Server = new_server().start()
    person = Sender(server, "Eva")
    file = person.send(b"said")
    seq = call(person.socket, "message", {"files": [file["id"]], "cid": "once"})["message"]["seq"]
    person.socket.disconnect()
    server.stop()
    assert _forget_the_message(server, file)

    server.start()

    wait_until(
        lambda: (
            person.get(f"/files/{file['id']}/x").status_code == 200
            and person.ask("DELETE", f"{HERE}/{file['id']}").status_code == 403
        ),
        what="the row to follow the log",
    )
    assert seq == 1
    person.http.close()


def _forget_the_message(server: Server, file) -> bool:
    """Whether the row had it: after `kill -9`, it may not have been written yet."""
    directory = Directory.open(server.data / "directory")
    table = directory.table(TABLE, StoredFile)
    row = table.get(file["id"])
    before = StoredFile(
        by=row.by, bytes=row.bytes, created_at=row.created_at, name=file["name"],
        type=file["type"], sha256=file["sha256"],
    )  # fmt: skip
    table.put(file["id"], before)
    directory.close()
    return row.is_attached


def test_a_retry_after_a_crash_is_the_same_message(new_server):
    server: Server = new_server().start()
    person = Sender(server, "Eva")
    file = person.send(b"said")
    call(person.socket, "message", {"files": [file["id"]], "cid": "once"})
    person.socket.disconnect()
    server.kill9()
    _forget_the_message(server, file)
    server.start()

    person = _again(server, person)
    answer = call(person.socket, "message", {"files": [file["id"]], "cid": "once"})
    other = call(person.socket, "message", {"files": [file["id"]], "cid": "twice"})

    assert (answer["duplicate"], answer["message"]["seq"]) == (True, 1)
    assert other["error"]["code"] == "attached"
    person.close()


def _again(server: Server, person: Sender) -> Sender:
    person.socket = with_token(server, person.http.headers["Authorization"].split()[1])
    return person
