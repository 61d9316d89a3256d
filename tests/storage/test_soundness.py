"""What is noted of an index that is closed, and what it finds out."""

from pathlib import Path

import pytest

from chatapp.storage.soundness import LARGE_BYTES, is_as_noted, note_checksum, take_checksum


@pytest.fixture
def index(tmp_path: Path) -> Path:
    index = tmp_path / "index.sqlite3"
    index.write_bytes(b"rows and rows")
    return index


def test_a_note_is_taken_once_and_knows_every_bit(index: Path):
    note_checksum(index)

    noted = take_checksum(index)

    assert noted is not None
    assert take_checksum(index) is None
    assert is_as_noted(index, noted)
    index.write_bytes(b"rows and rowt")
    assert not is_as_noted(index, noted)


def test_a_large_index_is_not_read_to_be_closed(index: Path):
    with index.open("r+b") as file:
        file.truncate(LARGE_BYTES + 1)

    note_checksum(index)

    noted = take_checksum(index)
    assert noted == f"{LARGE_BYTES + 1}\n"
    assert is_as_noted(index, noted)
    with index.open("r+b") as file:
        file.truncate(LARGE_BYTES + 2)
    assert not is_as_noted(index, noted)


def test_an_index_that_is_still_being_written_gets_no_note(index: Path):
    index.with_name(index.name + "-wal").touch()

    note_checksum(index)

    assert take_checksum(index) is None
