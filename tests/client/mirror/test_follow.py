"""`chatapp follow`: a copy of a room, from a real server."""

import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import socketio

from chatapp.client.mirror.room_copy import MirrorDiffers, RoomCopy
from chatapp.domain.model import Event
from tests.support.cast import chatapp, new_token, with_token
from tests.support.server import Server, environment
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.support.warm import run_warm
from tests.test_way_of_a_message import call

AT = "2026-11-22T09:30:00.123Z"


@pytest.fixture(scope="module")
def token(house: Server) -> str:
    return new_token(house, "mia", "member")


@pytest.fixture
def mia(house: Server, token: str) -> Iterator[socketio.SimpleClient]:
    mia = with_token(house, token)
    yield mia
    mia.disconnect()


@pytest.fixture
def room(mia: socketio.SimpleClient, request: pytest.FixtureRequest) -> str:
    """A room of this test, with three messages."""
    name = f"room-{zlib.crc32(request.node.name.encode())}"
    call(mia, "create", {"room": name})
    for text in ("one", "two", "three"):
        call(mia, "message", {"room": name, "text": text})
    return name


Follow = Callable[..., str]


@pytest.fixture
def follow(house: Server, token: str, room: str, tmp_path: Path) -> Follow:
    def follow(*, code: int = 0, token: str = token, name: str = room) -> str:
        """What it says, once the copy is complete."""
        done = run_warm(
            ("follow", house.url, str(tmp_path), "-r", name, "--once"),
            environment({"CHATAPP_TOKEN": token}),
            input="",
            timeout=60.0,
        )
        assert done.returncode == code, done.stderr
        return str(done.stderr)

    return follow


def copied(folder: Path, room: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{room}.jsonl").read_bytes().splitlines()]


def texts(folder: Path, room: str) -> list[str]:
    return [each["text"] for each in copied(folder, room) if each.get("text")]


def test_a_copy_is_complete_and_goes_on_where_it_was(
    follow: Follow, mia: socketio.SimpleClient, room: str, tmp_path: Path
) -> None:
    follow()
    first = copied(tmp_path, room)
    call(mia, "edit", {"room": room, "seq": first[-1]["seq"], "text": "3"})
    call(mia, "react", {"room": room, "seq": first[-1]["seq"], "emoji": "👍", "on": True})

    follow()

    assert texts(tmp_path, room)[-4:] == ["one", "two", "three", "3"]
    assert [each["seq"] for each in copied(tmp_path, room)] == list(range(1, len(first) + 3))
    assert copied(tmp_path, room)[: len(first)] == first


def test_its_lines_are_those_of_an_export(
    follow: Follow, house: Server, room: str, tmp_path: Path
) -> None:
    follow()

    exported = chatapp(house, "log", "export", "--room", room)

    assert (tmp_path / f"{room}.jsonl").read_text() == f"{exported}\n"


@contextmanager
def following(server: Server, token: str, room: str, folder: Path) -> Iterator[None]:
    """While `chatapp follow` runs, and has its copy complete."""
    process = subprocess.Popen(
        [sys.executable, "-m", "chatapp", "follow", server.url, str(folder), "-r", room],
        env=environment({"CHATAPP_TOKEN": token}),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        assert "complete" in process.stderr.readline()
        yield
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_it_hears_what_happens(
    house: Server, token: str, mia: socketio.SimpleClient, room: str, tmp_path: Path
) -> None:
    with following(house, token, room, tmp_path):
        call(mia, "message", {"room": room, "text": "four"})
        wait_until(lambda: texts(tmp_path, room)[-1] == "four")


def test_it_goes_on_after_a_restart_and_erases_what_is_erased(tmp_path: Path) -> None:
    with closing(server_with_admin(tmp_path)) as server:
        token = new_token(server, "mia", "member")
        mia = with_token(server, token)
        seq = call(mia, "message", {"text": "a secret"})["message"]["seq"]
        copy = tmp_path / "copy"
        with following(server, token, "general", copy):
            mia.disconnect()
            server.stop()
            server.start()
            mia = with_token(server, token)
            call(mia, "message", {"text": "after the restart"})
            wait_until(lambda: texts(copy, "general")[-1] == "after the restart")

            with closing(Visitor(server.url).sign_in()) as boss:
                boss.submit("/admin/erasures/message", room="general", seq=seq, reason="law")

            wait_until(lambda: copied(copy, "general")[seq - 1].get("erased_at"))
            call(mia, "message", {"text": "after the erasure"})
            wait_until(lambda: texts(copy, "general")[-1] == "after the erasure")
            mia.disconnect()
        assert b"a secret" not in (copy / "general.jsonl").read_bytes()


def test_with_another_epoch_the_room_is_read_again(
    follow: Follow, mia: socketio.SimpleClient, room: str, tmp_path: Path
) -> None:
    seq = call(mia, "message", {"room": room, "text": "deleted later"})["message"]["seq"]
    follow()
    call(mia, "delete", {"room": room, "seq": seq})
    state = tmp_path / f"{room}.state"
    known = json.loads(state.read_text())
    state.write_text(json.dumps(known | {"epoch": "an older one"}))

    follow()

    assert json.loads(state.read_text()) == known
    assert texts(tmp_path, room)[-1] == "deleted later"


def test_a_line_that_a_crash_has_cut_off_is_read_again(
    follow: Follow, room: str, tmp_path: Path
) -> None:
    follow()
    file = tmp_path / f"{room}.jsonl"
    whole = file.read_bytes()
    for end in (len(whole) - 1, len(whole) - 20, 5, 0):
        os.truncate(file, end)
        follow()
        assert file.read_bytes() == whole


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"sender":"mia"', b'"sender":"eva"', "another one than in this copy (sender)"),
        (b'"three"', b'"drei"', "another one than in this copy (text)"),
        (b'"seq":2', b'"seq":3', "line 2 is event 3"),
        (b'{"room"', b"{room", "is damaged"),
    ],
)
def test_a_history_that_differs_is_told(
    follow: Follow, room: str, tmp_path: Path, old: bytes, new: bytes, told: str
) -> None:
    follow()
    file = tmp_path / f"{room}.jsonl"
    lines = file.read_bytes().replace(old, new)
    file.write_bytes(lines)

    assert told in follow(code=1)
    assert file.read_bytes() == lines


def test_a_chat_that_has_less_is_told(follow: Follow, room: str, tmp_path: Path) -> None:
    follow()
    file = tmp_path / f"{room}.jsonl"
    seq = len(copied(tmp_path, room))
    more = file.read_bytes().splitlines()[-1].replace(b'"seq":%d' % seq, b'"seq":%d' % (seq + 1))
    with file.open("ab") as end:
        end.write(more + b"\n" + more.replace(b'"seq":%d' % (seq + 1), b'"seq":%d' % (seq + 2)))
        end.write(b"\n")

    assert f"ends with event {seq}" in follow(code=1)


def test_who_may_not_read_gets_a_code(follow: Follow) -> None:
    assert "no room called" in follow(code=4, name="nowhere")
    follow(code=3, token="wrong")


# The copy alone


def event(seq: int, text: str = "hola", **more: Any) -> Event:
    return Event("general", "ana", by="a", text=text, seq=seq, at=AT, **more)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[RoomCopy]:
    copy = RoomCopy(tmp_path, "https://a.example", "general")
    for seq in (1, 2, 3):
        copy.take(event(seq, f"text {seq}"))
    copy.settle("e1")
    yield copy
    copy.close()


def test_there_are_no_gaps(copy: RoomCopy) -> None:
    with pytest.raises(MirrorDiffers, match="Event 5 came where 4 belongs"):
        copy.take(event(5))


def test_only_one_process_follows_into_a_folder(copy: RoomCopy, tmp_path: Path) -> None:
    with pytest.raises(MirrorDiffers, match="Another process"):
        RoomCopy(tmp_path, "https://a.example", "general")


def test_nobody_else_on_the_machine_reads_a_new_copy(tmp_path: Path) -> None:
    RoomCopy(tmp_path / "new", "https://a.example", "general").close()

    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_folder_is_of_one_chat(copy: RoomCopy, tmp_path: Path) -> None:
    copy.close()
    with pytest.raises(MirrorDiffers, match="is a copy of https://a"):
        RoomCopy(tmp_path, "https://b.example", "general")


def test_reading_again_takes_over_erasures_and_keeps_what_is_deleted(
    copy: RoomCopy, tmp_path: Path
) -> None:
    later = [event(1, "", erased_at=AT), event(2, ""), event(3, "text 3"), event(4)]
    copy.read_again(iter(later), 1)

    assert texts(tmp_path, "general") == ["text 2", "text 3", "hola"]
    assert copied(tmp_path, "general")[0]["erased_at"] == AT
    copy.take(event(5))


@pytest.mark.parametrize(
    ("coming", "told"),
    [
        ([event(1, "text 1"), event(2, "text 2")], "ends before event 3"),
        ([event(1, "another")], r"\(text\)"),
        ([event(2, "text 2")], "Event 2 came where 1 belongs"),
    ],
)
def test_reading_again_changes_nothing_where_the_history_differs(
    copy: RoomCopy, tmp_path: Path, coming: list[Event], told: str
) -> None:
    before = copied(tmp_path, "general")

    with pytest.raises(MirrorDiffers, match=told):
        copy.read_again(iter(coming), 1)

    assert copied(tmp_path, "general") == before
