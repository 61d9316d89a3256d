"""What holds for all commands on the data folder, or for many."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.cli.log import log
from chatapp.store.data_folder import DataFolder

from .conftest import Run


@pytest.mark.parametrize("command", ["verify", "stats", "repair", "reindex", "export", "migrate"])
def test_a_log_of_a_later_version_is_left_alone(run: Run, data: Path, command: str):
    manifest = data / "messages/manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 3', '"format": 4'))
    before = {file: file.read_bytes() for file in (data / "messages").iterdir()}

    assert "newer than this program" in run(log, command, code=1).output

    assert {file: file.read_bytes() for file in (data / "messages").iterdir()} == before


def test_a_running_server_keeps_commands_out_that_write(run: Run, data: Path):
    server = DataFolder.open(data)

    for arguments in (["repair"], ["reindex"], ["migrate"], ["erase", "--sender", "a", "--yes"]):
        assert "in use by another server" in run(log, *arguments, code=1).output
    server.close()


@pytest.mark.parametrize(
    "line", ["repair", "reindex", "migrate", "retain --older-than 1", "erase --sender a --yes"]
)
def test_a_folder_that_has_no_log_is_left_as_it_is(tmp_path: Path, line: str):
    """It may be anybody's: the folder named by mistake."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)

    result = CliRunner().invoke(log, [*line.split(), "--data", str(folder)])

    assert (result.exit_code, "There is no log in" in result.output) == (1, True)
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o755


def test_no_log_is_one_clear_line(run: Run, data: Path):
    shutil.rmtree(data / "messages")
    shutil.rmtree(data / "directory")

    assert "There is no log" in run(log, "verify", code=1).output
    assert "There is no log" in run(log, "stats", code=1).output
