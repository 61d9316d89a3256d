"""The seqs of messages are found again, however many there are, and leave nothing on the disk."""

from pathlib import Path

from chatapp.transfer.sources.seqs import SourceSeqs


def test_all_are_found_in_memory_or_on_the_disk(tmp_path: Path):
    seqs = SourceSeqs(tmp_path, in_memory=3)
    for number in range(10):
        seqs.put("tea", f"${number}", number)
    seqs.put("ops", "$1", 11)
    seqs.put("tea", "$2", 12)  # it is on the disk with another number

    found = [seqs.get("tea", f"${number}") for number in (0, 1, 2, 8, 9, 10)]

    assert found == [0, 1, 12, 8, 9, None]
    assert (seqs.get("ops", "$1"), seqs.get("ops", "$2")) == (11, None)
    assert list(tmp_path.iterdir()) == [], "a file without a name goes with the process"
    seqs.forget()
    assert seqs.get("tea", "$0") is None
    seqs.close()
