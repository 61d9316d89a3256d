"""The last value of a key wins, also after a restart."""

from pathlib import Path

import msgspec
import pytest

from chatapp.storage import Directory
from chatapp.storage.verify import verify


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


def test_changes_of_one_turn_are_one_batch(folder: Path):
    directory = Directory.open(folder, deliver=lambda callback: None)

    directory.put("rooms", "tea", {"title": "Tea"})
    directory.put("members", "tea/ana", True)
    directory.flush()
    directory.close()

    lines = (folder / "000000000001.jsonl").read_text().splitlines()
    assert [msgspec.json.decode(line)["more"] for line in lines] == [1, 0]


def test_overwritten_values_are_left_out_at_a_start(memory: Path):
    folder = memory / "directory"
    directory = Directory.open(folder, durability="os")
    for i in range(10_100):
        directory.put("marks", f"person {i % 20}", i)
    directory.delete("marks", "person 19")
    expected = dict(directory.items("marks"))
    directory.close()
    before = (folder / "000000000001.jsonl").stat().st_size

    again = Directory.open(folder)

    assert dict(again.items("marks")) == expected
    assert len(expected) == 19
    assert (folder / "000000000001.jsonl").stat().st_size < before / 100
    again.put("marks", "person 1", 0)
    again.close()
    assert verify(folder, processes=1).problems == []
