"""The last value of a key wins, also after a restart."""

from pathlib import Path

import msgspec
import pytest

from chatapp.storage import Directory


class Account(msgspec.Struct, frozen=True):
    name: str
    role: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "directory"


def test_the_last_value_of_a_key_wins(folder: Path):
    directory = Directory.open(folder)
    directory.put("people", "ana", Account("ana", "guest"))
    directory.put("people", "ana", Account("ana", "admin"))
    directory.put("people", "bo", Account("bo", "guest"))
    directory.put("marks", "ana", {"general": 4})
    directory.delete("people", "bo")

    def check(directory: Directory) -> None:
        assert directory.get("people", "ana", Account) == Account("ana", "admin")
        assert directory.get("people", "bo", Account) is None
        assert list(directory.items("people", Account)) == [("ana", Account("ana", "admin"))]
        assert directory.get("marks", "ana") == {"general": 4}
        assert list(directory.items("nothing")) == []

    check(directory)
    directory.close()
    again = Directory.open(folder)
    check(again)
    again.close()


def test_readers_see_a_value_once_it_is_durable(folder: Path):
    directory = Directory.open(folder, deliver=lambda callback: None)

    pending = directory.put("people", "ana", 1)
    before = directory.get("people", "ana")
    directory.flush()

    assert (before, directory.get("people", "ana")) == (None, 1)
    assert pending.result() is None
    directory.close()
