"""`chatapp log retain`: counts first, and keeps numbers and chain."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chatapp.cli.log import log
from chatapp.store.message_log import MessageLog
from tests.log.conftest import draft

from .conftest import Run, texts


@pytest.mark.parametrize("days", ["0", "1000000", "soon"])
def test_retain_needs_a_number_of_days(run: Run, days: str):
    run(log, "retain", "--older-than", days, code=2)


def test_retain_counts_first_and_keeps_numbers_and_chain(run: Run, data: Path):
    days = (datetime.now(UTC).date() - date(2020, 1, 2)).days
    counted = json.loads(run(log, "retain", "--older-than", days, "--json").stdout)
    assert (counted["dry_run"], counted["dropped"]) == (True, {"2020-01-01": 2})
    assert texts(data) == ["black tea", "=SUM(A1)"]

    told = json.loads(run(log, "retain", "--older-than", days, "--yes", "--json").stdout)

    assert told["dropped"] == {"2020-01-01": 2}
    run(log, "verify")
    messages = MessageLog.open(data / "messages")
    assert messages.head("general") == 4
    assert messages.append(draft("on")).result().event.seq == 5
    assert [event.seq for event in messages.events("general", after=0, limit=9)] == [3, 4, 5]
    messages.close()


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 2)])
def test_at_a_terminal_retain_asks(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
):
    days = (datetime.now(UTC).date() - date(2020, 1, 2)).days
    monkeypatch.setattr("click.confirm", lambda *_a, **_k: answer == "y")
    monkeypatch.setattr("chatapp.cli.log_commands.retain._is_at_a_terminal", lambda: True)

    told = json.loads(run(log, "retain", "--older-than", days, "--json").stdout)

    assert told["dry_run"] == (answer == "n")
    assert len(texts(data)) == left
    dry_run = run(log, "retain", "--older-than", days, "--dry-run", "--json")
    assert json.loads(dry_run.stdout)["dry_run"]


def test_retain_tells_what_is_old_but_stands_behind_newer_records(run: Run, tmp_path: Path):
    days = (datetime.now(UTC).date() - date(2020, 1, 2)).days
    row = {"client": 'z,"at":"2', "message": "long ago", "timestamp": "2010-02-02T00:00:00Z"}
    (tmp_path / "old.json").write_text(json.dumps([row]))
    run(log, "import", tmp_path / "old.json")

    told = json.loads(run(log, "retain", "--older-than", days, "--json").stdout)

    assert (told["dropped"], told["kept"], told["older"]) == ({"2020-01-01": 2}, 4, 1)
    people = run(log, "retain", "--older-than", days).stdout
    assert "4 are kept, 1 of them old records behind newer ones (a dry run" in people


def test_retain_with_nothing_to_drop_writes_nothing(run: Run, data: Path):
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*.json*")}

    assert "0 records" in run(log, "retain", "--older-than", "36500", "--yes").stdout

    assert {path: path.stat().st_mtime_ns for path in data.rglob("*.json*")} == before
    assert not (data / "messages.making").exists()
