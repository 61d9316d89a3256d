"""Bars on standard error: in a terminal only, and moved on by every long command to its end."""

import io
import json
import os
import pty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.cli.main import main
from chatapp.cli.progress_bar import progress_bar
from chatapp.log.disk import Disk
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.backup import backup

from .conftest import Clock, draft


@pytest.fixture
def data(tmp_path: Path, clock: Clock) -> Path:
    """A data folder with a few messages, and files for the commands that read or write some."""
    clock.now = datetime(2020, 1, 1, 9, 30, tzinfo=UTC)
    folder = tmp_path / "data"
    DataFolder.open(folder).close()
    messages = MessageLog.open(folder / "messages", clock=clock)
    for text in ("green tea", "black tea", "no tea"):
        messages.append(draft(text))
    messages.close()
    (tmp_path / "old.json").write_text(
        json.dumps([{"client": "cy", "message": "hey", "timestamp": 1577872800}])
    )
    backup(Disk(), folder, tmp_path / "copy")
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "log verify",
        "log repair",
        "log reindex",
        "log stats",
        "log export -o {here}/out.jsonl",
        "log export --format csv -o {here}/out.csv",
        "log export --format markdown -o {here}/out.md",
        "log export --format html -o {here}/out.html",
        "log export --format parquet -o {here}/out.parquet",
        "log export --format slack -o {here}/out.zip",
        "log export --format mattermost -o {here}/mattermost.jsonl",
        "log import {here}/old.json",
        "log erase --sender ana --yes --backup {here}/copy",
        "log retain --older-than 1 --yes",
        "backup {here}/another",
        "restore {here}/copy",
    ],
)
def test_every_long_command_tells_how_far_it_is(
    line: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told: list[tuple[int, int]] = []

    @contextmanager
    def counted(_what: str, size: int) -> Iterator[Callable[[int], None]]:
        done: list[int] = []
        yield done.append
        told.append((sum(done), size))

    for module in ("command", "import_rows", "import_source"):
        monkeypatch.setattr(f"chatapp.cli.log_commands.{module}.progress_bar", counted)
    words = line.format(here=tmp_path).split(" ")
    result = CliRunner().invoke(main, [*words, "--data", str(data)])

    assert result.exit_code == 0, result.output
    assert told
    assert all(done == size > 0 for done, size in told), told


def test_a_terminal_sees_how_much_how_fast_and_how_long_and_then_nothing(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        with progress_bar("Copying", 2_000_000) as progress:
            for _ in range(5):
                progress(100_000)
    seen = _all_of(leader)

    assert "Copying" in seen
    assert "0.5/2.0 MB" in seen
    assert "/s" in seen
    assert seen.endswith("\x1b[2K")  # the line is cleared again


def _all_of(leader: int) -> str:
    shown = b""
    with suppress(OSError):  # how Linux says that the other end is closed
        while some := os.read(leader, 4096):
            shown += some
    os.close(leader)
    return shown.decode()


def test_what_is_no_terminal_sees_nothing(monkeypatch: pytest.MonkeyPatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)

    with progress_bar("Copying", 2_000_000) as progress:
        progress(2_000_000)

    assert written.getvalue() == ""
