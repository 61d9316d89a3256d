"""What a start makes of a log that was cut off, torn or damaged."""

import shutil
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.manifest import ChainHead, segment_files
from chatapp.log.recovery import BatchReader, RecoveredLine, recover
from chatapp.store.message_log import MessageLog

from .conftest import draft

Open = Callable[..., MessageLog]


@pytest.fixture
def batches(open_log: Open, tmp_path: Path) -> list[bytes]:
    """The bytes of a log of batches of 3, 1, 2, 1 and 3 records."""
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)
    segment = tmp_path / "messages" / "000000000001.jsonl"
    found: list[bytes] = []
    for size in (3, 1, 2, 1, 3):
        for _ in range(size):
            log.append(draft("hola" * size))
        log.flush()
        found.append(segment.read_bytes()[sum(map(len, found)) :])
    log.close()
    return found


class QuickDisk(Disk):
    """A disk for a thousand openings: what it writes is not worth a sync."""

    def fsync(self, fd: int) -> None:
        pass


def recovered(tmp_path: Path, content: bytes) -> int:
    """How many records a log with this content has, as a start finds them."""
    folder = tmp_path / "messages"
    (folder / "000000000001.jsonl").write_bytes(content)
    shutil.rmtree(tmp_path / "quarantine", ignore_errors=True)
    records: list[RecoveredLine] = []
    end = recover(
        QuickDisk(),
        folder,
        [1],
        since=None,
        anchor=ChainHead(),
        quarantine=tmp_path / "quarantine",
        found=records.extend,
    )
    assert [line.n for line in records] == list(range(1, end.tip.n + 1))
    assert b"".join(line.bytes for line in records) == content[: end.size]
    assert (folder / "000000000001.jsonl").stat().st_size == end.size
    return end.tip.n


def reopened(open_log: Open, tmp_path: Path, content: bytes) -> MessageLog:
    """The log with this content, opened without what the index remembers."""
    (tmp_path / "messages" / "000000000001.jsonl").write_bytes(content)
    (tmp_path / "index.sqlite3").unlink(missing_ok=True)
    return open_log()


def test_a_log_cut_anywhere_in_its_last_batches_keeps_every_whole_batch(
    tmp_path: Path, batches: list[bytes]
):
    whole = b"".join(batches)
    ends = [len(b"".join(batches[: i + 1])) for i in range(len(batches))]
    records = [3, 4, 6, 7, 10]

    for size in range(ends[1], len(whole) + 1):
        kept = max(i for i in range(len(ends)) if ends[i] <= size)
        assert recovered(tmp_path, whole[:size]) == records[kept], size


def test_what_was_cut_off_lies_in_quarantine_and_the_log_goes_on(
    open_log: Open, tmp_path: Path, batches: list[bytes], caplog: pytest.LogCaptureFixture
):
    whole = b"".join(batches)

    log = reopened(open_log, tmp_path, whole[:-1])

    (kept,) = (tmp_path / "quarantine").iterdir()
    assert kept.read_bytes() == batches[-1][:-1]
    assert "the last write was not finished" in caplog.text
    assert log.append(draft("on")).result().event.seq == 8


def test_a_flipped_bit_is_cut_off_in_the_last_batch_and_refused_before_it(
    tmp_path: Path, batches: list[bytes]
):
    whole = b"".join(batches)
    last = len(whole) - len(batches[-1])
    start = len(b"".join(batches[:2]))

    for position in range(start, len(whole)):
        bad = bytearray(whole)
        bad[position] ^= 1 << position % 8
        if position < last:
            with pytest.raises(StorageError, match=r"messages/000000000001.jsonl line [567] is"):
                recovered(tmp_path, bytes(bad))
            assert (tmp_path / "messages/000000000001.jsonl").read_bytes() == bytes(bad)
        else:
            assert recovered(tmp_path, bytes(bad)) == 7


def test_a_tail_of_zeros_is_an_unfinished_write(
    open_log: Open, tmp_path: Path, batches: list[bytes], caplog: pytest.LogCaptureFixture
):
    log = reopened(open_log, tmp_path, b"".join(batches) + bytes(5000))

    assert log.head("general") == 10
    assert "not finished" in caplog.text


@pytest.mark.parametrize("missing", ["all of it", "its end"])
def test_a_sealed_segment_that_is_missing_is_noticed_though_the_index_is_current(
    open_log: Open, tmp_path: Path, missing: str
):
    log = open_log(segment_bytes=1_000)
    for number in range(20):
        log.append(draft(f"message {number}"))
    log.close()
    _, second, third, *_ = sorted((tmp_path / "messages").glob("*.jsonl"))
    if missing == "all of it":
        second.unlink()
    else:
        second.write_bytes(second.read_bytes()[:-100])
    number = int(third.stem) - int(second.stem)

    named = f"{second.name} {f'line {number} is' if second.exists() else 'is missing'}"
    with pytest.raises(StorageError, match=f"{named}.*chatapp log repair"):
        open_log()


@pytest.mark.parametrize("index", ["current", "gone"])
@pytest.mark.parametrize("left", [0, 1, 2])
def test_nobody_goes_on_without_the_last_segments(
    open_log: Open, tmp_path: Path, left: int, index: str
):
    log = open_log(segment_bytes=1_000)
    for number in range(20):
        log.append(draft(f"message {number}"))
    log.close()
    segments = sorted((tmp_path / "messages").glob("*.jsonl"))
    for segment in segments[left:]:
        segment.unlink()
    if index == "gone":
        (tmp_path / "index.sqlite3").unlink()

    with pytest.raises(StorageError, match=f"{segments[left].name} is missing"):
        open_log()

    assert sorted((tmp_path / "messages").glob("*.jsonl")) == segments[:left]


def test_a_log_that_was_just_begun_when_the_power_went_is_begun_again(
    open_log: Open, tmp_path: Path
):
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages/000000000001.jsonl").touch()

    log = open_log()

    assert log.append(draft("hola")).result().event.seq == 1


class GrowingDisk(Disk):
    """Whoever comes to the end of what is there finds that more was written meanwhile."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = sizes

    def read(self, fd: int, size: int, offset: int) -> bytes:
        if found := super().read(fd, min(size, self.sizes[0] - offset), offset):
            return found
        self.sizes = self.sizes[1:] or self.sizes
        return b""


def test_what_is_written_while_one_reads_is_no_damage(open_log: Open, tmp_path: Path):
    log = open_log()
    for number in range(9):
        log.append(draft(f"message {number}"))
    log.close()
    path = tmp_path / "messages/000000000001.jsonl"
    size = path.stat().st_size
    cut_off_then_more = GrowingDisk([size // 3 + 9, size // 3 * 2 + 9, size])
    reader = BatchReader(cut_off_then_more, path, 1, ChainHead())

    assert sum(len(batch) for batch in reader.beside_a_writer()) == 9
    assert reader.problem is None


class WatchedDisk(Disk):
    """Counts the bytes that are read of the log."""

    def __init__(self) -> None:
        self.bytes_read = 0

    def read(self, fd: int, size: int, offset: int) -> bytes:
        data = super().read(fd, size, offset)
        self.bytes_read += len(data)
        return data


def test_a_start_whose_index_is_current_reads_only_the_end(open_log: Open, tmp_path: Path):
    log = open_log(segment_bytes=20_000)
    for number in range(300):
        log.append(draft(f"message {number} {'x' * 200}"))
    log.close()
    folder = tmp_path / "messages"
    current, whole = WatchedDisk(), WatchedDisk()

    open_log(disk=current).close()

    recover(
        whole,
        folder,
        segment_files(whole, folder),
        since=None,
        anchor=ChainHead(),
        quarantine=tmp_path / "quarantine",
        found=lambda _lines: None,
    )
    assert whole.bytes_read > 100_000, "it counts what is read"
    assert 0 < current.bytes_read < 5_000


def test_a_log_that_is_shorter_than_its_index_says_so(
    open_log: Open, tmp_path: Path, batches: list[bytes], caplog: pytest.LogCaptureFixture
):
    (tmp_path / "messages" / "000000000001.jsonl").write_bytes(b"".join(batches[:3]))

    log = open_log()

    assert log.head("general") == 6
    assert "the index knows the log up to record 10" in caplog.text


def test_a_dropped_moved_or_changed_line_is_refused(
    open_log: Open, tmp_path: Path, batches: list[bytes]
):
    first, second, third, fourth, fifth = batches

    for forged in (
        first + third + fourth + fifth,
        first + third + second + fourth + fifth,
        first + second + second + third + fourth + fifth,
    ):
        with pytest.raises(StorageError, match="chatapp log repair"):
            reopened(open_log, tmp_path, forged)
