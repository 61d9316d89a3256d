"""How a program calls itself, in the log, after an erasure, and in exports and imports."""

import csv
import json
from pathlib import Path

import pytest

from chatapp.domain.model import Draft, Via
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from tests.log.test_importing import call
from tests.support.reports import counted

VIA = Via(name="Jenkins <b>", emoji="🚨")


@pytest.fixture
def posted(tmp_path: Path) -> Path:
    folder = tmp_path / "posted"
    DataFolder.open(folder).close()
    log = MessageLog.open(folder / "messages")
    log.append(Draft(room="general", sender="ci", by="b1", text="built", cid="c1", via=VIA))
    log.close()
    return folder


def line_of(folder: Path) -> str:
    (file,) = (folder / "messages").glob("*.jsonl")
    return file.read_text("utf-8")


def test_the_log_has_the_label_in_the_body(posted: Path) -> None:
    line = line_of(posted)

    assert '"text":"built","via":{"name":"Jenkins <b>","emoji":"🚨"},"salt":' in line
    assert json.loads(line)["v"] == 3
    assert call("verify", "--data", posted)


def test_an_erasure_takes_the_label_too(posted: Path) -> None:
    call("erase", "--data", posted, "--room", "general", "--seq", "1", "--yes")

    assert "Jenkins" not in line_of(posted)
    assert call("verify", "--data", posted)


def test_exports_have_the_label_and_imports_keep_it(posted: Path, tmp_path: Path) -> None:
    other, rows = tmp_path / "other", tmp_path / "rows.jsonl"
    DataFolder.open(other).close()
    rows.write_text(call("export", "--data", posted), "utf-8")

    told = counted(call("import", rows, "--data", other, "--json"))

    assert told["bad"] == 0
    log = MessageLog.open(other / "messages")
    assert log.history("general").messages[0].via == VIA
    log.close()
    page = call("export", "--format", "html", "--data", posted)
    assert "via <bdi>🚨 Jenkins &lt;b&gt;</bdi>" in page
    assert ", *via 🚨 Jenkins" in call("export", "--format", "markdown", "--data", posted)
    [row] = csv.DictReader(call("export", "--format", "csv", "--data", posted).splitlines())
    assert (row["via"], row["bot"]) == ("🚨 Jenkins <b>", "")


def test_a_label_that_cannot_be_seen_is_not_imported(posted: Path, tmp_path: Path) -> None:
    other, rows = tmp_path / "other", tmp_path / "rows.jsonl"
    DataFolder.open(other).close()
    row = json.loads(call("export", "--data", posted))
    rows.write_text(json.dumps(row | {"via": {"name": "a\u202eb"}}) + "\n", "utf-8")

    told = counted(call("import", rows, "--data", other, "--json", code=1))

    assert told["bad"] == 1
