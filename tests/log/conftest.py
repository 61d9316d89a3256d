"""A log in a folder of its own, with a clock that the test moves."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from tests.support.index_oracle import problems_of


class Clock:
    """Always the same moment, until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 30, 0, 123_000, UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_log(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., MessageLog]]:
    """Opens the log of this test, again after it was closed."""
    opened: list[MessageLog] = []

    def open_it(**options: object) -> MessageLog:
        log = MessageLog.open(tmp_path / "messages", clock=clock, **options)  # type: ignore[arg-type]
        opened.append(log)
        return log

    yield open_it
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log: Callable[..., MessageLog]) -> MessageLog:
    return open_log()


def draft(text: str, room: str = "general", sender: str = "ana", **more: object) -> Draft:
    return Draft(room=room, sender=sender, text=text, **more)  # type: ignore[arg-type]


def talk(log: MessageLog, clock: Clock, numbers: Iterable[int]) -> None:
    """A message every six hours, of bo and ana by turns."""
    for number in numbers:
        clock.advance(hours=6)
        log.append(draft(f"message {number}", sender="ana" if number % 2 else "bo"))


def problems(folder: Path, processes: int = 1) -> list[str]:
    """What `chatapp log verify` finds, and where the index differs from the log."""
    return problems_of(folder, folder.parent / "index.sqlite3", processes=processes)


TORTURE = os.environ.get("TORTURE") == "1"
"""`make torture`: the same tests with their second counts, for hours instead of seconds."""


def rounds(quick: int, torture: int) -> int:
    return torture if TORTURE else quick


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: a thousand starts are no matter of seconds there."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="chatapp-test-", dir=shared if shared.is_dir() else None))
    yield folder
    shutil.rmtree(folder)
