"""Whatever is done to a log behind its back, verify says where."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zlib import crc32

import msgspec
import pytest

from chatapp.domain.model import Draft
from chatapp.index.schema import connect
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.verify import verify

from .conftest import Clock, draft, problems

Lines = list[bytes]


@pytest.fixture
def folder(memory: Path, clock: Clock) -> Path:
    """A log of several segments."""
    log = MessageLog.open(memory / "messages", clock=clock, segment_bytes=1_500)
    for i in range(20):
        log.append(draft(f"message {i}", room="tea" if i % 3 else "general"))
    log.append(Draft(room="tea", sender="ana", type="react", target=1, emoji="👍", on=True))
    log.close()
    assert len(list((memory / "messages").glob("*.jsonl"))) > 3
    return memory / "messages"


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def with_crc(line: bytes) -> bytes:
    """As a forger would do it: the checksum is made right again."""
    covered = line[: line.rindex(b',"crc":"')]
    return b'%b,"crc":"%08x"}\n' % (covered, crc32(covered))


def test_a_sound_log_has_no_problems_in_one_process_or_many(folder: Path):
    assert problems(folder) == problems(folder, processes=2) == []
    assert verify(folder, processes=2).records == 21


def test_it_tells_how_far_it_is_within_a_segment(memory: Path):
    log = MessageLog.open(memory / "messages", segment_bytes=2_500_000)
    for _ in range(250):
        log.append(draft("tea " * 4_000))
    log.close()
    sizes = [path.stat().st_size for path in segments(memory / "messages")]
    assert len(sizes) == 2

    told: list[int] = []
    verify(memory / "messages", processes=1, progress=told.append)
    told_by_many: list[int] = []
    verify(memory / "messages", processes=2, progress=told_by_many.append)

    assert max(told) < min(sizes)
    assert sum(told) == sum(told_by_many) == sum(sizes)


def changed(lines: Lines) -> Lines:
    return [lines[0], with_crc(lines[1].replace(b'"ana"', b'"eve"')), *lines[2:]]


def dropped(lines: Lines) -> Lines:
    return [lines[0], *lines[2:]]


def inserted(lines: Lines) -> Lines:
    return [lines[0], lines[1], lines[1], *lines[2:]]


def moved(lines: Lines) -> Lines:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def new_text(lines: Lines) -> Lines:
    return [lines[0], with_crc(lines[1].replace(b"message", b"massage")), *lines[2:]]


@pytest.mark.parametrize(
    ("forge", "complaint"),
    [
        (changed, "line 2: its hash does not follow"),
        (dropped, "line 2: it is number"),
        (inserted, "line 3: it is number"),
        (moved, "line 2: it is number"),
        (new_text, "line 2: its text is not the one that was written"),
    ],
)
@pytest.mark.parametrize("segment", [0, 1, 2], ids=["first", "second", "third"])
def test_a_forged_line_is_named(
    folder: Path, forge: Callable[[Lines], Lines], complaint: str, segment: int
):
    path = segments(folder)[segment]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(forge(lines)))

    assert f"messages/{path.name} {complaint}" in problems(folder)[0]


def test_a_missing_segment_is_named(folder: Path):
    gone = segments(folder)[1]
    gone.unlink()

    assert f"messages/{gone.name} is missing" in problems(folder)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_each_of_the_last_segments_that_is_missing_is_named(folder: Path, left: int):
    *_, sealed, active = gone = segments(folder)[left:]
    for segment in gone:
        segment.unlink()

    found = problems(folder)

    assert f"messages/{sealed.name} is missing" in found
    assert f"messages/{active.name} is missing" in found


def test_a_log_without_line_ends_is_no_unfinished_batch(memory: Path):
    log = MessageLog.open(memory / "messages")
    for text in ("a", "b", "c"):
        log.append(draft(text))
    log.close()
    (segment,) = segments(memory / "messages")
    segment.write_bytes(segment.read_bytes().replace(b"\n", b""))

    assert verify(memory / "messages").problems == [
        f"messages/{segment.name} line 1: it is cut off"
    ]


def test_a_segment_sealed_with_another_content_is_named(folder: Path):
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    manifest["segments"][0]["sha256"] = "0" * 64
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))

    assert "000000000001.jsonl is not as it was sealed" in problems(folder)[0]


def test_an_unfinished_batch_at_the_end_is_no_problem(folder: Path):
    with segments(folder)[-1].open("ab") as file:
        file.write(b'{"v":3,"n":22,"ba')

    verified = verify(folder, processes=1)

    assert verified.problems == []
    assert (verified.records, verified.unfinished_bytes) == (21, 17)


def test_a_seq_that_is_skipped_is_named(memory: Path, clock: Clock):
    log = MessageLog.open(memory / "messages", clock=clock)
    log.append(draft("one"))
    log._heads["general"] = 5
    log.append(draft("two"))
    log.close()

    assert "it has seq 6 where 2 of its room belongs" in problems(memory / "messages")[0]


def test_an_index_that_sqlite_finds_damaged_is_named(folder: Path):
    index = folder.parent / "index.sqlite3"
    content = bytearray(index.read_bytes())
    content[4096:8192] = b"garbage!" * 512
    index.write_bytes(content)

    (problem,) = verify(folder, index=index).problems

    assert problem.startswith("index.sqlite3 is damaged (")
    assert problem.endswith("); delete it, it is made again")


def test_an_index_whose_rows_and_orders_do_not_agree_is_named(folder: Path):
    index = folder.parent / "index.sqlite3"
    content = bytearray(index.read_bytes())
    with closing(connect(index)) as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'records_of_sender'"
        ).fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(index.read_bytes())
    content[page * 4096 - 1] ^= 1  # the last byte of the first row: a record's number
    index.write_bytes(content)

    assert "index.sqlite3 is damaged" in verify(folder, index=index).problems[0]


def test_an_index_with_more_than_the_log_is_named(folder: Path):
    *_, last = segments(folder)
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join(lines[:-1]))

    found = verify(folder, index=folder.parent / "index.sqlite3").problems

    assert found == ["index.sqlite3 has records up to 21, the log only up to 20"]


def test_an_index_of_another_version_is_none(folder: Path):
    index = folder.parent / "index.sqlite3"
    with closing(connect(index)) as db:
        db.execute("UPDATE about SET version = 1, n = 99")

    assert verify(folder, index=index).problems == []
