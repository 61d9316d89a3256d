"""The receiver in docs/outgoing-webhooks.md works as it stands there."""

import http.client
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from chatapp.features.outgoing_webhooks.payloads import EVENT_NAMES
from chatapp.features.outgoing_webhooks.retries import OFFSETS_SECONDS
from chatapp.features.outgoing_webhooks.signing import headers
from tests.support.checkout import ROOT
from tests.support.ports import free_port
from tests.support.readme import snippets
from tests.support.waiting import wait_until

PAGE = ROOT / "docs" / "outgoing-webhooks.md"
OLD, NEW = (os.urandom(32) for _ in range(2))
BODY = b'{"type": "message.posted", "data": {"text": "ship it"}}'


class Program:
    def __init__(self, port: int, output: Path) -> None:
        self.port = port
        self.output = output

    def post(self, head: dict[str, str], body: bytes = BODY) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("POST", "/", body, head)
            return connection.getresponse().status


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    (code,) = [one.text for one in snippets(PAGE) if one.how == "a receiver"]
    folder, port = tmp_path_factory.mktemp("receiver"), free_port()
    (folder / "receiver.py").write_text(code)
    with (folder / "out").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, folder / "receiver.py", str(port)],
            env={**os.environ, "WEBHOOK_SECRET": f"whsec_{b64encode(NEW).decode()}"},
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
    program = Program(port, folder / "out")

    def answers() -> bool:
        with suppress(OSError):
            return program.post({}) == 401
        return False

    wait_until(answers, what="the receiver")
    yield program
    process.kill()
    process.wait()


def test_it_takes_what_is_signed_once(program: Program) -> None:
    signed = headers([NEW], "msg_1", int(time.time()), BODY)

    assert program.post(signed) == 204
    assert program.post(headers([NEW, OLD], "msg_1", int(time.time()), BODY)) == 204
    assert program.output.read_text() == "message.posted ship it\n"


@pytest.mark.parametrize(
    "head",
    [
        headers([OLD], "msg_2", int(time.time()), BODY),
        headers([NEW], "msg_2", int(time.time()) - 3600, BODY),
        headers([NEW], "msg_2", int(time.time()), BODY + b" "),
        {**headers([NEW], "msg_2", int(time.time()), BODY), "webhook-id": "msg_3"},
        {**headers([NEW], "msg_2", int(time.time()), BODY), "webhook-signature": "v1,x"},
        {},
    ],
)
def test_it_refuses_what_is_not(program: Program, head: dict[str, str]) -> None:
    assert program.post(head) == 401


def test_the_page_names_every_event_and_retry() -> None:
    page = PAGE.read_text()

    assert [name for name in EVENT_NAMES if f"`{name}`" not in page] == []
    assert len(OFFSETS_SECONDS) == 10
