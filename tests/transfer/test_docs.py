"""The commands that docs/import.md shows for every format work as they stand there."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.cli.main import main
from tests.support.checkout import ROOT
from tests.support.slack import CHANNELS, said, slack_export

EXPORT = "acme.zip"
COMMANDS = [
    command
    for command in re.findall(
        r"^    chatapp (.+)$", (ROOT / "docs" / "import.md").read_text(), re.M
    )
    if EXPORT in command or command.startswith("user ")
]


def test_the_commands_of_the_docs_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    users = [{"id": "U1", "name": "ana"}, {"id": "U024BE7LH", "name": "bo"}]
    messages = [said("1709200000.000100", "hi")]
    slack_export(
        tmp_path / EXPORT,
        {"general/2024-02-29": messages},
        **{"users.json": users, "channels.json": CHANNELS[:1]},
    )
    run = CliRunner()
    assert len(COMMANDS) >= 5

    for command in sorted(COMMANDS, key=lambda one: "--same" in one):
        result = run.invoke(main, shlex.split(command, comments=True))

        assert (command, result.exit_code) == (command, 0), result.output
    assert re.search(r"ana .* unclaimed", run.invoke(main, ["user", "list"]).output)
