"""`chatapp log …`, `chatapp backup` and `chatapp restore`, as a person or a script calls them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chatapp.domain.model import Draft
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.log.conftest import Clock, draft

Run = Callable[..., Result]
SEGMENT = "messages/000000000001.jsonl"


def texts(data: Path, room: str = "general") -> list[str]:
    messages = MessageLog.open(data / "messages")
    page = messages.history(room).messages
    messages.close()
    return [message.text for message in page]


def epoch_of(data: Path) -> str:
    return str(json.loads((data / "messages/manifest.json").read_text())["epoch"])


def damage(data: Path, line: int) -> None:
    lines = (data / SEGMENT).read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"general"', b'"genera1"').replace(b"tea", b"t3a")
    (data / SEGMENT).write_bytes(b"".join(lines))


@pytest.fixture
def data(tmp_path: Path, clock: Clock) -> Path:
    """A data folder with two days of talk, in January 2020."""
    clock.now = datetime(2020, 1, 1, 9, 30, tzinfo=UTC)
    folder = tmp_path / "data"
    DataFolder.open(folder).close()
    messages = MessageLog.open(folder / "messages", clock=clock)
    messages.append(draft("green tea", cid="c1"))
    messages.append(draft("=SUM(A1)", sender="bo", reply_to=1))
    clock.advance(days=1)
    messages.append(Draft(room="general", sender="ana", type="edit", target=1, text="black tea"))
    messages.append(draft("<script>alert(1)</script>", room="tea", sender="bo"))
    messages.append(Draft(room="general", sender="bo", type="react", target=1, emoji="👍", on=True))
    messages.close()
    directory = Directory.open(folder / "directory", clock=clock)
    directory.table("people", object).put("ana", {"role": "admin"})
    directory.close()
    return folder


@pytest.fixture
def run(data: Path) -> Run:
    def run(command: object, *arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(
            command,  # type: ignore[arg-type]
            [*map(str, arguments), "--data", str(data)],
        )
        assert result.exit_code == code, result.output
        return result

    return run
