"""Clients that poll, and the moment at which they stop polling."""

import gc
import http.client
import json
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from time import monotonic
from typing import Any

import pytest

from chatapp.transport import Connection
from chatapp.transport.http.polling import PYTHONS_PACKETS_A_POLL
from chatapp.transport.receiver import MAX_UNSENT_BYTES
from chatapp.transport.send_buffer import MEMORY_BYTES
from chatapp.transport.wire.frames import HARD_LIMIT
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.raw import text
from tests.transport.serving import Serving


class Poller:
    """Engine.IO by polling, request by request."""

    def __init__(self, serving: Serving, agent: str = "Mozilla/5.0") -> None:
        self.headers = {"User-Agent": agent}
        self.http = http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)
        self.path = "/socket.io/?EIO=4&transport=polling"
        status, body = self.get()
        assert status == 200
        self.open: dict[str, Any] = json.loads(body[1:])
        self.path += "&sid=" + self.open["sid"]

    def get(self) -> tuple[int, bytes]:
        self.http.request("GET", self.path, headers=self.headers)
        response = self.http.getresponse()
        return response.status, response.read()

    def post(self, body: bytes | Iterable[bytes]) -> tuple[int, bytes]:
        """What is not in one piece is sent in chunks."""
        self.http.request("POST", self.path, body, headers=self.headers)
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

    def poller(*agent: str) -> Poller:
        pollers.append(Poller(serving, *agent))
        return pollers[-1]

    yield poller
    for one in pollers:
        one.close()


def test_packets_of_one_request_are_handled_in_order(poller: Any) -> None:
    client = poller().join()
    events = b"\x1e".join(b'42%d["echo",%d]' % (n, n) for n in range(100))

    assert client.post(events) == (200, b"ok")

    assert client.get()[1].split(b"\x1e") == [b"43%d[%d]" % (n, n) for n in range(100)]


@pytest.mark.parametrize("agent", ["python-requests/2.32.5", "Python/3.11 aiohttp/3.12.15"])
def test_pythons_client_gets_no_more_packets_a_poll_than_it_takes(poller: Any, agent: str) -> None:
    client = poller(agent).join()
    client.post(b"\x1e".join(b'42%d["echo",%d]' % (n, n) for n in range(100)))

    answers: list[bytes] = []
    while len(answers) < 100:
        packets = client.get()[1].split(b"\x1e")
        assert len(packets) <= PYTHONS_PACKETS_A_POLL
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

    waiting.join(DEADLINE_SECONDS)
    assert answers == [b'42["news",1]']


@pytest.mark.parametrize("size", [131_072, 200_000, 1_100_000])
def test_an_event_that_is_too_large_is_acked_and_the_session_stays(poller: Any, size: int) -> None:
    client = poller().join()

    assert client.post(b'427["echo","' + b"x" * size + b'"]') == (200, b"ok")

    answer = json.loads(client.get()[1].removeprefix(b"437"))
    assert answer[0]["error"]["message"] == "The event is too large."
    client.post(b'428["echo",1]')
    assert client.get()[1] == b"438[1]"


def test_of_a_large_request_every_packet_is_handled(serving: Serving, poller: Any) -> None:
    """As Java's client sends it, which knows no `maxPayload`."""
    client = poller().join()
    events = [b'42%d["echo","%s"]' % (n, b"x" * 16_384) for n in range(100)]
    answers: list[bytes] = []

    def poll() -> None:
        while len(answers) < 100:
            answers.extend(client.get()[1].split(b"\x1e"))

    polling = threading.Thread(target=poll)
    polling.start()
    with closing(http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)) as another:
        another.request("POST", client.path, b"\x1e".join(events))
        assert another.getresponse().read() == b"ok"

    polling.join(DEADLINE_SECONDS)
    assert answers == [b'43%d["%s"]' % (n, b"x" * 16_384) for n in range(100)]


def test_a_request_whose_answers_nobody_fetches_waits_for_a_poll(
    serving: Serving, poller: Any
) -> None:
    client, poll = poller().join(), poller()
    poll.path = client.path
    transport = serving.chat.connected[0][0].transport
    long = "x" * 60_000
    asked = [f'42{number}["echo","{long}"]' for number in range(10)]
    done: list[tuple[int, bytes]] = []
    posting = threading.Thread(target=lambda: done.append(client.post("\x1e".join(asked).encode())))

    posting.start()
    wait_until(lambda: transport.unsent_bytes > MAX_UNSENT_BYTES)
    assert transport.unsent_bytes < MAX_UNSENT_BYTES + 2 * len(long)
    assert not done

    answers: list[bytes] = []
    while len(answers) < len(asked):
        answers += poll.get()[1].split(b"\x1e")
    posting.join(DEADLINE_SECONDS)
    assert done == [(200, b"ok")]
    assert answers == [f'43{number}["{long}"]'.encode() for number in range(10)]


def test_a_request_in_chunks_is_read(poller: Any) -> None:
    client = poller().join()

    assert client.post(iter([b'421["echo",', b'1]\x1e422["ec', b'ho",2]'])) == (200, b"ok")

    assert client.get()[1] == b"431[1]\x1e432[2]"


def test_a_request_in_chunks_without_end_ends_the_session(
    serving: Serving, poller: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.transport.http.engineio_endpoint.HARD_LIMIT", 100_000)
    client = poller().join()

    assert client.post(b'421["echo","' + b"x" * 10_000 for _ in range(100))[0] == 413

    assert client.get()[0] == 400
    wait_until(lambda: serving.chat.gone == ["transport error"])


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
    connection = http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)
    connection.request("GET", "/socket.io/" + path)

    assert connection.getresponse().status == 400
    assert serving.connections == 0
    connection.close()


@pytest.mark.parametrize("body", [b"abc", b"", b"2", b"0{}", b'42["echo","\xff"]', b"bAQIDBA=="])
def test_what_is_no_packet_is_a_bad_request_and_ends_the_session(
    serving: Serving, poller: Any, body: bytes
) -> None:
    client = poller().join()

    assert client.post(body)[0] == 400

    assert client.get()[0] == 400
    wait_until(lambda: serving.chat.gone == ["parse error"])


def test_another_poll_ends_the_session(serving: Serving, poller: Any) -> None:
    client = poller().join()
    answers: list[tuple[int, bytes]] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get()))
    waiting.start()
    connection = serving.chat.connected[0][0]
    wait_until(lambda: serving.inside(lambda: connection.transport.is_polled))

    with closing(http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)) as another:
        another.request("GET", client.path)
        assert another.getresponse().status == 400

    waiting.join(DEADLINE_SECONDS)
    assert answers == [(200, b"1")]
    assert client.get()[0] == 400


def test_a_client_that_leaves_does_not_wait_for_its_poll(serving: Serving, poller: Any) -> None:
    client = poller().join()
    answers: list[tuple[int, bytes]] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get()))
    waiting.start()
    connection = serving.chat.connected[0][0]
    wait_until(lambda: serving.inside(lambda: connection.transport.is_polled))

    with closing(http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)) as another:
        another.request("POST", client.path, b"41")
        assert another.getresponse().status == 200

    waiting.join(DEADLINE_SECONDS)
    assert answers == [(200, b"6")]
    assert client.get() == (200, b"6")
    wait_until(lambda: serving.chat.gone == ["client disconnect"])


def test_a_client_that_closes_has_its_poll_answered(serving: Serving, poller: Any) -> None:
    client = poller().join()
    answers: list[tuple[int, bytes]] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get()))
    waiting.start()
    connection = serving.chat.connected[0][0]
    wait_until(lambda: serving.inside(lambda: connection.transport.is_polled))

    with closing(http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)) as another:
        another.request("POST", client.path, b"1")
        assert another.getresponse().status == 200

    waiting.join(DEADLINE_SECONDS)
    assert answers == [(200, b"6")]
    assert client.get()[0] == 400
    wait_until(lambda: serving.chat.gone == ["transport close"])


def test_a_poll_that_comes_late_gets_all_that_was_said_meanwhile(
    serving: Serving, poller: Any
) -> None:
    """A phone in a tunnel is no slow reader."""
    late, other = poller().join(), serving.raw().join()
    transport = serving.chat.connected[0][0].transport

    for number in range(300):
        other.say(f'42["say",{number}]')
        other.ask("echo", number)

    assert not serving.inside(lambda: transport.is_stalled(monotonic() + 60))
    assert late.get()[1].split(b"\x1e") == [b'42["said",%d]' % number for number in range(300)]


def test_a_poller_is_lost_only_when_interval_and_timeout_are_over(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(ping_interval=0.5, ping_timeout=1.5)

    with closing(Poller(serving)) as client:
        client.join()
        for _ in range(2):
            assert client.get() == (200, b"2")
            assert client.post(b"3") == (200, b"ok")
        assert serving.chat.gone == []
        wait_until(lambda: serving.chat.gone == ["ping timeout"])
        assert client.get()[0] == 400


def test_what_waits_for_a_poller_is_bounded(serving: Serving, poller: Any) -> None:
    poller().join()
    speaker = serving.raw().join()
    transport = serving.chat.connected[0][0].transport
    most = 0

    for number in range(MEMORY_BYTES // 20_000 + 2):
        speaker.say(f'42{number}["say","{"x" * 20_000}"]')
        speaker.ack(number)
        most = max(most, transport.unsent_bytes)

    assert MEMORY_BYTES / 2 < most < MEMORY_BYTES + 2 * 20_000
    wait_until(lambda: serving.chat.gone == ["slow reader"])
    wait_until(lambda: transport.unsent_bytes < 1000)


def test_of_a_poller_that_has_gone_nothing_is_kept(serving: Serving, poller: Any) -> None:
    id = poller().open["sid"]

    def is_kept() -> bool:
        gc.collect()
        return any(isinstance(one, Connection) and one.id == id for one in gc.get_objects())

    assert is_kept()

    engine = serving.realtime._engine
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
    waiting.join(DEADLINE_SECONDS)
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

    assert serving.raw(query="&sid=" + sid).close_code() == 1008

    first.say(b"40")
    assert first.packet().startswith(b"40")


def test_a_client_may_upgrade_without_asking_whether_it_works(
    serving: Serving, poller: Any
) -> None:
    """As .NET's SocketIOClient and PHP's ElephantIO do."""
    client = poller().join()
    websocket = serving.raw(query="&sid=" + client.open["sid"])

    websocket.socket.sendall(text("5") + text('421["echo",1]'))

    assert websocket.packet() == b"431[1]"
    assert serving.chat.gone == []


def test_a_second_post_is_refused_while_the_first_waits(serving: Serving, poller: Any) -> None:
    first = poller().join()
    first.post(b'421["alone",1]\x1e422["alone",2]')
    waiting = http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)
    with closing(waiting):
        waiting.request("POST", first.path, '423["alone",3]')
        wait_until(lambda: serving.chat.connected[0][0].transport.is_posted_to)

        refused = http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)
        with closing(refused):
            refused.request("POST", first.path, "4" + "x" * 100_000)
            assert refused.getresponse().status == 400

        serving.inside(serving.chat.keep_promises)
        wait_until(lambda: serving.chat.handled == [1, 2])
        serving.inside(serving.chat.keep_promises)
        assert waiting.getresponse().status == 200
    wait_until(lambda: serving.chat.handled == [1, 2, 3])
