"""Clients that poll, and the moment at which they stop polling."""

import gc
import http.client
import json
import threading
from contextlib import closing
from typing import Any

import pytest

from chatapp.realtime import Connection
from chatapp.realtime.backlog import MAX_BYTES
from chatapp.realtime.frames import HARD_LIMIT
from chatapp.realtime.polling import MAX_BODY_BYTES, MAX_PACKETS_A_POLL
from tests.realtime.serving import Serving
from tests.support.waiting import wait_until


class Poller:
    """Engine.IO by polling, request by request."""

    def __init__(self, serving: Serving) -> None:
        self.http = http.client.HTTPConnection(*serving.address, timeout=10)
        self.path = "/socket.io/?EIO=4&transport=polling"
        status, body = self.get()
        assert status == 200
        self.open: dict[str, Any] = json.loads(body[1:])
        self.path += "&sid=" + self.open["sid"]

    def get(self) -> tuple[int, bytes]:
        self.http.request("GET", self.path)
        response = self.http.getresponse()
        return response.status, response.read()

    def post(self, body: bytes) -> tuple[int, bytes]:
        self.http.request("POST", self.path, body)
        response = self.http.getresponse()
        return response.status, response.read()

    def join(self) -> "Poller":
        assert self.post(b"40") == (200, b"ok")
        assert self.get()[1].startswith(b'40{"sid"')
        return self

    def close(self) -> None:
        self.http.close()


@pytest.fixture
def poller(serving: Serving) -> Any:
    pollers: list[Poller] = []

    def poller() -> Poller:
        pollers.append(Poller(serving))
        return pollers[-1]

    yield poller
    for one in pollers:
        one.close()


def test_packets_of_one_request_are_handled_in_order(poller: Any) -> None:
    client = poller().join()
    events = b"\x1e".join(b'42%d["echo",%d]' % (n, n) for n in range(100))

    assert client.post(events) == (200, b"ok")

    answers: list[bytes] = []
    while len(answers) < 100:
        packets = client.get()[1].split(b"\x1e")
        assert len(packets) <= MAX_PACKETS_A_POLL
        answers += packets
    assert answers == [b"43%d[%d]" % (n, n) for n in range(100)]


def test_a_poll_waits_until_there_is_something(serving: Serving, poller: Any) -> None:
    client = poller().join()
    answers: list[bytes] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get()[1]))
    waiting.start()
    connection = serving.chat.connected[0][0]
    wait_until(lambda: serving.inside(lambda: connection.transport._poll is not None))

    serving.inside(lambda: serving.realtime.send(connection, "news", 1))

    waiting.join(5)
    assert answers == [b'42["news",1]']


@pytest.mark.parametrize("size", [200_000, MAX_BODY_BYTES - 100, MAX_BODY_BYTES + 100_000])
def test_an_event_that_is_too_large_is_acked_and_the_session_stays(poller: Any, size: int) -> None:
    client = poller().join()

    assert client.post(b'427["echo","' + b"x" * size + b'"]') == (200, b"ok")

    answer = json.loads(client.get()[1].removeprefix(b"437"))
    assert answer[0]["error"]["message"] == "The event is too large."
    client.post(b'428["echo",1]')
    assert client.get()[1] == b"438[1]"


def test_binary_packets_are_not_waited_for(poller: Any) -> None:
    client = poller().join()

    client.post(b'451-7["echo",{"_placeholder":true,"num":0}]\x1ebAQIDBA==')
    assert b"Binary attachments are not accepted." in client.get()[1]

    client.post(b'428["echo",1]')
    assert client.get()[1] == b"438[1]"


@pytest.mark.parametrize(
    "path",
    [
        "?transport=polling",
        "?EIO=3&transport=polling",
        "?EIO=4&transport=carrier-pigeon",
        "?EIO=4&transport=polling&j=0",
        "?EIO=4&transport=polling&sid=nobody",
        "?EIO=4&transport=websocket",
        "?%ff%00&&&=",
    ],
)
def test_odd_requests_are_bad_requests(serving: Serving, path: str) -> None:
    connection = http.client.HTTPConnection(*serving.address, timeout=10)
    connection.request("GET", "/socket.io/" + path)

    assert connection.getresponse().status == 400
    assert serving.connections == 0
    connection.close()


def test_a_body_that_is_not_utf8_is_a_bad_request(poller: Any) -> None:
    client = poller().join()

    assert client.post(b'42["echo","\xff"]')[0] == 400
    client.post(b'428["echo",1]')
    assert client.get()[1] == b"438[1]"


def test_what_waits_for_a_poller_is_bounded(serving: Serving, poller: Any) -> None:
    slow, other = poller().join(), serving.raw().join()

    for number in range(300):
        other.say(f'42["say",{number}]')
        other.ask("echo", number)

    wait_until(lambda: serving.chat.gone == ["slow reader"])
    assert slow.get()[0] == 400


def test_what_waits_for_a_poller_is_bounded_at_once_where_it_is_large(
    serving: Serving, poller: Any
) -> None:
    poller().join()
    speaker = serving.raw().join()
    transport = serving.chat.connected[0][0].transport
    most = 0

    for number in range(80):
        speaker.say(f'42{number}["say","{"x" * 20_000}"]')
        speaker.ack(number)
        most = max(most, transport.unsent_bytes)

    assert MAX_BYTES / 2 < most < MAX_BYTES + 2 * 20_000
    assert transport.unsent_bytes < 1000
    wait_until(lambda: serving.chat.gone == ["slow reader"])


def test_of_a_poller_that_has_gone_nothing_is_kept(serving: Serving, poller: Any) -> None:
    id = poller().open["sid"]

    def is_kept() -> bool:
        gc.collect()
        return any(isinstance(one, Connection) and one.id == id for one in gc.get_objects())

    assert is_kept()

    engine = serving.realtime.server.eio
    serving.inside(lambda: engine.close(engine.sockets[id], "ping timeout"))

    wait_until(lambda: not is_kept())


def test_a_post_that_announces_too_much_is_not_read(poller: Any) -> None:
    client = poller().join()

    client.http.putrequest("POST", client.path)
    client.http.putheader("Content-Length", str(HARD_LIMIT + 1))
    client.http.endheaders()

    answer = client.http.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (413, "close")


def test_the_upgrade_ends_the_poll_and_loses_nothing(serving: Serving, poller: Any) -> None:
    client = poller().join()
    connection = serving.chat.connected[0][0]
    websocket = serving.raw(query="&sid=" + client.open["sid"])
    answers: list[bytes] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get()[1]))
    waiting.start()

    websocket.say(b"2probe")
    assert websocket.packet() == b"3probe"
    waiting.join(5)
    assert answers == [b"6"]
    serving.inside(lambda: serving.realtime.send(connection, "meanwhile", 1))
    websocket.say(b"5")

    assert websocket.packet() == b'42["meanwhile",1]'
    assert websocket.ask("echo", 2) == 2
    assert client.get()[0] == 400
    assert connection.transport.name == "websocket"


def test_a_poller_whose_upgrade_hangs_is_answered_all_the_same(
    serving: Serving, poller: Any
) -> None:
    """As behind a proxy that lets the upgrade through, and nothing after it."""
    client = poller().join()
    with closing(serving.raw(query="&sid=" + client.open["sid"])):
        client.post(b'428["echo",1]')

        answers = [client.get()[1] for _ in range(2)]

    assert b"438[1]" in answers


@pytest.mark.parametrize("words", [[b"hello"], [b"2probe", b"hello"], []])
def test_a_failed_upgrade_leaves_the_poller_where_it_was(
    serving: Serving, poller: Any, words: list[bytes]
) -> None:
    client = poller().join()
    websocket = serving.raw(query="&sid=" + client.open["sid"])

    for word in words:
        websocket.say(word)
    if words[1:]:
        assert websocket.packet() == b"3probe"
    if not words:
        websocket.close()
    else:
        with pytest.raises(EOFError):
            websocket.frame()

    client.post(b'428["echo",1]')
    answer = client.get()[1]
    while answer == b"6":
        answer = client.get()[1]
    assert answer == b"438[1]"


def test_a_websocket_cannot_take_over_another_one(serving: Serving) -> None:
    first = serving.raw()
    sid = json.loads(first.packet()[1:])["sid"]

    assert serving.raw(query="&sid=" + sid).status == 400
