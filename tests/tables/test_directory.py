"""The last value of a key wins, also after a restart."""

from pathlib import Path

import msgspec
import pytest

from chatapp.tables.directory import Directory
from chatapp.upkeep.verify import verify


class Account(msgspec.Struct, frozen=True):
    name: str
    role: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "directory"


def test_the_last_value_of_a_key_wins(folder: Path):
    directory = Directory.open(folder)
    people = directory.table("people", Account)
    people.put("ana", Account("ana", "guest"))
    people.put("ana", Account("ana", "admin"))
    people.put("bo", Account("bo", "guest"))
    directory.table("marks", dict).put("ana", {"general": 4})
    people.delete("bo")

    def check(directory: Directory) -> None:
        people = directory.table("people", Account)
        assert people.get("ana") == Account("ana", "admin")
        assert people.get("bo") is None
        assert list(people.items()) == [("ana", Account("ana", "admin"))]
        assert directory.table("marks", dict).get("ana") == {"general": 4}
        assert list(directory.table("nothing", object).items()) == []

    check(directory)
    directory.close()
    again = Directory.open(folder)
    check(again)
    again.close()


def test_a_table_has_what_is_not_durable_yet(folder: Path):
    directory = Directory.open(folder, deliver=lambda callback: None)
    people = directory.table("people", object)

    pending = people.put("ana", 1)

    assert (people.get("ana"), pending.done) == (1, False)
    directory.flush()
    assert pending.result() is None
    directory.close()


def test_changes_of_one_turn_are_one_batch(folder: Path):
    directory = Directory.open(folder, deliver=lambda callback: None)

    directory.table("rooms", object).put("tea", {"title": "Tea"})
    directory.table("members", object).put("tea/ana", True)
    directory.flush()
    directory.close()

    assert [line["more"] for line in _lines(folder)] == [1, 0]


def test_changes_of_one_write_are_one_batch(folder: Path):
    directory = Directory.open(folder)
    people, links = directory.table("people", object), directory.table("links", object)
    links.put("secret", 1)

    people.write(people.change("ana", "member", expected=None), links.change("secret", None))
    directory.close()

    assert [line["more"] for line in _lines(folder)] == [0, 1, 0]
    again = Directory.open(folder)
    assert list(again.table("people", object).items()) == [("ana", "member")]
    assert len(again.table("links", object)) == 0
    again.close()


def test_overwritten_values_are_left_out_at_a_start(folder: Path):
    directory = Directory.open(folder, durability="os")
    marks = directory.table("marks", int)
    for i in range(10_100):
        marks.put(f"person {i % 20}", i)
    marks.delete("person 19")
    directory.close()
    before = (folder / "000000000001.jsonl").stat().st_size

    again = Directory.open(folder)

    assert dict(again.table("marks", int).items()) == dict(marks.items())
    assert len(marks) == 19
    assert (folder / "000000000001.jsonl").stat().st_size < before / 100
    again.table("marks", int).put("person 1", 0)
    again.close()
    assert verify(folder, processes=1).problems == []


def _lines(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "000000000001.jsonl").read_text().splitlines()
    return [msgspec.json.decode(line) for line in lines]
