"""`chatapp log erase`: texts that are gone, and a chain that is whole."""

import json
import shutil
from pathlib import Path

from chatapp.cli.log import log
from chatapp.cli.log_commands.backup import backup, restore

from .conftest import SEGMENT, Run, damage, epoch_of, texts


def test_a_folder_that_lies_within_the_log_is_in_nobodys_way(run: Run, data: Path):
    (data / "messages/notes").mkdir()
    (data / "messages/notes/todo").write_text("SUM")

    run(log, "erase", "--sender", "bo", "--yes")

    run(log, "verify")
    assert [path.name for path in data.glob("messages*")] == ["messages"]


def test_erased_texts_are_gone_and_the_chain_stays_whole(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    assert b"SUM" in (data / SEGMENT).read_bytes()
    assert "2 texts" in run(log, "erase", "--sender", "bo", "--dry-run").stdout
    assert b"SUM" in (data / SEGMENT).read_bytes()

    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "copy")

    for place in (data, tmp_path / "copy"):
        for file in (file for file in place.rglob("*") if file.is_file()):
            assert b"SUM" not in file.read_bytes(), file
    run(log, "verify")
    assert texts(data) == ["black tea", ""]
    assert b'"erased":"' in (data / SEGMENT).read_bytes()


def test_a_copy_of_the_whole_folder_loses_its_index_too(run: Run, data: Path, tmp_path: Path):
    shutil.copytree(data, tmp_path / "copy")
    assert (tmp_path / "copy/index.sqlite3").exists()

    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "copy")

    assert not (data / "index.sqlite3").exists()
    assert not (tmp_path / "copy/index.sqlite3").exists()


def test_who_was_away_during_an_erasing_reads_all_anew(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    before = epoch_of(data)

    run(log, "erase", "--sender", "bo", "--dry-run")
    run(log, "erase", "--sender", "nobody", "--yes", code=4)
    assert epoch_of(data) == before, "nothing was erased"
    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "copy")

    assert epoch_of(data) != before
    assert epoch_of(tmp_path / "copy") != before


def test_erase_tells_what_it_did_not_look_at_unless_it_is_named(run: Run, data: Path):
    damage(data, 1)
    kept = Path(json.loads(run(log, "repair", "--json").stdout)["messages"]["kept_old"])
    (data / "quarantine").mkdir()
    (data / "quarantine" / "messages-1").write_bytes(b"half a line")
    run(log, "repair")

    told = run(log, "erase", "--sender", "nobody", "--yes", code=4).stderr

    assert f"{kept} may have such texts too" in told
    assert "messages-1 may have such texts too" in told
    segment = kept / "000000000001.jsonl"
    segment.write_bytes(
        segment.read_bytes().replace(b"genera1", b"general").replace(b"t3a", b"tea")
    )
    assert str(kept) not in run(log, "erase", "--sender", "bo", "--yes", "--backup", kept).stderr
    assert b"SUM" not in segment.read_bytes()


def test_erase_touches_nothing_if_a_backup_is_none(run: Run, data: Path, tmp_path: Path):
    (tmp_path / "none").mkdir()

    run(log, "erase", "--sender", "bo", "--yes", "--backup", tmp_path / "none", code=1)

    assert b"SUM" in (data / SEGMENT).read_bytes()


def test_erase_needs_to_know_whose_texts(run: Run):
    run(log, "erase", "--yes", code=2)
    run(log, "erase", "--yes", "--seq", "1", code=2)


def test_a_restore_tells_whose_erased_texts_come_back(run: Run, data: Path, tmp_path: Path):
    run(backup, tmp_path / "copy")
    assert json.loads(run(restore, tmp_path / "copy", "--json").stdout)["erased_before"] == {}
    run(log, "erase", "--sender", "bo", "--yes")
    damage(data, 1)

    told = run(restore, tmp_path / "copy", "--json")

    assert json.loads(told.stdout)["erased_before"] == {"bo": 2}
    assert "2 texts of bo are back that had been erased" in told.stderr


def test_the_question_is_not_among_the_results(run: Run):
    asked = run(log, "erase", "--sender", "bo", "--json", code=1)

    assert asked.stdout == ""
    assert "Erase these texts for good?" in asked.stderr
