"""What every test may ask for: a server, clients, a browser, the command line, a log.

Everything here is real: a process, a socket, a Chromium, files. What a test started has ended when
the test has ended.
"""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import gevent
import pytest
import socketio
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.support import browser as chromium
from tests.support import closing, ports, waiting
from tests.support.browser import Complaints, Windows
from tests.support.memory import roomy_memory
from tests.support.postgres import Postgres
from tests.support.server import Server, environment
from tests.support.warm import run_warm

_houses: list[Server] = []
"""Those that all tests of a module share."""

COMMAND_SECONDS = 60.0
"""A command that has not ended by then hangs."""


def pytest_configure() -> None:
    """Ctrl-C is for the commands that tests interrupt, too. A shell that starts `make test` in the
    background has it ignored, by all that is started from there.

    Compiled modules are kept, whatever the environment wants: a hundred programs that are started
    would compile them a hundred times.

    An example of hypothesis may take as long as the machine is busy with something else.

    The folders of tests are in memory, where there is much of it.
    """
    if memory := roomy_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    slow = [HealthCheck.too_slow]
    settings.register_profile("patient", settings(), deadline=None, suppress_health_check=slow)
    settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: at the end, no worker waits for another's long file."""
    long_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long_files and item.path.parent.name != "page")


@pytest.fixture(autouse=True)
def the_loop_knows_what_time_it_is() -> None:
    """A time limit of gevent counts from the last turn of its loop: after half a minute of tests
    that do not use it, a limit of half a minute would be over at once."""
    gevent.get_hub().loop.update_now()


@pytest.fixture(autouse=True)
def no_client_stays() -> Iterator[None]:
    """Whoever is left connected would try to come back as long as other tests run; and in the
    next test at the same house, all names are free again.

    Those that were here before, of the whole module, may stay.
    """
    clients = set(closing.Client.made)
    here = {house: house.connections for house in _houses if house.running}
    yield
    for client in set(closing.Client.made) - clients:
        client.disconnect()

    def have_left() -> bool:
        return all(house.connections <= count for house, count in here.items() if house.running)

    waiting.wait_until(have_left, what="everybody to have left")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A chat that runs, with an empty log: `.url`, `.data`, `.stop()`, `.kill9()`, `.start()` …"""
    server = Server(tmp_path)
    yield server.start()
    server.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One chat for all tests of a module, which leave each other alone in it."""
    house = Server(tmp_path_factory.mktemp("house"))
    _houses.append(house.start())
    yield house
    _houses.remove(house)
    house.close()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes further servers, or such with other settings: `new_server(CHATAPP_ACCESS="members")`.

    They are not started yet.
    """
    servers: list[Server] = []

    def new_server(**settings: str) -> Server:
        folder = tmp_path / f"server-{len(servers) + 1}"
        folder.mkdir()
        servers.append(Server(folder, settings))
        return servers[-1]

    yield new_server
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for all tests of this process that do not stop it."""
    postgres = Postgres()
    try:
        yield postgres.start()
    finally:
        postgres.close()


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The URL of a new, empty database."""
    return postgres.new_database(f"chat_{uuid.uuid4().hex[:12]}")


@pytest.fixture
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., socketio.SimpleClient]]:
    """Connects a plain `socketio.SimpleClient` as `name`, to `server` if not to another `url`.

    `options` are those of `SimpleClient.connect`.
    """
    clients: list[socketio.SimpleClient] = []

    def connect(name: str, *, url: str | None = None, **options: Any) -> socketio.SimpleClient:
        client = closing.SimpleClient()
        clients.append(client)
        client.connect(
            url or request.getfixturevalue("server").url,
            **{"auth": {"name": name}, **options},
        )
        return client

    yield connect
    for client in clients:
        client.disconnect()


@pytest.fixture
def wait_until() -> Callable[..., Any]:
    """`wait_until(condition, what="…")`: see `tests/support/waiting.py`."""
    return waiting.wait_until


@pytest.fixture
def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    return ports.free_port()


@pytest.fixture
def run_chatapp(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `chatapp ARGS` in an empty folder, without a terminal, to its end.

    `env` has settings; no other `CHATAPP_…` variable is there. `input` is its standard input.
    """
    folder = tmp_path / "commands"

    def run_chatapp(
        *args: str | Path, env: Mapping[str, str] | None = None, input: str = ""
    ) -> subprocess.CompletedProcess[str]:
        folder.mkdir(exist_ok=True)
        return run_warm(
            tuple(map(str, args)),
            environment(env or {}),
            cwd=folder,
            input=input,
            timeout=COMMAND_SECONDS,
        )

    return run_chatapp


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MessageLog]:
    log = MessageLog.open(tmp_path / "messages")
    yield log
    log.close()


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    directory = Directory.open(tmp_path / "directory")
    yield directory
    directory.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """While a browser is open, nothing else may use asyncio."""
    if "browser" not in getattr(item, "fixturenames", ()):
        chromium.close()


def pytest_sessionfinish() -> None:
    chromium.close()


@pytest.fixture
def browser() -> Browser:
    """A Chromium, for all tests one after the other that ask for one."""
    return chromium.opened()


@pytest.fixture
def windows(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Windows]:
    """Opens browser windows, each with its own cookies: `windows.open(server.url)`.

    The test fails if a page complains, unless it was expected: `windows.complaints.expect(…)`.

    The service worker begins with fetching and keeping all files of the page, in each window anew:
    only tests with the marker `service_worker` have it.
    """
    has_worker = request.node.get_closest_marker("service_worker")
    windows = Windows(browser, Complaints(), "allow" if has_worker else "block")
    yield windows
    windows.close()
    assert windows.complaints.unexpected == []


@pytest.fixture
def page(windows: Windows) -> Page:
    """One empty browser window."""
    return windows.open()
