"""`make`, on a fresh clone, for somebody who has Python and make and nothing else."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import (
    ROOT,
    bare_environment,
    fresh_clone,
    put_program,
    without_network,
)
from tests.support.server import Server
from tools.steps import Stamp

FIRST_START_SECONDS = 300.0
OF_THE_FIRST = 0.1
"""So much of the first start's time, at most, do those take that find everything set up."""
TRIES = 3
"""A machine that is busy with something else may be late once, but not each time."""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return bare_environment(tmp_path / "bin")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return fresh_clone(tmp_path / "a fresh clone")


@pytest.fixture
def chat(tmp_path: Path, clone: Path, environ: dict[str, str]) -> Iterator[Server]:
    """`make run PORT=…`, not started yet; the environment names another port."""
    server = Server(
        tmp_path,
        settings={"CHATAPP_PORT": "1"},
        command=["make", "run", "PORT={port}"],
        cwd=clone,
        environ=environ,
    )
    yield server
    server.close()


def make(clone: Path, environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words],
        cwd=clone,
        env=environ,
        capture_output=True,
        text=True,
        timeout=FIRST_START_SECONDS,
        check=False,
    )


def explanations(failed: subprocess.CompletedProcess[str]) -> list[str]:
    """What a failed make said, less its progress (…) and make's own last line (make: ***)."""
    assert failed.returncode != 0
    assert "Traceback" not in failed.stderr + failed.stdout
    said = failed.stderr.splitlines()
    return [line for line in said if not line.endswith("…") and not line.startswith("make")]


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_make_run_sets_up_a_fresh_clone_without_npm_and_repairs_what_was_cut_short(
    chat: Server, clone: Path, environ: dict[str, str]
) -> None:
    first = seconds_to_start(chat)

    assert pinned(installed(clone)) == pinned((clone / "requirements.txt").read_text()) | pinned(
        (clone / "requirements-node.txt").read_text()
    )
    for package, files in json.loads((clone / "package.json").read_text())["vendor"].items():
        for file in files:
            folder = Path(file).parent.name if "*" in file else ""
            copies = list((clone / "static/vendor" / package / folder).glob(Path(file).name))
            assert copies
            assert all(copy.stat().st_size > 0 for copy in copies)

    assert any(seconds_to_start(chat) < OF_THE_FIRST * first for _ in range(TRIES))

    cut_short_pip(clone)
    cut_short_the_copy_of_the_browser_packages(clone)
    chat.start(FIRST_START_SECONDS)
    chat.stop()

    assert not (clone / ".venv/unfinished").exists()
    assert (clone / "static/vendor/socket.io-client/socket.io.esm.min.js").exists()


def test_without_a_python_that_is_new_enough_make_says_so_in_one_line(
    clone: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    put_program(tmp_path / "bin/python3", "exit 1")

    (line,) = explanations(make(clone, environ, "run"))

    assert "no Python 3.11 or newer" in line
    assert "install" in line


def test_without_the_venv_module_make_says_which_package_has_it(
    clone: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/ensurepip.py").write_text("raise ImportError('as Debian leaves it out')")

    (line,) = explanations(make(clone, environ | {"PYTHONPATH": str(tmp_path / "modules")}, "run"))

    assert "python3-venv" in line


def test_without_a_network_make_says_so_in_one_line(clone: Path, environ: dict[str, str]) -> None:
    (line,) = explanations(make(clone, without_network(environ), "run"))

    assert "out of reach" in line
    assert not (clone / ".venv/made-from").exists()


def test_where_the_set_up_may_not_write_it_says_so_in_one_line(
    clone: Path, environ: dict[str, str]
) -> None:
    (clone / ".setup").write_text("a file where a folder has to be")

    (line,) = explanations(make(clone, environ, "run"))

    assert ".setup" in line


def test_make_lists_what_can_be_made(clone: Path, environ: dict[str, str]) -> None:
    listed = make(clone, environ).stdout

    for target in re.findall(r"^([a-z]+):", (clone / "Makefile").read_text(), re.MULTILINE):
        assert re.search(rf"^{target} +\w", listed, re.MULTILINE), target


def test_a_step_is_done_again_when_its_sources_changed_or_it_was_cut_short(tmp_path: Path) -> None:
    source = tmp_path / "requirements.txt"
    source.write_text("one")
    stamp = Stamp(tmp_path / "made-from", source)
    assert not stamp.current
    stamp.write()
    assert Stamp(tmp_path / "made-from", source).current

    source.write_text("two")

    assert not Stamp(tmp_path / "made-from", source).current


def test_what_npm_installs_is_pinned_to_no_server() -> None:
    lock = (ROOT / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert '"resolved"' not in lock


def pinned(requirements: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==\S+", requirements, re.MULTILINE))


def installed(clone: Path) -> str:
    return subprocess.run(
        [clone / ".venv/bin/python", "-m", "pip", "freeze", "--exclude-editable"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def seconds_to_start(chat: Server) -> float:
    start = time.monotonic()
    chat.start(FIRST_START_SECONDS)
    taken = time.monotonic() - start
    chat.stop()
    return taken


def cut_short_pip(clone: Path) -> None:
    """As a power cut in the middle of an upgrade leaves it: half a package."""
    (clone / ".venv/unfinished").touch()
    next(clone.glob(".venv/lib/python3*/site-packages/flask/app.py")).unlink()


def cut_short_the_copy_of_the_browser_packages(clone: Path) -> None:
    (clone / "static/vendor/made-from").unlink()
    (clone / "static/vendor/socket.io-client/socket.io.esm.min.js").unlink()
