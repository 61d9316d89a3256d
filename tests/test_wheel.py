"""The built wheel, as somebody installs it who has never seen the checkout."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import socketio

from tests.support.checkout import ROOT
from tests.support.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as for publishing: first the source archive, and the wheel from what is in it."""
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, ROOT)
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin/ of a new environment that has the wheel and what it asks for."""
    environment = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", environment)
    pip = (environment / "bin/python", "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--constraint", ROOT / "requirements.txt", wheel)
    run(*pip, "check")
    return environment / "bin"


@pytest.fixture
def installed_server(commands: Path, tmp_path: Path) -> Iterator[Server]:
    empty = tmp_path / "empty"
    empty.mkdir()
    server = Server(tmp_path, command=[commands / "chatapp", "serve"], cwd=empty)
    yield server.start()
    server.close()


def test_the_wheel_has_the_page_the_migrations_and_nothing_of_the_workshop(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("templates", "static", "migrations_json"):
        files = [file for file in (ROOT / folder).rglob("*") if is_shipped(file)]
        assert files, folder
        assert {f"chatapp/_files/{file.relative_to(ROOT)}" for file in files} <= names
    assert "chatapp/_files/static/vendor/socket.io-client/LICENSE" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"chatapp"}


def test_the_installed_chat_runs_in_an_empty_directory(
    installed_server: Server, connect: Callable[..., socketio.SimpleClient]
) -> None:
    with requests.Session() as visitor:
        welcome = visitor.get(installed_server.url)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', welcome.text)
        assert token, welcome.text
        page = visitor.post(
            f"{installed_server.url}/name", data={"name": "ana", "csrf_token": token[1]}
        )
        assert "ana" in page.text

        files = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', welcome.text + page.text))
        files.add("/static/vendor/socket.io-client/socket.io.esm.min.js")
        assert len(files) > 3
        for file in files:
            answer = visitor.get(installed_server.url + file)
            assert answer.status_code == 200, file
            assert answer.content, file

    bob, eve = (connect(name, url=installed_server.url) for name in ("bob", "eve"))
    assert bob.call("message", {"text": "hello from a wheel"})["ok"]
    event, message = next_message(eve)
    assert (event, message["sender"], message["text"]) == ("message", "bob", "hello from a wheel")

    assert installed_server.stop() == 0


def test_the_installed_command_tells_its_version(commands: Path) -> None:
    assert re.search(r"\d+\.\d+", run(commands / "chatapp", "--version", cwd=commands))


def next_message(client: socketio.SimpleClient) -> tuple[str, dict[str, str]]:
    """The next event that is a message; presence may come before it."""
    while (received := client.receive())[0] != "message":
        pass
    return received


def is_shipped(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and file.name != "made-from"


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
