"""Several workers behind one port, and the supervisor that starts, restarts and stops them."""

import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from chatapp.app.worker import Worker, folder_of
from chatapp.app.workers import LONGEST_PAUSE_SECONDS, STEADY_SECONDS, Place, Process
from chatapp.client import ChatClient
from chatapp.config import Config
from chatapp.control.supervision import claim
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp
from tests.support.server import COLD, Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.test_way_of_a_message import log_lines

WORKERS = 2
AT_A_TIME = 10
"""So much is said and answered before and after each fault."""
MISTAKEN_LOOKS = 5
"""A look at all workers takes a moment, in which one may start and another one stop."""
POLL = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Chat(Server):
    """A supervisor and its workers."""

    def close(self) -> None:
        """No worker stays behind either, even if the supervisor does not end them."""
        group = self._process.pid if self._process is not None else None
        super().close()
        if group is not None:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    @property
    def workers(self) -> list[int]:
        """Their process ids."""
        return children_of(self.pid)

    def wait_for_workers(self) -> list[int]:
        """All that are to be there, and ready."""
        wait_until(lambda: self.is_complete, what=f"{WORKERS} workers; it said {self.log}")
        return self.workers

    @property
    def is_complete(self) -> bool:
        return len(self.workers) == self.ready == WORKERS

    @property
    def ready(self) -> int:
        """How many workers serve, the additional one included."""
        return sum(answers(folder_of(self.data, number)) for number in range(1, WORKERS + 2))


def answers(folder: Path) -> bool:
    """Whether the server on the folder takes commands."""
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(os.path.relpath(folder / "control")) == 0


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def chat(tmp_path: Path, database: str) -> Iterator[Chat]:
    chat = Chat(
        tmp_path,
        {
            "CHATAPP_POSTGRES": database,
            "CHATAPP_WORKERS": str(WORKERS),
            "CHATAPP_CONNECTIONS_PER_ADDRESS": "0",
        },
        command=COLD,
    )
    yield chat.start()
    chat.close()


class Load:
    """People who talk, and others who come for the first time, all the time."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._over = threading.Event()
        self.said: list[str] = []
        self.answers: list[bytes] = []

    def wait(self) -> None:
        """Until all of them have done something."""
        said, answers = Counter(self.names), len(self.answers)
        wait_until(
            lambda: (
                all(self.names[name] >= said[name] + AT_A_TIME for name in ("ana", "bo"))
                and len(self.answers) >= answers + AT_A_TIME
            ),
            what="the load",
        )

    @property
    def names(self) -> Counter[str]:
        return Counter(text.split()[0] for text in list(self.said))

    def talk(self, name: str) -> None:
        with ChatClient(self._chat.url, name=name, reconnect_seconds=(0.1, 0.5)) as client:
            number = 0
            while not self._over.is_set():
                self.said.append(client.send("general", f"{name} {number}").text)
                number += 1

    def arrive(self) -> None:
        """A connection that is refused ends this with an error, which fails the test."""
        while not self._over.wait(0.02):
            with closing(socket.create_connection(("127.0.0.1", self._chat.port), 30)) as visitor:
                visitor.sendall(POLL)
                self.answers.append(visitor.recv(4096)[:12])

    def end(self) -> None:
        self._over.set()


@contextmanager
def load_on(chat: Chat) -> Iterator[Load]:
    load = Load(chat)
    threads = [threading.Thread(target=load.talk, args=(name,)) for name in ("ana", "bo")]
    threads.append(threading.Thread(target=load.arrive))
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.end()
        for thread in threads:
            thread.join(DEADLINE_SECONDS)
    assert not any(thread.is_alive() for thread in threads)


def logged(chat: Chat) -> list[str]:
    return [record["text"] for record in log_lines(chat)]


def test_a_worker_that_is_killed_is_started_again_and_nothing_is_lost(chat: Chat) -> None:
    before = chat.wait_for_workers()
    ear = ChatClient(chat.url, name="ear", reconnect_seconds=(0.1, 0.5)).connect()
    heard = ear.messages("general", since=0)

    with load_on(chat) as load:
        for pid in before:
            load.wait()
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda pid=pid: pid not in chat.workers)
            chat.wait_for_workers()
        load.wait()

    wait_until(lambda: Counter(logged(chat)) == Counter(load.said), what="the log of worker 1")
    assert [next(heard).text for _ in load.said] == logged(chat)
    ear.close()
    for number, pid in enumerate(before, start=1):
        line = f"chatapp: Worker {number} (pid {pid}) was killed by SIGKILL; it is started again."
        assert line in chat.log
    assert not set(before) & set(chat.workers)


def test_a_restart_of_all_refuses_nobody_and_loses_nothing(chat: Chat) -> None:
    before = chat.wait_for_workers()

    with load_on(chat) as load:
        load.wait()
        os.kill(chat.pid, signal.SIGHUP)
        few = [0]  # looks one after another at which there were too few
        while set(before) & set(chat.workers) or not chat.is_complete:
            few.append(few[-1] + 1 if chat.ready < WORKERS else 0)
            time.sleep(0.01)
        load.wait()

    assert max(few) < MISTAKEN_LOOKS
    assert set(load.answers) <= {b"HTTP/1.1 200", b"HTTP/1.1 503"}
    wait_until(lambda: Counter(logged(chat)) == Counter(load.said), what="the log of worker 1")
    assert (chat.data / "workers" / str(WORKERS + 1)).is_dir()
    assert sum("The chat is at" in line for line in chat.log) == 1
    assert "started again" not in "\n".join(chat.log)


def test_all_workers_end_with_the_supervisor(chat: Chat) -> None:
    workers = chat.wait_for_workers()

    with ChatClient(chat.url, name="ana") as ana:
        ana.send("general", "hola")
        assert chat.stop() == 0

    assert not any(is_alive(pid) for pid in workers)
    assert "started again" not in "\n".join(chat.log)
    assert sum("The chat is at" in line for line in chat.log) == 1


def test_workers_do_not_outlive_a_supervisor_that_is_killed(chat: Chat) -> None:
    workers = chat.wait_for_workers()

    os.kill(chat.pid, signal.SIGKILL)

    wait_until(lambda: not any(is_alive(pid) for pid in workers))


def test_commands_reach_the_first_worker_and_no_second_chat_takes_its_folder(
    chat, run_chatapp
) -> None:
    chatapp(chat, "user", "add", "ana", "--password-stdin", input=PASSWORD)
    assert "ana" in chatapp(chat, "user", "list")

    done = run_chatapp("serve", env={**chat.settings, "CHATAPP_PORT": "0"})

    assert done.returncode == 1
    assert "Other workers run on the data folder" in done.stderr
    chat.wait_for_workers()
    assert chat.interrupt() == 0


def test_while_the_first_worker_restarts_commands_do_not_touch_its_folder(
    tmp_path, run_chatapp
) -> None:
    data = tmp_path / "data"
    lock = claim(data)
    try:
        done = run_chatapp("user", "list", "--data", data)
    finally:
        os.close(lock)

    assert done.returncode == 1
    assert done.stderr == (
        "chatapp: The chat's first worker is restarting; try again in a moment.\n"
    )
    assert [file.name for file in data.iterdir()] == ["supervisor"]
    assert run_chatapp("user", "list", "--data", data).returncode == 0


def test_workers_need_postgres(run_chatapp, tmp_path) -> None:
    done = run_chatapp("serve", "--workers", "2", "--data", tmp_path / "data")

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "chatapp: CHATAPP_WORKERS needs CHATAPP_POSTGRES, which the workers share."
    ]


def test_what_stops_the_first_worker_stops_the_start(tmp_path: Path, free_port: int) -> None:
    url = f"postgresql://postgres@127.0.0.1:{free_port}/chat"
    chat = Chat(tmp_path, {"CHATAPP_POSTGRES": url, "CHATAPP_WORKERS": "2"}, command=COLD)

    with closing(chat), pytest.raises(AssertionError, match="ended at once"):
        chat.start()

    said = chat.log
    assert len(said) == 2
    assert said[0].startswith("chatapp worker 1: PostgreSQL cannot be used")
    assert said[1] == "chatapp: Worker 1 cannot start (exit code 2); stopped."


# Without processes


def test_each_worker_has_a_folder_and_an_address_of_its_own() -> None:
    config = Config.load({"CHATAPP_DATA": "chat", "CHATAPP_INTERNAL": "[::1]:9000"})

    first, third = (Worker(number, greets=False).config(config) for number in (1, 3))

    assert (first.data, first.internal_address) == (Path("chat"), ("::1", 9000))
    assert (third.data, third.internal_address) == (Path("chat/workers/3"), ("::1", 9002))


def test_the_pause_grows_while_a_worker_dies_at_once() -> None:
    place = Place(1)
    pauses = []
    with socket.socket() as line:
        for _ in range(10):
            place.start_again(Process(1, line), now=100.0)
            pauses.append(place.start_at - 100.0)
        place.start_again(Process(1, line, ready_at=100.0), now=100.0 + STEADY_SECONDS)

    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert max(pauses) == LONGEST_PAUSE_SECONDS
    assert place.start_at == 100.0 + STEADY_SECONDS
