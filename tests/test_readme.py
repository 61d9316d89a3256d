"""What the README shows works as it stands there."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import socketio

from tests.support.checkout import ROOT
from tests.support.readme import README, Snippet, commands, pointed_at, snippets
from tests.support.server import Server, environment
from tests.support.terminal import Terminal
from tests.support.waiting import DEADLINE_SECONDS, wait_until

TO_ITS_END = "run against a server"
AS_A_BOT = "run against a server, as a bot"

SCRIPTS = [snippet for snippet in snippets() if snippet.how == TO_ITS_END]
BOTS = [snippet for snippet in snippets() if snippet.how == AS_A_BOT]
COMMANDS = [
    command
    for command in commands()
    if command.split()[:2] not in (["make", "run"], ["make", "test"])
]


def test_each_snippet_says_how_it_is_tried() -> None:
    assert len(SCRIPTS) >= 1
    assert len(BOTS) >= 1

    untried = [s.text for s in snippets() if s not in SCRIPTS + BOTS and s.language != "json"]

    assert untried == []


def test_the_readme_starts_with_the_two_commands_and_make_knows_them() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    shown = [command for command in commands() if command.startswith("make ")]

    assert shown[:2] == ["make run", "make test"]
    assert {command.split()[1] for command in shown} <= set(targets)


@pytest.mark.parametrize("picture", re.findall(r"!\[.*?\]\((.*?)\)", README.read_text()))
def test_its_pictures_are_there(picture: str) -> None:
    assert (ROOT / picture).stat().st_size > 0


@pytest.mark.parametrize("page", re.findall(r"[^!]\[.*?\]\(([\w./-]+)\)", README.read_text()))
def test_the_pages_that_it_points_to_are_there(page: str) -> None:
    assert (ROOT / page).exists()


@pytest.mark.parametrize("script", SCRIPTS)
def test_its_scripts_run(script: Snippet, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(pointed_at(server.port, script.text))

    done = subprocess.run(
        [sys.executable, file],
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "hello from a script" in done.stdout


@pytest.mark.parametrize("bot", BOTS)
def test_its_bots_answer(
    bot: Snippet, server: Server, tmp_path: Path, connect: Callable[..., socketio.SimpleClient]
) -> None:
    file = tmp_path / "bot.py"
    file.write_text(pointed_at(server.port, bot.text))
    ana = connect("ana")
    terminal = Terminal(f"'{sys.executable}' bot.py", tmp_path, environment({}))

    try:
        wait_until(lambda: "echo" in here(ana), what="the bot to be here")
        heard = asked_until_answered(ana, "!echo hi there")
    finally:
        terminal.close()

    assert heard == ("echo", "hi there"), terminal.screen


def asked_until_answered(ana: socketio.SimpleClient, text: str) -> tuple[str, str]:
    """A bot that has connected listens a moment later; what is said before it does not hear."""
    for _ in range(10):
        ana.emit("message", {"text": text})
        with contextlib.suppress(socketio.exceptions.TimeoutError):
            while True:
                event, *payload = ana.receive(timeout=2)
                if event == "message":
                    return payload[0]["sender"], payload[0]["text"]
    raise AssertionError("nobody answered")


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_run(
    command: str, server: Server, tmp_path: Path, connect: Callable[..., socketio.SimpleClient]
) -> None:
    """Each to its end, or, where it is one that listens, until it shows something."""
    folder = a_checkout_that_runs(tmp_path / "checkout", server)
    ana = connect("ana")
    ana.call("message", {"text": "before"})
    settings = {"CHATAPP_URL": server.url, "CHATAPP_NAME": "bob"}
    terminal = Terminal(pointed_at(server.port, command), folder, environment(settings))

    def ended_or_shows_something() -> bool:
        ana.call("message", {"text": "for those who listen"})
        return terminal.exit_code is not None or "for those who listen" in terminal.screen

    try:
        wait_until(ended_or_shows_something, what=command)
        code = terminal.exit_code
    finally:
        terminal.close()

    assert code in (0, None), terminal.screen
    assert "Traceback" not in terminal.screen


def a_checkout_that_runs(folder: Path, server: Server) -> Path:
    """A folder where the commands find what they name: `.venv`, `data`, and a `make test`."""
    folder.mkdir()
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    (folder / "data").symlink_to(server.data)
    (folder / "Makefile").write_text("test:\n\t@echo 1 passed\n")
    return folder


def here(client: socketio.SimpleClient) -> list[str]:
    """Who is in `general`."""
    answer = client.call("join", {"room": "general"})
    members: list[str] = answer["room"]["members"]
    return members
