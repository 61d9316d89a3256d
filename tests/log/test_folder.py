"""One server, one data folder, for its owner's eyes only."""

import os
from pathlib import Path

import pytest

from chatapp.log.errors import StorageError
from chatapp.store.data_folder import DataFolder


def test_a_second_server_is_told_who_has_the_folder(tmp_path: Path):
    first = DataFolder.open(tmp_path / "data")

    with pytest.raises(StorageError, match=rf"in use by another server \(pid {os.getpid()}\)"):
        DataFolder.open(tmp_path / "data")

    first.close()
    DataFolder.open(tmp_path / "data").close()


def test_the_folder_and_its_secret_are_for_the_owner_only(tmp_path: Path):
    folder = DataFolder.open(tmp_path / "data")
    again = folder.secret_key
    folder.close()
    folder = DataFolder.open(tmp_path / "data")

    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert (folder.path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert folder.secret_key == again
    assert len(again) == 64
    folder.close()


def test_an_empty_secret_is_made_anew(tmp_path: Path):
    DataFolder.open(tmp_path).close()
    (tmp_path / "secret_key").write_text("\n")

    folder = DataFolder.open(tmp_path)

    assert len(folder.secret_key) == 64
    folder.close()


def test_a_note_of_a_restore_that_cannot_be_read_is_one_clear_line(tmp_path: Path):
    DataFolder.open(tmp_path / "data").close()
    (tmp_path / "data/restoring").write_text("x")

    for _ in range(2):  # the lock is not held after the first
        with pytest.raises(StorageError, match="restoring cannot be read"):
            DataFolder.open(tmp_path / "data")


def test_a_file_in_the_place_of_the_folder_is_one_clear_line(tmp_path: Path):
    (tmp_path / "data").write_text("")

    with pytest.raises(StorageError, match="cannot be used: File exists"):
        DataFolder.open(tmp_path / "data")


def test_nobody_writes_into_the_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Above all not root: the server could not read it any more."""
    DataFolder.open(tmp_path).close()
    (tmp_path / "messages").mkdir()
    before = sorted(tmp_path.iterdir())
    (tmp_path / "lock").unlink()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(StorageError, match=r"belongs to the user .+ \(sudo -u"):
        DataFolder.open(tmp_path)

    assert sorted(tmp_path.iterdir()) == [path for path in before if path.name != "lock"]
