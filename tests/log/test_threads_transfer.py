"""Threads go out and come in again with everything else."""

import json
import re
from pathlib import Path

import pytest

from chatapp.domain.model import Draft, Forwarded, Message, MovedFrom, MovedTo, SystemLine
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from tests.support.reports import counted

from .conftest import Clock, draft
from .test_importing import call


@pytest.fixture
def talk(tmp_path: Path, clock: Clock) -> Path:
    """A thread with a title, into which a message was moved, and out of which another was; and a
    message that went to another room."""
    folder = tmp_path / "talk"
    DataFolder.open(folder).close()
    log = MessageLog.open(folder / "messages", clock=clock)
    log.append(draft("cups?"))
    log.append(draft("I do", sender="bo", thread=1, cid="c2"))
    log.append(draft("told to all", thread=1, also_to_room=True))
    log.append(draft("moved in"))
    log.append(draft("moved out", thread=1))
    moved = SystemLine(what="moved", seqs=[4], thread=1)
    log.append(draft("ana moved a message into a thread", system=moved))
    out = SystemLine(what="moved", seqs=[5])
    log.append(draft("ana moved a message out of their thread", system=out))
    titled = SystemLine(what="titled", thread=1)
    log.append(draft("ana named the thread “Cups”", system=titled, thread=1))
    for what in ("pinned", "unpinned", "pinned"):
        line = SystemLine(what=what, seqs=[2])
        log.append(draft(f"ana {what} a message", system=line))
    log.append(draft("elsewhere", cid="c9"))
    came = MovedFrom(room="general", seq=12, at="2026-11-22T09:30:00.123Z")
    log.append(draft("elsewhere", room="tea", cid="copy", moved_from=came))
    went = MovedTo(room="tea", seq=1)
    log.append(Draft(room="general", sender="ana", type="delete", target=12, moved_to=went))
    first = Forwarded(sender="bo", by="b1", at=came.at, room="general", seq=2)
    log.append(draft("/me has", room="tea", cid="f1", forwarded=first))
    secret = Forwarded(sender="bo", at=came.at, room="general", seq=3, private=True)
    log.append(draft("psst", room="tea", cid="f2", forwarded=secret))
    log.close()
    return folder


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages if message.system is None]


def test_threads_and_moves_are_the_same_where_the_numbers_are_others(
    talk: Path, tmp_path: Path, clock: Clock
):
    other, rows = tmp_path / "other", tmp_path / "rows.jsonl"
    DataFolder.open(other).close()
    log = MessageLog.open(other / "messages", clock=clock)
    for room in ("general", "tea"):
        log.append(draft("was here before", room=room))
    log.close()
    rows.write_text(call("export", "--data", talk))

    first = counted(call("import", rows, "--data", other, "--json"))
    again = counted(call("import", rows, "--data", other, "--json"))

    assert (first["imported"], first["bad"]) == (16, 0)
    assert (again["imported"], again["duplicates"]) == (0, 16)
    log = MessageLog.open(other / "messages")
    folded = log.history("general", folded=True).messages
    assert texts(folded) == ["was here before", "cups?", "told to all", "moved out", ""]
    root, gone = folded[1], folded[-1]
    assert root.replies
    assert (root.replies.count, root.replies.title) == (3, "Cups")
    thread = log.history("general", thread=root.seq).messages
    assert texts(thread) == ["I do", "told to all", "moved in"]
    assert gone.moved_to == MovedTo(room="tea", seq=2)
    came = log.history("tea").messages[-3].moved_from
    assert came
    assert (came.room, came.seq) == ("general", gone.seq)
    assert [pin.seq for pin in log.pins("general")] == [thread[0].seq]
    forwarded, secret = log.original("tea", 3), log.original("tea", 4)
    assert forwarded == Forwarded(
        sender="bo", by="b1", at=came.at, room="general", seq=thread[0].seq
    )
    assert secret
    assert (secret.room, secret.seq, secret.private) == ("general", thread[1].seq, True)
    log.close()


def test_a_reply_without_its_thread_is_a_message_of_the_room(talk: Path, tmp_path: Path):
    other, rows = tmp_path / "other", tmp_path / "rows.jsonl"
    exported = call("export", "--data", talk).splitlines(keepends=True)
    rows.write_text("".join(exported[1:]))

    told = counted(call("import", rows, "--data", other, "--json"))

    assert told["bad"] == 0
    log = MessageLog.open(other / "messages")
    assert texts(log.history("general", folded=True).messages)[:2] == ["I do", "told to all"]
    log.close()


def test_the_page_of_an_export_folds_the_thread_under_its_first_message(talk: Path):
    page = call("export", "--format", "html", "--data", talk)

    ((summary, thread),) = re.findall(
        r"<details class=\"thread\"><summary>(.*?)</summary>(.*?)</details>", page, re.DOTALL
    )
    room = page.replace(thread, "")
    assert summary == "<bdi>Cups</bdi> · 3 replies"
    assert [text in thread for text in ("I do", "told to all", "moved in")] == [True] * 3
    assert [text in room for text in ("I do", "told to all", "moved in")] == [False, True, False]
    assert "moved out" in room
    assert room.count('a message (<a href="#general-2">2</a>)') == 3, "pinned, unpinned, pinned"
    ids = re.findall(r' id="(general-[^"]+)"', page)
    assert len(set(ids)) == len(ids)


def test_what_was_forwarded_says_whose_words_it_has_in_every_format(talk: Path, tmp_path: Path):
    markdown = call("export", "--format", "markdown", "--room", "tea", "--data", talk)
    assert ", *forwarded from bo, 2026-11-22 09:30*\n\n> > *bo* has\n" in markdown
    page = call("export", "--format", "html", "--room", "tea", "--data", talk)
    assert re.search('class="forwarded-from">Forwarded from <bdi>bo</bdi>.*bo has', page)
    assert ",f1,bo," in call("export", "--format", "csv", "--room", "tea", "--data", talk)


def test_a_room_that_is_exported_alone_does_not_tell_of_private_ones(talk: Path, tmp_path: Path):
    other, rows = tmp_path / "other", tmp_path / "rows.jsonl"
    DataFolder.open(other).close()
    rows.write_text(call("export", "--room", "tea", "--data", talk))

    public, private = (json.loads(row)["forwarded"] for row in rows.read_text().splitlines()[-2:])
    told = counted(call("import", rows, "--data", other, "--json"))

    assert (public["room"], public["seq"]) == ("general", 2)
    assert "room" not in private
    assert told["bad"] == 0
    log = MessageLog.open(other / "messages")
    for message in log.history("tea").messages[-2:]:
        assert message.forwarded
        assert (message.forwarded.sender, message.forwarded.seq) == ("bo", 0)
    log.close()
