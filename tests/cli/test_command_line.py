"""What holds for every command: where its output goes, and where its input comes from."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from chatapp.domain.limits import MAX_NAME_CHARACTERS
from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD
from tests.support.server import environment
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until
from tests.support.warm import WarmProcess, run_warm

SECONDS = 60.0
NO_UTF_8 = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LATIN_1 = {"PYTHONIOENCODING": "iso-8859-1"}
PRINTING = (
    *("--help", "user list", "user list --json", "room list", "room list --json", "token list"),
    *("audit", "audit --json", "invite", "user reset Łucja", "log stats", "log verify --json"),
    *(f"log export --format {kind}" for kind in ("jsonl", "csv", "markdown", "html", "mattermost")),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Łucja has an account; somebody has written what a terminal would obey, and an emoji."""
    folder = tmp_path_factory.mktemp("data")
    add = ("user", "add", "Łucja", "--display-name", "Ł 🎉", "--password-stdin")
    done = run_warm(add, of(folder), input=PASSWORD, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    messages = MessageLog.open(folder / "messages")
    for text in ("\x1b[31mred\x9b2J\u202e", "🎉 ½", "x" * 10_000, "x" * 10_000):
        messages.append(Draft(room="general", sender="Łucja", text=text))
    messages.close()
    return folder


def of(folder: Path) -> dict[str, str]:
    return environment({"CHATAPP_DATA": str(folder)})


def command(line: str) -> list[str]:
    return [sys.executable, "-m", "chatapp", *line.split()]


def ran(line: str, environ: Mapping[str, str], **streams: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(line), env=environ, stderr=subprocess.PIPE, check=False, timeout=SECONDS, **streams
    )


@pytest.mark.parametrize("line", PRINTING)
def test_a_full_disk_is_one_line_that_names_standard_output(data: Path, tmp_path: Path, line: str):
    process = WarmProcess(
        tuple(line.split()), of(data), stdout=Path("/dev/full"), stderr=tmp_path / "told"
    )

    assert process.wait(SECONDS) == 1
    told = (tmp_path / "told").read_text()
    assert told == "Error: standard output: No space left on device\n"


@pytest.mark.parametrize("line", ["user list", "audit --json", "log export"])
def test_a_reader_that_has_seen_enough_is_no_failure(data: Path, line: str):
    reading, writing = os.pipe()
    os.close(reading)

    done = ran(line, of(data), stdout=writing)

    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_standard_output_and_input_are_no_traceback(data: Path):
    listed = ran("user list", of(data), preexec_fn=lambda: os.close(1))
    added = ran("user add Bo --password-stdin", of(data), preexec_fn=lambda: os.close(0))

    assert (listed.returncode, listed.stderr) == (0, b"")
    assert added.returncode == 1
    assert added.stderr.decode() == "chatapp: A password has at least 8 characters.\n"


@pytest.mark.parametrize("locale", [NO_UTF_8, LATIN_1], ids=["POSIX", "Latin-1"])
@pytest.mark.parametrize("line", ["user list", "room list", "log stats", "log export"])
def test_what_a_locale_cannot_show_is_printed_all_the_same(
    data: Path, line: str, locale: dict[str, str]
):
    done = ran(line, of(data) | locale, stdout=subprocess.PIPE)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout


@pytest.mark.parametrize("locale", [{}, NO_UTF_8, LATIN_1], ids=["UTF-8", "POSIX", "Latin-1"])
def test_json_is_json_in_any_locale(data: Path, locale: dict[str, str]):
    done = ran("user list --json", of(data) | locale, stdout=subprocess.PIPE)

    encoding = "iso-8859-1" if locale is LATIN_1 else "utf-8"
    assert json.loads(done.stdout.decode(encoding))["display_name"] == "Ł 🎉"


@pytest.mark.parametrize("kind", ["jsonl", "csv", "markdown", "html", "mattermost"])
def test_an_export_to_a_terminal_commands_nothing(data: Path, tmp_path: Path, kind: str):
    line = f"{sys.executable} -m chatapp log export --format {kind}"
    terminal = Terminal(line, tmp_path, of(data))
    wait_until(lambda: terminal.exit_code is not None, what="the end")
    terminal.close()

    assert "red" in terminal.screen
    assert not {"\x1b", "\x9b", "\u202e", "\ufeff"} & set(terminal.screen)


@pytest.mark.parametrize(
    ("written", "code", "told"),
    [
        ("\ufeffcorrect horse battery\r\n", 0, ""),
        ("", 1, "at least 8 characters"),
        (b"\xff\xfec\0o\0r\0r\0e\0c\0t\0", 1, "Line 1 of standard input is not UTF-8"),
    ],
    ids=["of Windows", "empty", "UTF-16"],
)
def test_a_password_is_read_without_what_windows_writes_around_it(
    tmp_path: Path, written: str | bytes, code: int, told: str
):
    environ = of(tmp_path / "data")
    (tmp_path / "input").write_bytes(written if isinstance(written, bytes) else written.encode())

    with (tmp_path / "input").open() as file:
        done = ran("user add Bo --password-stdin", environ, stdin=file)

    assert (done.returncode, told in done.stderr.decode()) == (code, True)
    assert len(done.stderr.splitlines()) == (1 if code else 0)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("user role nobody admin", 4),
        ("user role łUCJA owner", 0),
        ("user reset nobody", 4),
        ("user unban nobody", 4),
        ("user remove nobody --yes", 4),
        ("room set nope --topic x", 4),
        ("room set #General --topic x", 0),
        ("token revoke nope", 4),
        ("token create nobody x", 4),
        ("log erase --sender Łucja --dry-run", 0),
        ("log export --room nope", 4),
        ("log export --room #General", 0),
        ("log export --sender nobody", 4),
        ("log export --sender łUCJA --format csv", 0),
        ("log export --sender łUCJA --since 2090-01-01", 0),
        ("log erase --sender nobody --yes", 4),
        ("log erase --room nope --seq 1 --dry-run", 4),
        ("log erase --room General --seq 1 --dry-run", 0),
        (f"user add {'x' * (MAX_NAME_CHARACTERS + 1)} --password-stdin", 1),
    ],
)
def test_who_or_what_is_not_there_is_one_line_and_a_code_in_any_spelling(
    data: Path, line: str, code: int
):
    done = run_warm(tuple(line.split()), of(data), input=PASSWORD, timeout=SECONDS)

    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == (1 if code else 0)


def test_the_audit_log_finds_people_in_any_spelling_and_says_that_there_is_nothing(data: Path):
    run_warm(("invite",), of(data), timeout=SECONDS)

    found = run_warm(("audit", "--who", "The Command LINE"), of(data), timeout=SECONDS)
    nothing = run_warm(("audit", "--who", "nobody"), of(data), timeout=SECONDS)

    assert "invite" in found.stdout
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert nothing.stderr == "Nothing of that is in the audit log.\n"
