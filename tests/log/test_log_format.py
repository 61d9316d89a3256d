"""docs/log-format.md can be followed by hand: its commands, run by a shell, agree with the log."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from chatapp.blobs.folder import FolderBlobs
from chatapp.domain.files import removal_of
from chatapp.domain.model import Draft, Poll
from chatapp.log.disk import Disk
from chatapp.log.format import Record
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import ErasureSelector, erase
from chatapp.upkeep.retain import retain
from tests.support.logged_files import a_file

from .conftest import draft

DOC = Path(__file__).resolve().parents[2] / "docs" / "log-format.md"
COMMANDS = re.findall(r"```sh\n(.*?)```", DOC.read_text(), re.DOTALL)

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("jq", "sha256sum", "gzip", "od", "awk"))),
    reason="jq, sha256sum, gzip, od and awk are not all here",
)


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """A log of two segments."""
    log = MessageLog.open(tmp_path / "messages", segment_bytes=1_000)
    log.append(draft("hola"))
    log.append(draft('"quotes", \\ and\nlines', cid="c1", reply_to=1))
    log.append(draft("北京 👍", room="tea"))
    log.append(Draft(room="general", sender="ana", type="edit", target=1, text="¿qué tal?"))
    log.append(Draft(room="general", sender="bo", type="react", target=1, emoji="👍", on=True))
    log.close()
    assert len(list((tmp_path / "messages").glob("*.jsonl"))) == 2
    return tmp_path / "messages"


def command(containing: str) -> str:
    (found,) = [each for each in COMMANDS if containing in each]
    return found


def run(folder: Path, script: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_it_is_read_with_jq_as_it_grows_and_as_it_is(messages: Path):
    script = command("lines: length").removeprefix("cd data/messages\n")
    script = re.sub(r"tail -(\w*)f", r"tail -\1n 9", script)

    told = run(messages, f"set -e -o pipefail; {script}")

    assert told[0].endswith(" general ana: hola")
    assert told[-1] == "]"


def test_votes_are_counted_with_jq(messages: Path):
    log = MessageLog.open(messages)
    poll = Poll(question="?", options=["a", "b"])
    asked = log.append(draft("?", poll=poll)).result().event.seq
    for who, choice in (("bo", [0]), ("cy", [1]), ("bo", [1]), ("dee", [0]), ("dee", [])):
        vote = Draft("general", who, by=who, type="react", target=asked, vote=choice)
        log.append(vote)
    log.close()

    counted = run(messages, command("votes: length").replace("41", str(asked)))

    assert counted == ['[{"option":1,"votes":2}]']


def test_sealed_segments_are_checked_by_sha256sum(messages: Path):
    assert run(messages, command("manifest.json | sha256sum")) == ["000000000001.jsonl: OK"]


def test_numbers_without_a_hole_print_nothing(messages: Path):
    assert run(messages, command("hole before")) == []


def test_numbers_go_on_from_what_was_dropped(messages: Path):
    days = retain(Disk(), messages, first_day="9999-01-01", backup=None, dry_run=False).dropped
    assert sum(days.values()) == 5
    log = MessageLog.open(messages)
    log.append(draft("later"))
    log.append(draft("later", room="tea"))
    log.close()

    assert run(messages, command("hole before")) == []
    assert run(messages, command("broken:")) == []


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (0, ["hole before 2", "not next general 2", "torn batch 2"]),
        (2, ["hole before 4", "not next general 4", "torn batch 4"]),
        (3, ["hole before 5", "not next general 5", "torn batch 5"]),
        (6, ["unfinished"]),
    ],
)
def test_what_is_missing_is_told_by_hand(tmp_path: Path, gone: int, told: list[str]):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = MessageLog.open(tmp_path / "messages", deliver=turns.put)
    for size in (1, 3, 3):
        for _ in range(size):
            log.append(draft("x"))
        log.flush()
    log.close()
    segment = tmp_path / "messages/000000000001.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    assert len(lines) == 7
    assert run(segment.parent, command("hole before")) == []

    segment.write_bytes(b"".join(lines[:gone] + lines[gone + 1 :]))

    assert run(segment.parent, command("hole before")) == told


def test_the_checksum_is_the_one_that_gzip_computes(messages: Path):
    script = command("gzip -c")

    for line in (1, 2, 3):
        computed, written = run(messages, script.replace("812p", f"{line}p"))
        assert computed.strip() == written


def test_the_chain_is_followed_by_hand_through_texts_erased_ones_and_none(messages: Path):
    erase(Disk(), messages, ErasureSelector(room="tea"), when="2026-11-22T10:00:00.000Z")

    assert run(messages, command("broken:")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"hola", b"hole"),
        (b'"sender":"bo"', b'"sender":"by"'),
        (b'"room":"tea",', b'"room":"tee",'),
        (b',"erased":"2026-11-22T10:00:00.000Z"', b""),
    ],
)
def test_a_line_that_was_changed_is_named_by_hand(messages: Path, old: bytes, new: bytes):
    erase(Disk(), messages, ErasureSelector(room="tea"), when="2026-11-22T10:00:00.000Z")
    for segment in messages.glob("*.jsonl"):
        segment.write_bytes(segment.read_bytes().replace(old, new))

    assert len(run(messages, command("broken:"))) == 1


@pytest.fixture
def files(messages: Path) -> Path:
    """The folder of a log with two files, one of them in two messages and removed from one."""
    folder = messages.parent / "files"
    picture, plan = a_file("sun.png", "image/png"), a_file("plan.txt", "text/plain")
    for file in (picture, plan):
        (messages.parent / "upload").write_text(file.name)
        FolderBlobs(folder).put(file.sha256, messages.parent / "upload")
    log = MessageLog.open(messages)
    for files in ([picture, plan], [plan]):
        log.append(draft("", files=files))
    gone = a_file("old.txt", "text/plain")
    log.append(draft("", files=[gone]))
    log.append(draft("", type="edit", target=7, files=[removal_of(gone)]))
    log.close()
    return folder


def test_the_bytes_of_files_are_those_that_the_log_proves(messages: Path, files: Path):
    assert run(messages, command("../files")) == []


def test_a_file_that_was_changed_is_named_by_hand(messages: Path, files: Path):
    digest = a_file("plan.txt", "text/plain").sha256
    (files / digest[:2] / digest[2:4] / digest).write_text("plan.tyt")

    told = run(messages, f"{{ {command('../files')} }} || true")

    assert told == [f"../files/{digest[:2]}/{digest[2:4]}/{digest}: FAILED"]


def test_every_field_of_a_record_is_told(messages: Path):
    table = DOC.read_text().split("## A record")[1].split("## Read it")[0]
    told = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))

    assert told == set(Record.__struct_fields__)


def test_the_manifest_has_the_fields_that_are_drawn(messages: Path):
    drawn = re.search(r"```json\n(.*?)```", DOC.read_text(), re.DOTALL)

    assert drawn is not None
    assert set(json.loads(drawn[1])) == set(json.loads((messages / "manifest.json").read_text()))
