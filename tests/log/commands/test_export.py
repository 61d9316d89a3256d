"""`chatapp log export`: lines, tables and pages."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.cli.log import log

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
