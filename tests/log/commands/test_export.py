"""`chatapp log export`: lines, tables and pages."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.cli.log import log
from chatapp.domain.model import Draft
from chatapp.features.accounts.model import Account
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory

from .conftest import Run


def test_export_writes_lines_tables_and_pages(run: Run, tmp_path: Path):
    lines = [json.loads(line) for line in run(log, "export").stdout.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3, 1, 4]

    table = list(csv.DictReader(io.StringIO(run(log, "export", "--format", "csv").stdout)))
    assert [row["text"] for row in table] == ["black tea", "'=SUM(A1)", "<script>alert(1)</script>"]

    page = run(log, "export", "--format", "html", "--room", "tea").stdout
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "black tea" not in page

    run(log, "export", "--format", "markdown", "--sender", "ana", "-o", tmp_path / "log.md")
    assert "> black tea" in (tmp_path / "log.md").read_text()

    assert run(log, "export", "--until", "2020-01-01").stdout == ""
    assert len(run(log, "export", "--since", "2020-01-02").stdout.splitlines()) == 3


def test_the_page_of_an_export_names_the_language_of_code(run: Run, data: Path):
    with_code = MessageLog.open(data / "messages")
    for text in ("```python\nprint(1)\n```", "```\nno <b>language\n```", '```"x<\nodd\n```'):
        with_code.append(Draft(room="tea", sender="ana", text=text)).result()
    with_code.close()

    page = run(log, "export", "--format", "html", "--room", "tea").stdout

    languages = re.findall(
        r'<div class="code"><pre><code.*?<span class="code-language">(.*?)</span>', page, re.DOTALL
    )
    assert languages == ["python", "", ""]
    assert "no &lt;b&gt;language" in page


def test_exports_mark_bots(run: Run, data: Path):
    with closing(Directory.open(data / "directory")) as directory:
        for name, role in (("deploy", "bot"), ("mia", "member")):
            row = Account(id=f"id of {name}", name=name, role=role, password="", created_at="")
            directory.table("accounts", Account).put(row.key, row).result()
    with closing(MessageLog.open(data / "messages")) as messages:
        for name in ("deploy", "mia"):
            said = Draft(room="ci", sender=name, by=f"id of {name}", text=f"said by {name}")
            messages.append(said).result()

    markdown = run(log, "export", "--format", "markdown", "--room", "ci").stdout
    page = run(log, "export", "--format", "html", "--room", "ci").stdout
    table = run(log, "export", "--format", "csv", "--room", "ci").stdout

    rows = csv.DictReader(io.StringIO(table))
    assert [(row["sender"], row["bot"]) for row in rows] == [("deploy", "true"), ("mia", "")]
    assert re.findall(r"^\*\*(\w+)\*\*( \(bot\))?", markdown, re.MULTILINE) == [
        ("deploy", " (bot)"),
        ("mia", ""),
    ]
    assert re.findall(r'class="sender">(\w+)</bdi> (<small>bot</small>)?', page) == [
        ("deploy", "<small>bot</small>"),
        ("mia", ""),
    ]


def test_a_dash_is_standard_output(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    assert run(log, "export", "-o", "-").stdout == run(log, "export").stdout
    assert not Path("-").exists()


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C.UTF-8"}], ids=["no locale", "UTF-8"])
@pytest.mark.parametrize("command", ["export", "stats", "verify --json"])
def test_standard_output_that_is_full_is_not_taken_for_the_data(
    data: Path, command: str, locale: dict[str, str]
):
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "chatapp", "log", *command.split(), "--data", str(data)],
            stdout=full,
            stderr=subprocess.PIPE,
            env={"PATH": os.environ["PATH"]} | locale,
            text=True,
            check=False,
        )

    assert (ran.returncode, ran.stderr) == (1, "Error: standard output: No space left on device\n")
