"""Somebody deletes, cuts or changes files while the log is open: nothing is acked into nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chatapp.domain.errors import ReadOnly
from chatapp.log.manifest import MANIFEST
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.verify import verify

from .conftest import draft

SEGMENT_BYTES = 2_000
Harm = Callable[[Path], object]


@pytest.fixture
def log(tmp_path: Path) -> MessageLog:
    """With finished segments, and one that is being written; looked at once."""
    (tmp_path / "data").mkdir()
    log = MessageLog.open(tmp_path / "data" / "messages", segment_bytes=SEGMENT_BYTES)
    for i in range(20):
        log.append(draft(f"message {i}")).result()
    log.journal.look_at_files()
    assert log.journal.refusal is None
    return log


def segments(log: MessageLog) -> list[Path]:
    return sorted(log.folder.glob("*.jsonl"))


def zeros_in_the_middle(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(bytes(100))


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def another(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)


def move_away(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")


def a_byte_more(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


HARMS = [Path.unlink, half, zeros_in_the_middle, another, move_away, a_byte_more]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("number", [0, 1, -1])
def test_a_segment_that_somebody_touches_ends_the_writing(
    log: MessageLog, harm: Harm, number: int, caplog: pytest.LogCaptureFixture
):
    path = segments(log)[number]
    told: list[None] = []
    log.journal.refused = lambda: told.append(None)
    harm(path)

    log.journal.look_at_files()

    assert isinstance(log.journal.refusal, ReadOnly)
    assert told
    (line,) = caplog.messages
    assert f"messages/{path.name} " in line
    with pytest.raises(ReadOnly, match="deleted or changed"):
        log.append(draft("too late")).result()
    log.journal.look_at_files()
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("harm", [Path.unlink, half, a_byte_more])
def test_nothing_is_acked_into_a_file_that_is_not_as_it_was_left(log: MessageLog, harm: Harm):
    harm(segments(log)[-1])

    with pytest.raises(ReadOnly):
        log.append(draft("into nothing")).result()


@pytest.mark.parametrize("harm", [Path.unlink, move_away])
def test_what_was_acked_and_deleted_is_saved_and_can_be_put_back(log: MessageLog, harm: Harm):
    for path in segments(log):
        harm(path)
    (log.folder / MANIFEST).unlink()

    log.journal.look_at_files()

    rescued = log.folder.parent / "rescued" / "messages"
    for path in rescued.iterdir():
        path.rename(log.folder / path.name)
    log.close()
    assert verify(log.folder, processes=1).problems == []
    with_all = MessageLog.open(log.folder)
    assert with_all.history("general", limit=50).messages[-1].text == "message 19"
    assert len(with_all.history("general", limit=50).messages) == 20
    with_all.close()


def test_the_whole_folder_deleted_is_saved_too(log: MessageLog):
    for path in sorted(log.folder.parent.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    log.folder.parent.rmdir()

    log.journal.look_at_files()

    rescued = log.folder.parent / "rescued" / "messages"
    assert verify(rescued, processes=1).problems == []


@pytest.mark.parametrize("text", ["", "{}", '{"epoch":"another"}'])
def test_a_manifest_that_says_something_else_ends_the_writing(log: MessageLog, text: str):
    (log.folder / MANIFEST).write_text(text)

    log.journal.look_at_files()

    assert log.journal.refusal


def test_what_the_log_does_itself_is_no_alarm(log: MessageLog):
    for i in range(30):
        log.append(draft(f"more {i}")).result()
        log.journal.look_at_files()

    assert log.journal.refusal is None


@pytest.mark.parametrize("number", [0, -1])
def test_another_time_with_the_same_bytes_is_no_alarm(log: MessageLog, number: int):
    os.utime(segments(log)[number])
    os.utime(log.folder / MANIFEST)

    log.journal.look_at_files()

    assert log.append(draft("goes on")).result().event.seq == 21


def test_a_directory_that_is_deleted_takes_nothing_more(tmp_path: Path):
    (tmp_path / "data").mkdir()
    directory = Directory.open(tmp_path / "data" / "directory")
    directory.table("accounts", object).put("ana", {"role": "owner"}).result()
    directory.journal.look_at_files()
    for path in (tmp_path / "data" / "directory").iterdir():
        path.unlink()

    directory.journal.look_at_files()

    with pytest.raises(ReadOnly):
        directory.table("accounts", object).put("ben", {"role": "owner"}).result()
    rescued = Directory.open(tmp_path / "data" / "rescued" / "directory")
    assert rescued.table("accounts", object).get("ana") == {"role": "owner"}
