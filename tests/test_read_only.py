"""A server whose disk is really full: who is told, what goes on, and how it ends by itself."""

import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from tests.client.terminal.screen import Terminal
from tests.page.people import BACK_MS, enter
from tests.support.browser import Windows
from tests.support.server import Server, environment
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call, hear

pytestmark = pytest.mark.service_worker

Connect = Callable[..., SimpleClient]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
Folders = pytest.TempPathFactory


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path, 8) as disk:
        yield disk


@pytest.fixture
def server(disk: SmallDisk) -> Iterator[Server]:
    server = Server(disk.folder)
    yield server.start()
    server.close()


def readiness(server: Server) -> int:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=DEADLINE_SECONDS) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def say_until_refused(client: SimpleClient) -> dict[str, object]:
    """Small messages may still fit into a block that the log has already."""
    for _ in range(100):
        answer = call(client, "message", {"text": "x" * 5_000})
        if not answer["ok"]:
            error: dict[str, object] = answer["error"]
            return error
    raise AssertionError("nothing was refused")


def test_everyone_is_told_that_nothing_new_is_taken_and_that_it_is_again(
    server: Server, disk: SmallDisk, connect: Connect
):
    ana, ben = connect("ana"), connect("ben")
    call(ana, "message", {"text": "before"})

    disk.fill()
    refusal = say_until_refused(ana)

    assert refusal["code"] == "read_only"
    told = hear(ben, "read_only")
    assert told == {"on": True, "reason": refusal["message"]}
    assert hear(connect("eve"), "read_only") == told
    assert readiness(server) == 503
    assert call(ben, "history", {"room": "general"})["messages"][0]["text"] == "before"

    disk.empty()

    assert hear(ben, "read_only") == {"on": False}
    assert readiness(server) == 200
    assert call(ben, "message", {"text": "after"})["ok"]
    assert not any("Traceback" in line for line in server.log)


def test_the_terminal_says_so_too_and_a_script_is_refused(
    server: Server, disk: SmallDisk, connect: Connect, run_chatapp: Run, tmp_path_factory: Folders
):
    folder = tmp_path_factory.mktemp("terminal")
    environ = environment({"CHATAPP_URL": server.url, "XDG_STATE_HOME": str(folder)})
    terminal = Terminal(["chat", "--name", "ana"], environ, folder)
    terminal.wait_for("connected")

    disk.fill()
    say_until_refused(connect("ben"))
    terminal.wait_for("The server cannot write to its disk")
    script = run_chatapp("send", "--name", "eve", "x" * 10_000, env={"CHATAPP_URL": server.url})
    disk.empty()

    terminal.wait_for("You can send messages again.")
    terminal.close()
    assert script.returncode != 0
    assert "cannot write to its disk" in script.stderr


def test_a_change_that_is_no_message_tells_it_too(
    server: Server, disk: SmallDisk, connect: Connect
):
    ana, ben = connect("ana"), connect("ben")
    disk.fill()

    answers = [
        call(ana, "create", {"room": f"room-{number}", "title": "x" * 80}) for number in range(19)
    ]

    assert answers[-1]["error"]["code"] == "read_only"
    assert hear(ben, "read_only")["on"] is True


def test_a_full_disk_is_one_calm_line_and_what_was_written_waits(
    server: Server, disk: SmallDisk, windows: Windows
) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")
    ana.say("before")
    bo.sees("before")

    disk.fill()
    for number in range(4):
        ana.say(f"{number} " + "long " * 1_000)

    for person in (ana, bo):
        expect(person.banner).to_contain_text("The server cannot save messages right now.")
        expect(person.banner.get_by_role("button")).to_be_hidden()
    expect(ana.unsent.first).to_be_visible()
    late = enter(windows, server, "late")
    expect(late.banner).to_contain_text("You can still read")
    expect(late.sent.first).to_have_text("before")

    disk.empty()

    for person in (ana, bo, late):
        expect(person.banner).to_be_hidden(timeout=BACK_MS)
    expect(bo.sent).to_have_count(5, timeout=BACK_MS)
    expect(ana.unsent).to_have_count(0)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Server]:
    """A server on a disk with room."""
    server = Server(tmp_path)
    yield server.start()
    server.close()


@pytest.mark.parametrize("journal", ["messages", "directory", "audit"])
def test_files_deleted_under_the_server_are_noticed_though_nobody_writes(
    whole: Server, connect: Connect, journal: str
):
    ana = connect("ana", url=whole.url)
    call(ana, "message", {"text": "acked"})
    assert readiness(whole) == 200

    for path in (whole.data / journal).iterdir():
        path.unlink()

    assert hear(ana, "read_only")["on"] is True
    assert readiness(whole) == 503
    assert call(ana, "message", {"text": "too late"})["error"]["code"] == "read_only"
    assert [one["text"] for one in call(ana, "history", {"room": "general"})["messages"]] == [
        "acked"
    ]
    (said,) = [line for line in whole.log if "ERROR" in line]
    assert f"{journal}/000000000001.jsonl was deleted" in said
    ana.disconnect()  # or she would be back, under the same name, before the other connects
    assert whole.stop() == 0
    rescued = whole.data / "rescued" / journal
    for path in rescued.iterdir():
        path.rename(whole.data / journal / path.name)
    whole.start()
    again = connect("ana", url=whole.url)
    assert call(again, "history", {"room": "general"})["messages"][0]["text"] == "acked"
