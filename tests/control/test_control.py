import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.threadpool import ThreadPool

from chatapp.control.client import CommandRefused, NoServer, ask
from chatapp.control.place import SOCKET_NAME
from chatapp.control.server import Control
from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future


def fail(**_: Any) -> None:
    raise NotFound("There is no such thing.")


def crash(**_: Any) -> None:
    raise ZeroDivisionError


def later(value: int) -> Future[int]:
    pending: Future[int] = Future()
    gevent.spawn_later(0.01, pending.resolve, value)
    return pending


COMMANDS = {"echo": lambda **given: given, "fail": fail, "crash": crash, "later": later}


@pytest.fixture(params=["data", "d" * 120], ids=["short path", "long path"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / str(request.param)
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def control(folder: Path) -> Iterator[Control]:
    control = Control(folder)
    control.start(COMMANDS)
    yield control
    control.close()


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    """The command line is another process; here it is another thread."""
    pool = ThreadPool(1)
    yield pool
    pool.kill()


def test_a_command_is_answered(control: Control, folder: Path, pool: ThreadPool) -> None:
    answer = pool.apply(ask, (folder, "echo", {"text": "hola ü", "n": 3}))

    assert answer == {"text": "hola ü", "n": 3}


def test_an_answer_that_is_still_pending_is_waited_for(
    control: Control, folder: Path, pool: ThreadPool
) -> None:
    assert pool.apply(ask, (folder, "later", {"value": 7})) == 7


def test_the_socket_is_its_owners_only(control: Control, folder: Path) -> None:
    assert (folder / SOCKET_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("command", "code"), [("fail", "not_found"), ("crash", "bad_payload"), ("no", "bad_payload")]
)
def test_what_is_refused_is_said(
    control: Control, folder: Path, pool: ThreadPool, command: str, code: str
) -> None:
    refusal = pool.apply(refused, (folder, command))

    assert refusal.code == code


def test_rubbish_is_refused_and_the_next_command_is_answered(
    control: Control, folder: Path, pool: ThreadPool
) -> None:
    if len(str(folder)) < 100:
        assert b'"ok":false' in pool.apply(send, (folder, b"rubbish\n"))

    assert pool.apply(ask, (folder, "echo", {})) == {}


def test_who_does_not_wait_for_the_answer_leaves_no_traceback(
    control: Control, folder: Path, pool: ThreadPool, capfd: pytest.CaptureFixture[str]
) -> None:
    if len(str(folder)) < 100:
        pool.apply(leave, (folder, b'{"command":"later","arguments":{"value":7}}\n'))

    assert pool.apply(ask, (folder, "later", {"value": 8})) == 8
    assert capfd.readouterr().err == ""


def test_without_a_server_there_is_nobody_to_ask(folder: Path) -> None:
    with pytest.raises(NoServer):
        ask(folder, "echo", {})


def test_a_socket_that_a_killed_server_left_is_nobody(folder: Path) -> None:
    if len(str(folder)) < 100:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(folder / SOCKET_NAME))

    with pytest.raises(NoServer):
        ask(folder, "echo", {})


def test_a_new_server_takes_the_place_of_a_killed_one(folder: Path, pool: ThreadPool) -> None:
    (folder / SOCKET_NAME).touch()
    control = Control(folder)

    control.start(COMMANDS)

    assert pool.apply(ask, (folder, "echo", {})) == {}
    control.close()
    assert not (folder / SOCKET_NAME).exists()


def refused(folder: Path, command: str) -> CommandRefused:
    try:
        ask(folder, command, {})
    except CommandRefused as refusal:
        return refusal
    raise AssertionError("it was not refused")


def send(folder: Path, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / SOCKET_NAME))
        connection.sendall(line)
        return connection.recv(1000)


def leave(folder: Path, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / SOCKET_NAME))
        connection.sendall(line)
