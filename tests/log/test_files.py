"""Which messages have files: for a room's gallery, and for searches."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from chatapp.domain.files import removal_of
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, FileInfo
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import ErasureSelector, erase, prepare
from tests.support.logged_files import a_file

from .conftest import Clock, draft, problems

WHEN = "2026-11-22T12:00:00.000Z"
PICTURE = a_file("picnic.png", "image/png")
FILM = a_file("clip of cats.mp4", "video/mp4")
REPORT = a_file("Annual Report_2026.pdf", "application/pdf")
PLAN = a_file("北京行程.txt", "text/plain")


@pytest.fixture
def talk(log: MessageLog) -> MessageLog:
    log.append(draft("nothing"))
    log.append(draft("look", files=[PICTURE, REPORT]))
    log.append(draft("", files=[FILM]))
    log.append(draft("elsewhere", room="tea", files=[PLAN]))
    log.append(draft("the numbers", sender="bo", files=[replace(REPORT, id="r2")]))
    return log


def names(log: MessageLog, **wanted: object) -> list[tuple[int, str]]:
    page = log.files("general", limit=50, **wanted).result()  # type: ignore[arg-type]
    return [(one.seq, one.file.name) for one in page.files]


def found(log: MessageLog, typed: str) -> list[tuple[str, int]]:
    return [(m.room, m.seq) for m in log.search(typed).result().messages]


ALL = [
    (4, REPORT.name),
    (3, FILM.name),
    (2, PICTURE.name),
    (2, REPORT.name),
]


def test_a_room_has_the_files_of_its_messages_newest_first(talk: MessageLog):
    assert names(talk) == ALL
    assert names(talk, kind="image") == [(2, PICTURE.name)]
    assert names(talk, kind="document") == [ALL[0], ALL[3]]
    assert names(talk, kind="audio") == []
    assert names(talk, before=4) == ALL[1:]
    [first, *_] = talk.files("general", limit=50).result().files
    assert (first.sender, first.file.id) == ("bo", "r2")


def test_pages_have_whole_messages_and_follow_each_other(log: MessageLog):
    sizes = [1, 3, 10, 2, 1, 1]
    for count in sizes:
        files = [a_file(f"{count}-{i}", "image/gif") for i in range(count)]
        log.append(draft("", files=files))

    pages, before, more = [], None, True
    while more:
        page = log.files("general", kind="image", before=before, limit=3).result()
        pages.append([one.seq for one in page.files])
        before, more = page.files[-1].seq, page.more

    assert pages == [[6, 5], [4, 4], [3] * 10, [2] * 3, [1]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("has:file", [("general", 4), ("tea", 1), ("general", 3), ("general", 2)]),
        ("has:image", [("general", 2)]),
        ("has:video from:ana", [("general", 3)]),
        ("has:document in:tea", [("tea", 1)]),
        ("has:audio", []),
        ("has:image has:document", [("general", 2)]),
        ("file:report ", [("general", 4), ("general", 2)]),
        ("file:rep", [("general", 4), ("general", 2)]),
        ('file:"annual report"', [("general", 4), ("general", 2)]),
        ("file:report.pdf ", []),
        ("file:2026.pdf ", [("general", 4), ("general", 2)]),
        ("file:行程", [("tea", 1)]),
        ("file:look ", []),
        ("numbers file:report ", [("general", 4)]),
        ("cats", [("general", 3)]),
        ("look picnic ", [("general", 2)]),
        ("report -look ", [("general", 4)]),
        ("look -picnic ", []),
    ],
)
def test_messages_are_found_by_their_files(
    talk: MessageLog, typed: str, expected: list[tuple[str, int]]
):
    assert found(talk, typed) == expected


def test_an_edit_keeps_the_files_and_a_deletion_takes_them(talk: MessageLog, tmp_path: Path):
    talk.append(draft("see", type="edit", target=2))
    assert found(talk, "see has:image") == [("general", 2)]
    assert names(talk) == ALL

    talk.append(Draft(room="general", sender="ana", type="delete", target=2))

    assert names(talk) == ALL[:2]
    assert found(talk, "picnic") == []
    assert (deleted := talk.message("general", 2))
    assert deleted.files is None
    talk.close()
    assert problems(tmp_path / "messages") == []


def removal(file: FileInfo, target: int) -> Draft:
    return Draft("general", "root", type="edit", text="", target=target, files=[removal_of(file)])


def test_a_removed_file_leaves_the_message_its_place_and_its_text(
    talk: MessageLog, tmp_path: Path, open_log: Callable[..., MessageLog]
):
    assert found(talk, "picnic") == [("general", 2)]

    talk.append(removal(PICTURE, 2))

    for log in (talk, None):
        log = log or open_log()
        assert (message := log.message("general", 2))
        assert message.files
        assert (message.text, message.edited_at) == ("look", None)
        assert message.files == [replace(PICTURE, name="", removed=True), REPORT]
        assert names(log) == [ALL[0], ALL[1], ALL[3]]
        assert found(log, "picnic") == found(log, "has:image") == []
        assert found(log, "look file:report") == [("general", 2)]
        log.close()
        assert problems(tmp_path / "messages") == []


def test_erasing_who_removed_a_file_brings_nothing_back(
    talk: MessageLog, tmp_path: Path, open_log: Callable[..., MessageLog], clock: Clock
):
    """The edit has no words of the author, and its head says what was removed."""
    talk.append(removal(PICTURE, 2))
    talk.close()

    erase(Disk(), tmp_path / "messages", ErasureSelector(sender="root"), when=WHEN)

    log = open_log()
    assert (message := log.message("general", 2))
    assert message.files
    assert (message.text, message.erased_at) == ("look", None)
    assert [file.removed for file in message.files] == [True, False]
    assert names(log) == [ALL[0], ALL[1], ALL[3]]
    log.close()
    assert problems(tmp_path / "messages") == []


def test_an_erased_message_has_no_files(
    talk: MessageLog, tmp_path: Path, open_log: Callable[..., MessageLog]
):
    talk.close()

    erase(Disk(), tmp_path / "messages", ErasureSelector(room="general", seq=2), when=WHEN)

    log = open_log()
    assert (message := log.message("general", 2))
    assert (message.files, message.erased_at) == (None, WHEN)
    assert names(log) == ALL[:2]
    assert found(log, "picnic") == []
    (line,) = log.find(rooms=["general"], before=3, limit=1).result()
    assert PICTURE.name not in line.raw.decode()
    assert PICTURE.sha256 in line.raw.decode()
    log.close()
    assert problems(tmp_path / "messages") == []


def test_files_are_erased_while_the_log_is_in_use(talk: MessageLog, tmp_path: Path):
    active = talk.begin_erasing().result()
    wanted = ErasureSelector(sender="ana")
    prepare(Disk(), tmp_path / "messages", wanted, when=WHEN, active=active)
    talk.finish_erasing(Future.result)

    assert names(talk) == ALL[:1]
    assert found(talk, "picnic") == found(talk, "has:video") == []
    assert found(talk, "has:file") == [("general", 4)]
    talk.close()
    assert problems(tmp_path / "messages") == []
