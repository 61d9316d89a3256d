"""A process is killed at any step of copying or appending: afterwards its copy is whole, and
nothing is there twice."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from chatapp.cluster import postgres_stream
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.domain.model import Draft
from chatapp.log.disk import Disk
from chatapp.log.format import ChainHead
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.verify import verify
from tests.log.faults import Crash, crashing_disk, steps

SEGMENT_BYTES = 2_000
"""So small that some lines fill several segments."""
LINES = 30

OpenLog = Callable[..., AbstractContextManager[MessageLog]]


@pytest.fixture
def open_log(database: str, monkeypatch: pytest.MonkeyPatch) -> OpenLog:
    """`open_log(folder, disk)`: copies what is there. A crash takes its connection along."""
    monkeypatch.setattr(postgres_stream, "LINES_A_TURN", 7)

    @contextmanager
    def open_log(folder: Path, disk: Disk | None = None) -> Iterator[MessageLog]:
        streams = []

        def share(tip: ChainHead) -> PostgresStream:
            streams.append(PostgresStream(database, "messages", tip))
            return streams[-1]

        try:
            log = MessageLog.open(folder, share=share, disk=disk, segment_bytes=SEGMENT_BYTES)
            yield log
            log.close()
        finally:
            for stream in streams:
                stream.close()

    return open_log


def say(log: MessageLog, *texts: str) -> None:
    for text in texts:
        log.append(Draft(room="general", sender="ana", by="a1", text=text, cid=text))
        log.flush()


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob("*.jsonl")))


def test_a_copy_is_whole_after_a_crash_at_any_step(open_log: OpenLog, tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    with open_log(source) as log:
        say(log, *map(str, range(LINES)))

    def copied(disk: Disk) -> None:
        shutil.rmtree(copy, ignore_errors=True)
        with open_log(copy, disk):
            pass

    crashes = list(steps(copied))
    assert len(crashes) > LINES
    for at in crashes:
        with pytest.raises(Crash):
            copied(crashing_disk(at))
        with open_log(copy):
            pass

        assert bytes_of(copy) == bytes_of(source), f"after a crash at step {at}"
        assert verify(copy).problems == []


def test_what_is_sent_again_after_a_crash_at_any_step_is_there_once(
    open_log: OpenLog, tmp_path: Path
) -> None:
    folder, other = tmp_path / "folder", tmp_path / "other"

    def said(disk: Disk | None, *texts: str) -> None:
        with open_log(folder, disk) as log:
            say(log, *texts)

    said(None, "before")
    expected = ["before"]
    crashes = list(steps(lambda disk: said(disk, "a", "b", "c")))
    assert len(crashes) > 3
    expected += ["a", "b", "c"]
    for at in crashes:
        texts = [f"{text}, step {at}" for text in ("a", "b", "c")]
        with pytest.raises(Crash):
            said(crashing_disk(at), *texts)
        said(None, *texts)
        expected += texts

        assert verify(folder).problems == []
    with open_log(other) as log:
        assert [message.text for message in log.history("general").messages] == expected[-50:]
        assert log.head("general") == len(expected)
    assert bytes_of(other) == bytes_of(folder)
