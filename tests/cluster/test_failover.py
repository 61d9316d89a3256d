"""A standby that was behind becomes the database while servers run, and everybody goes on."""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import socketio

from chatapp.app.worker import folder_of
from chatapp.client import ChatClient
from chatapp.client.news import News, Reloaded
from tests.support import closing
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.postgres import Postgres
from tests.support.server import COLD, Server
from tests.support.waiting import wait_until

LONG = bool(os.environ.get("TORTURE"))
"""TORTURE=1 is the long campaign."""
ROUNDS = 20 if LONG else 2
ROUND_SECONDS = 120


class Chat:
    """The servers of whichever database is the primary, and the data folders of their processes."""

    def __init__(self, servers: list[Server], folders: list[Path]) -> None:
        self.servers = servers
        self.folders = folders

    def lose_everything(self) -> None:
        for server in self.servers:
            server.kill9()
            shutil.rmtree(server.data)

    def start(self) -> None:
        for server in self.servers:
            server.start()

    def have_the_same(self) -> None:
        """Wait until all have the same journals."""
        for journal in JOURNALS:
            wait_until(
                lambda journal=journal: (
                    len({journal_bytes(folder, journal) for folder in self.folders}) == 1
                ),
                60.0,
                f"the same {journal}/ everywhere",
            )


@pytest.fixture(params=["two servers", "two workers"])
def chat(
    request: pytest.FixtureRequest, primary: Postgres, standby: Postgres, tmp_path: Path
) -> Iterator[Chat]:
    settings = {"CHATAPP_POSTGRES": primary.url_with(standby, "chat")}
    if request.param == "two workers":
        servers = [Server(tmp_path, settings | {"CHATAPP_WORKERS": "2"}, command=COLD)]
        folders = [folder_of(servers[0].data, number) for number in (1, 2)]
    else:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        servers = [Server(tmp_path / name, settings, command=COLD) for name in ("one", "two")]
        folders = [server.data for server in servers]
    groups = []
    try:
        for server in servers:
            server.start()
            groups.append(server.pid)
        wait_until(lambda: all((folder / "messages").exists() for folder in folders), 60.0)
        yield Chat(servers, folders)
    finally:
        for server in servers:
            server.close()
        for group in groups:  # Workers outlive a supervisor that is killed by a moment.
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


class Screen:
    """What somebody has on their screen: the text under each number, read anew when the client
    says so."""

    def __init__(self, url: str, name: str) -> None:
        self.texts: dict[int, str] = {}
        self.clashes: list[tuple[int, str, str]] = []
        self.times_reloaded = 0
        self._client = ChatClient(
            url, name=name, timeout=120.0, reconnect_seconds=(0.1, 1.0), on_event=self._told
        ).connect()
        self._messages = self._client.messages("general", since=0, own=True)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def close(self) -> None:
        self._client.close()
        self._listener.join()

    def _told(self, news: News) -> None:
        if isinstance(news, Reloaded):
            self.times_reloaded += 1
            self.texts = {}

    def _listen(self) -> None:
        for message in self._messages:
            known = self.texts.setdefault(message.seq, message.text)
            if known != message.text:
                self.clashes.append((message.seq, known, message.text))


def answered(server: Server, name: str, event: str, **payload: Any) -> dict[str, Any]:
    """What a new client of a server is answered, as soon as the server takes it."""
    answers: list[dict[str, Any]] = []

    def ask() -> bool:
        client = closing.SimpleClient()
        try:
            client.connect(server.url, auth={"name": name, "key": f"the secret key of {name}"})
            answers.append(client.call(event, payload))
        except (socketio.exceptions.SocketIOError, OSError):
            return False
        finally:
            client.disconnect()
        return bool(answers[-1]["ok"])

    wait_until(ask, 60.0, f"{server.url} to answer {event}")
    return answers[-1]


def texts(server: Server) -> list[str]:
    page = answered(server, "reader", "history", room="general")
    return [message["text"] for message in page["messages"]][-50:]


def epoch(server: Server) -> str:
    [general] = answered(server, "reader", "rooms")["rooms"]
    return str(general["epoch"])


def say(server: Server, text: str) -> None:
    answered(server, "ana", "message", room="general", text=text, cid=text)


@pytest.mark.timeout(ROUNDS * ROUND_SECONDS * 2)
def test_all_go_on_with_the_standby_and_no_number_is_on_a_screen_twice(
    primary: Postgres, standby: Postgres, chat: Chat, run_chatapp: Callable[..., Any]
) -> None:
    """In every second round, no copy is left that could give the standby what it lacks."""
    here, there = chat.servers[0], chat.servers[-1]
    screens = [Screen(here.url, "eva"), Screen(there.url, "leo")]
    expected: list[str] = []
    was = epoch(here)
    for number in range(ROUNDS if here is not there else 1):
        is_lost = number % 2 == 1
        before, lacking, after, later = (f"{number} {n}" for n in range(4))
        say(here, before)
        standby.copy(primary)
        say(there, lacking)
        for screen in screens:
            wait_until(lambda s=screen, text=lacking: text in s.texts.values(), what="all messages")
        chat.have_the_same()  # Whichever comes back first can give the standby what it lacks.
        if is_lost:
            chat.lose_everything()

        primary.stop()
        standby.start()
        standby.promote()
        if is_lost:
            chat.start()
        say(here, after)
        say(there, later)

        expected += [before, after, later] if is_lost else [before, lacking, after, later]
        for screen in screens:
            wait_until(lambda s=screen, n=number: s.times_reloaded > n, 60.0, "everything anew")
            wait_until(lambda s=screen, text=later: text in s.texts.values(), what="all messages")
        wait_until(lambda was=was: epoch(here) == epoch(there) != was, 60.0, "one new epoch")
        chat.have_the_same()
        assert texts(here) == texts(there) == expected[-50:]
        was = epoch(here)
        primary, standby = standby, primary
    for screen in screens:
        screen.close()
        assert screen.clashes == []
    for folder in chat.folders:
        verified = run_chatapp("log", "verify", "--data", folder)
        assert verified.returncode == 0, verified.stdout + verified.stderr
