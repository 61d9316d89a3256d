"""`chatapp backup` and `chatapp restore`: whole copies, or none."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from chatapp.cli.log import log
from chatapp.cli.log_commands.backup import backup, restore
from chatapp.log.disk import Disk
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.backup import restore as copy_back
from tests.log.conftest import draft

from .conftest import SEGMENT, Run, damage, texts


def test_a_backup_has_the_audit_log_too(run: Run, data: Path, tmp_path: Path):
    audit = MessageLog.open(data / "audit", index=data / "audit.sqlite3")
    audit.append(draft("banned bo", room="ban"))
    audit.close()

    run(backup, tmp_path / "copy")
    shutil.rmtree(data)
    run(restore, tmp_path / "copy")

    audit = MessageLog.open(data / "audit", index=data / "audit.sqlite3")
    assert audit.head("ban") == 1
    audit.close()


def test_a_backup_within_the_log_is_refused(run: Run, data: Path):
    told = run(backup, data / "messages" / "copy", code=1).stderr

    assert "is inside the log" in told
    assert not (data / "messages" / "copy").exists()


def test_a_damaged_backup_is_not_restored(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    damage(tmp_path / "copy", 2)
    before = sorted(data.rglob("*"))

    told = run(restore, tmp_path / "copy", code=1).stderr

    assert f"In {tmp_path / 'copy'}, {SEGMENT} line 2 is damaged" in told
    assert sorted(data.rglob("*")) == before


def test_a_damaged_log_gives_no_backup_and_no_half_of_one(run: Run, data: Path, tmp_path: Path):
    damage(data, 2)

    assert "line 2 is damaged" in run(backup, tmp_path / "copy", code=1).output

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_what_cannot_be_copied_leaves_nothing_behind(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    shutil.rmtree(data)

    run(backup, tmp_path / "copy", code=1)
    run(restore, tmp_path / "empty", code=1)
    run(log, "reindex", code=1)

    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


@pytest.mark.parametrize(
    "line",
    ["backup {here}/another", "restore {here}/copy", "log erase --sender bo --yes",
     "log retain --older-than 1 --keep-old --yes", "log repair"],
)  # fmt: skip
def test_what_is_broken_off_by_the_keyboard_leaves_nothing_behind(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
):
    run(backup, tmp_path / "copy")
    if "repair" in line:
        damage(data, 5)
    files = sorted(tmp_path.rglob("*"))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chatapp.log.rewrite.Rewriting.finish", interrupted)
    monkeypatch.setattr("chatapp.upkeep.erase.decide", interrupted)
    group, *arguments = line.format(here=tmp_path).split(" ")
    result = CliRunner().invoke({"log": log, "backup": backup, "restore": restore}[group],
                                [*arguments, "--data", str(data)])  # fmt: skip

    assert (result.exit_code, "Aborted!" in result.output) == (1, True)
    assert sorted(tmp_path.rglob("*")) == files


def test_a_backup_is_taken_while_the_server_runs_and_restored_elsewhere(
    run: Run, data: Path, tmp_path: Path
):
    server = DataFolder.open(data)
    messages = MessageLog.open(server.messages)

    run(backup, tmp_path / "copy")

    messages.append(draft("after the backup"))
    messages.close()
    server.close()
    assert "already exists" in run(backup, tmp_path / "copy", code=1).output
    told = json.loads(run(restore, tmp_path / "copy", "--json").stdout)
    assert texts(data) == ["black tea", "=SUM(A1)"]
    assert texts(Path(told["kept"]))[-1] == "after the backup"
    directory = Directory.open(data / "directory")
    assert directory.table("people", object).get("ana") == {"role": "admin"}
    directory.close()
    run(log, "verify")


def test_a_restore_that_broke_off_is_finished_from_whatever_folder(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run(backup, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        copy_back(BreaksOff(), Path("copy"), Path("data"), Path("data/backups/kept"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    DataFolder.open(data).close()

    assert (data / "backups/kept/messages").is_dir()
    assert texts(data) == ["black tea", "=SUM(A1)"]


class BreaksOff(Disk):
    """Goes on until a restore is decided."""

    def rename(self, old: Path, new: Path) -> None:
        if new.name.endswith(".ready"):
            raise KeyboardInterrupt
        super().rename(old, new)
