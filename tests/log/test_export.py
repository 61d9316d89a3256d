"""What `chatapp log export` writes of a long log: folded, whole, and in little memory."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatapp.domain.model import Draft, Event
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.format import ChainHead, Position
from chatapp.log.progress import unwatched
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import stage, swap
from chatapp.store.message_log import MessageLog
from chatapp.store.opening_folder import begin
from chatapp.transfer.export import FORMATS
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.output import written
from chatapp.upkeep.erase import ErasureSelector, erase
from chatapp.upkeep.repair import repair

from .conftest import Clock, draft, rounds

MANY = rounds(20_000, 200_000)
BATCH = 100
TEXT_BYTES = 1_000
MEASURED = """
import resource, sys
from pathlib import Path
from chatapp.log.progress import unwatched
from chatapp.transfer.export import FORMATS
from chatapp.transfer.export_filter import ExportFilter

messages = 0
for piece in FORMATS[sys.argv[1]](Path(sys.argv[2]), ExportFilter(), unwatched):
    messages += piece.count("the last word")
print(messages, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def exported(kind: str, log: Path, **wanted: object) -> str:
    return "".join(FORMATS[kind](log, ExportFilter(**wanted), unwatched))  # type: ignore[arg-type]


def long_log(folder: Path, messages: int) -> Path:
    """Messages of a thousand bytes, and at the end an edit of each hundredth."""
    disk = Disk()
    manifest = begin(disk, folder)
    rewriting = Rewriting(disk, stage(disk, folder), ChainHead())
    tip = ChainHead()
    lines: list[bytes] = []
    previous = tip.hash.encode()
    for event in _said(messages):
        more = BATCH - 1 - len(lines)
        place = Position(tip.n + len(lines) + 1, tip.batch + 1, more)
        line, previous = format.encode_event(event, place, "s" * 16, previous)
        lines.append(line)
        if more == 0:
            rewriting.add(lines)
            tip, lines = ChainHead(place.n, place.batch, previous.decode()), []
    rewriting.finish(manifest.revised(segments=rewriting.sealed))
    swap(disk, folder, kept=None)
    return folder


def _said(messages: int) -> Iterator[Event]:
    about = {"room": "general", "sender": "ana", "at": "2026-11-22T09:30:00.123Z"}
    for seq in range(1, messages + 1):
        yield Event(**about, seq=seq, text=f"{seq} " + "x" * TEXT_BYTES)
    for seq in range(messages + 1, messages + messages // 100 + 1):
        yield Event(
            **about,
            seq=seq,
            type="edit",
            target=(seq - messages) * 100,
            text="the last word",
        )


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A short log and a long one."""
    folder = tmp_path_factory.mktemp("logs")
    return long_log(folder / "short", 1_000), long_log(folder / "long", MANY)


@pytest.mark.parametrize("kind", ["csv", "html"])
def test_a_long_log_takes_no_more_memory_than_a_short_one(kind: str, logs: tuple[Path, Path]):
    def measured(folder: Path) -> tuple[int, int]:
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, kind, str(folder)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        edited, kilobytes = map(int, done.stdout.split())
        return edited, kilobytes

    _, short = measured(logs[0])
    edited, long = measured(logs[1])

    assert edited == MANY // 100
    assert long - short < MANY * TEXT_BYTES / 1024 / 3


@pytest.fixture
def talk(open_log: Callable[..., MessageLog], clock: Clock, tmp_path: Path) -> Path:
    """Two days, two rooms that talk at the same time, and what became of it."""
    log = open_log()
    log.append(draft("**green** tea"))
    log.append(draft("soup", room="kitchen", sender="bo"))
    log.append(draft("and <b>milk</b>", sender="bo", reply_to=1))
    log.append(draft("gone tomorrow", sender="bo"))
    clock.advance(days=1)
    log.append(Draft(room="general", sender="ana", type="edit", target=1, text="black tea"))
    log.append(Draft(room="general", sender="cy", type="delete", target=3))
    log.append(Draft(room="general", sender="cy", type="react", target=1, emoji="👍", on=True))
    log.append(draft("[come](javascript:alert(1)) to https://example.org/a?b=1&c."))
    log.close()
    return tmp_path / "messages"


def test_messages_read_as_they_do_now_room_by_room(talk: Path):
    rows = list(csv.DictReader(io.StringIO(exported("csv", talk).removeprefix("\ufeff"))))

    assert [(row["room"], row["text"]) for row in rows] == [
        ("general", "black tea"),
        ("general", "and <b>milk</b>"),
        ("general", ""),
        ("general", "[come](javascript:alert(1)) to https://example.org/a?b=1&c."),
        ("kitchen", "soup"),
    ]
    assert rows[2]["deleted_by"] == "cy"


def test_a_message_of_the_days_given_shows_what_was_done_to_it_later(talk: Path, clock: Clock):
    first_day = exported("csv", talk, until=clock.now.replace(hour=0))

    assert "black tea" in first_day
    assert "green" not in first_day
    assert "gone tomorrow" not in first_day
    assert "come" not in first_day


def test_the_page_is_safe_whole_and_needs_nothing(talk: Path):
    page = exported("html", talk)

    assert "and &lt;b&gt;milk&lt;/b&gt;" in page
    assert 'href="javascript' not in page
    assert '<a href="https://example.org/a?b=1&amp;c">https://example.org/a?b=1&amp;c</a>.' in page
    assert "Deleted by cy" in page
    assert '<a class="quote" href="#general-1">' in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("url(") == page.count('url("data:')


def test_a_quote_on_the_page_knows_what_was_deleted(tmp_path: Path):
    log = MessageLog.open(tmp_path / "messages")
    for reply_to in (None, 1, 2):
        log.append(draft("said", sender="bo", reply_to=reply_to))
    log.append(Draft(room="general", sender="cy", type="delete", target=2))
    log.close()

    page = exported("html", tmp_path / "messages")

    assert page.count('<a class="quote"') == 1
    assert '<span class="quoted-text" dir="auto">Deleted by cy</span>' in page


def test_what_was_erased_says_so(talk: Path):
    erase(Disk(), talk, ErasureSelector(sender="bo"), when="2026-11-23T00:00:00.000Z")

    assert "milk" not in exported("html", talk)
    assert ">Erased<" in exported("html", talk)
    assert "*erased*" in exported("markdown", talk)
    assert "2026-11-23T00:00:00.000Z" in exported("csv", talk)


def test_what_repair_could_not_save_is_no_event(talk: Path, tmp_path: Path):
    segment = talk / "000000000001.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b"gone tomorrow", b"gone yesterday"))
    repair(Disk(), talk, tmp_path / "old")

    events = [json.loads(line) for line in exported("jsonl", talk).splitlines()]

    assert [event["seq"] for event in events if event["room"] == "general"] == [1, 2, 4, 5, 6, 7]


def test_a_log_that_is_rewritten_meanwhile_is_not_mixed_with_the_old_one(talk: Path):
    pieces = FORMATS["csv"](talk, ExportFilter(), unwatched)
    next(pieces)
    (talk / "000000000001.jsonl").unlink()
    manifest = json.loads((talk / "manifest.json").read_text()) | {"revision": "another"}
    (talk / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(StorageError, match="rewritten meanwhile"):
        list(pieces)


def test_a_file_appears_when_all_is_in_it(tmp_path: Path):
    (tmp_path / "out").write_text("of yesterday")

    def fail_halfway() -> None:
        with written(tmp_path / "out") as file:
            file.write("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail_halfway()

    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out").read_text() == "of yesterday"


def test_a_pipe_is_written_to_and_a_link_leads_to_the_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")

    for name in ("pipe", "link"):
        with written(tmp_path / name) as file:
            file.write("all of it")

    assert os.read(reading, 100) == b"all of it"
    os.close(reading)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "all of it"


def test_an_action_reads_as_one(log: MessageLog, tmp_path: Path):
    log.append(draft("/me waves at *@bo*", sender="ana")).result()
    log.close()

    assert "> *ana* waves at *@bo*\n" in exported("markdown", tmp_path / "messages")
    page = exported("html", tmp_path / "messages")
    assert 'class="message deed"' in page
    assert '<p>waves at *<span class="mention">@bo</span>*</p>' in page
