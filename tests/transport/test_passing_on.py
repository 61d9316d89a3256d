"""Requests that reach another process than the one that has their session."""

import http.client
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gevent
import pytest
import socketio

from chatapp.transport.http.forwarding import CONTINUE
from chatapp.transport.peers import Peers
from chatapp.transport.server import COMERS_A_SECOND
from chatapp.transport.wire import passed_on
from chatapp.transport.wire.passed_on import Client
from tests.support.balancer import Balancer
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.raw import RawClient
from tests.transport.serving import Serving
from tests.transport.test_polling import Poller

KEY = b"the same for both"
UNKNOWN = {"code": 1, "message": "Session ID unknown"}
POLL = "/socket.io/?EIO=4&transport=polling"


class Pair:
    """Two processes of one chat: `first` gets the requests, `owner` has the sessions."""

    def __init__(self, serve: Callable[..., Serving], **options: Any) -> None:
        self._options = options
        self.now = 1_000_000.0
        self.addresses: dict[str, tuple[str, int]] = {}
        self.first, self.owner = (self._start(serve, node) for node in ("n1", "n2"))

    def _start(self, serve: Callable[..., Serving], node: str) -> Serving:
        peers = Peers(node, KEY, self.addresses.get, lambda: self.now)
        serving = serve(peers=peers, **self._options)
        self.addresses[node] = serving.inside(
            lambda: serving.realtime.listen_internally("127.0.0.1", 0)
        )
        return serving

    def poller(self) -> Poller:
        """Has its session at the owner, and asks the first from now on."""
        poller = Poller(self.owner)
        poller.http.close()
        poller.http = http.client.HTTPConnection(*self.first.address, timeout=DEADLINE_SECONDS)
        return poller

    def sign(self, target: str, method: str = "GET", address: str = "198.51.100.7") -> str:
        return passed_on.sign(KEY, self.now, method, target, Client(address, "http"))


@pytest.fixture
def pair(serve: Callable[..., Serving]) -> Pair:
    return Pair(serve)


@pytest.fixture
def poller(pair: Pair) -> Iterator[Poller]:
    with closing(pair.poller()) as poller:
        yield poller


# Polling


def test_a_session_names_its_process_only_where_there_are_several(
    pair: Pair, serving: Serving
) -> None:
    with closing(Poller(pair.owner)) as one, closing(Poller(serving)) as other:
        assert one.open["sid"].startswith("n2.")
        assert "." not in other.open["sid"]


def test_polls_and_posts_reach_the_owner(pair: Pair, poller: Poller) -> None:
    poller.join()

    events = b"\x1e".join(b'42%d["echo",%d]' % (n, n) for n in range(100))
    assert poller.post(events) == (200, b"ok")
    assert poller.get()[1].split(b"\x1e") == [b"43%d[%d]" % (n, n) for n in range(100)]
    assert poller.post([b'427["ec', b'ho","in chunks"]']) == (200, b"ok")
    assert poller.get() == (200, b'437["in chunks"]')

    assert pair.first.connections == 0
    assert pair.owner.connections == 1


def test_a_poll_waits_at_the_owner(pair: Pair, poller: Poller) -> None:
    poller.join()
    answers: list[bytes] = []
    waiting = threading.Thread(target=lambda: answers.append(poller.get()[1]))
    waiting.start()
    connection = pair.owner.chat.connected[0][0]
    wait_until(lambda: pair.owner.inside(lambda: connection.transport.is_polled))

    pair.owner.inside(lambda: pair.owner.realtime.send(connection, "news", 1))

    waiting.join(DEADLINE_SECONDS)
    assert answers == [b'42["news",1]']


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_request_that_is_too_large_ends_the_session(
    pair: Pair, poller: Poller, monkeypatch: pytest.MonkeyPatch, in_chunks: bool
) -> None:
    for module in ("engineio_endpoint", "forwarding"):
        monkeypatch.setattr(f"chatapp.transport.http.{module}.HARD_LIMIT", 100_000)
    poller.join()
    body = [b'42["echo","' + b"x" * 10_000 + b'"]\x1e'] * 20

    status, _ = poller.post(body if in_chunks else b"".join(body))

    assert status == 413
    wait_until(lambda: pair.owner.chat.gone == ["transport error"])


def test_a_request_that_breaks_off_ends_the_session(pair: Pair, poller: Poller) -> None:
    poller.join()

    with socket.create_connection(pair.first.address) as client:
        head = f"POST {poller.path} HTTP/1.1\r\nHost: chat\r\nContent-Length: 100\r\n\r\n"
        client.sendall(head.encode() + b'42["echo",1]')
        client.shutdown(socket.SHUT_WR)
        client.settimeout(DEADLINE_SECONDS)
        assert client.recv(4096).startswith(b"HTTP/1.1 400 ")

    wait_until(lambda: pair.owner.chat.gone == ["transport error"])


def test_only_get_and_post_are_passed_on(pair: Pair, poller: Poller) -> None:
    poller.http.request("PUT", poller.path, b"40")

    with poller.http.getresponse() as response:
        assert response.status == 405


# WebSockets


def upgraded(pair: Pair, poller: Poller) -> RawClient:
    poller.join()
    client = pair.first.raw(query=f"&sid={poller.open['sid']}")
    assert client.status == 101
    client.say("2probe")
    assert client.packet() == b"3probe"
    client.say("5")
    connection = pair.owner.chat.connected[0][0]
    wait_until(lambda: pair.owner.inside(lambda: connection.transport.name) == "websocket")
    return client


def test_a_session_moves_to_a_websocket_through_another_process(pair: Pair, poller: Poller) -> None:
    client = upgraded(pair, poller)

    long = "x" * 120_000
    for number in range(10):
        client.say(f'42{number}["echo",' + json.dumps(long) + "]")
    assert [client.ack(number) for number in range(10)] == [long] * 10
    assert open_tunnels(pair) == 1


def test_the_owner_says_goodbye_through_the_tunnel(pair: Pair, poller: Poller) -> None:
    client = upgraded(pair, poller)

    pair.owner.inside(
        lambda: pair.owner.realtime.close(pair.owner.chat.connected[0][0], "as you wish")
    )

    assert client.packet() == b'42["closing",{"reason":"as you wish"}]'
    assert client.close_code() == 1000
    with pytest.raises(EOFError):
        client.frame()
    client.close()
    wait_until(lambda: open_tunnels(pair) == 0)


def test_the_owner_notices_that_the_client_goes(pair: Pair, poller: Poller) -> None:
    client = upgraded(pair, poller)
    assert open_tunnels(pair) == 1

    client.close()

    wait_until(lambda: pair.owner.chat.gone == ["transport close"])
    wait_until(lambda: open_tunnels(pair) == 0)


def test_a_client_that_does_not_read_is_disconnected_by_the_owner(
    pair: Pair, poller: Poller
) -> None:
    client = upgraded(pair, poller)
    connection = pair.owner.chat.connected[0][0]

    def send_much() -> None:
        while connection.open:
            pair.owner.realtime.send(connection, "news", "x" * 100_000)
            gevent.sleep(0)

    pair.owner.inside(send_much)

    assert pair.owner.chat.gone == ["slow reader"]
    client.close()
    wait_until(lambda: open_tunnels(pair) == 0)


def test_tunnels_end_with_their_process(pair: Pair, poller: Poller) -> None:
    client = upgraded(pair, poller)

    pair.first.stop_with("restart")

    with pytest.raises((EOFError, ConnectionResetError)):
        client.packet()
    wait_until(lambda: pair.owner.chat.gone == ["transport close"])


def test_what_is_no_upgrade_is_not_passed_on(pair: Pair, poller: Poller) -> None:
    poller.http.request("GET", poller.path.replace("polling", "websocket"))

    with poller.http.getresponse() as response:
        assert response.status == 400
        assert json.loads(response.read())["message"] == "Not a WebSocket upgrade"


def open_tunnels(pair: Pair) -> int:
    forwarder = pair.first.realtime._forwarder
    assert forwarder is not None
    return pair.first.inside(lambda: forwarder.sockets) // 2


# Stopping


def test_where_others_go_on_clients_are_told_when_to_come(pair: Pair) -> None:
    clients = [pair.first.raw().join() for _ in range(20)]

    pair.first.stop_with("restart")

    told = [json.loads(client.packet()[2:])[1] for client in clients]
    assert {each["reason"] for each in told} == {"restart"}
    pauses = [each["retry_after"] for each in told]
    assert 0 <= min(pauses) < max(pauses) <= len(clients) / COMERS_A_SECOND


# Stock clients


@pytest.mark.parametrize("transports", [None, ["polling"]])
def test_a_stock_client_stays_connected_behind_a_balancer(
    serve: Callable[..., Serving],
    connect: Callable[..., socketio.SimpleClient],
    transports: list[str] | None,
) -> None:
    pair = Pair(serve, ping_interval=1.0)  # python-engineio may wait for one before it ends
    with Balancer(pair.first.address[1], pair.owner.address[1]) as balancer:
        client = connect(balancer.url, transports=transports)
        sid = client.sid

        for number in range(50):
            assert client.call("echo", number, timeout=DEADLINE_SECONDS) == number

        assert client.sid == sid
        assert set(balancer.answers) == {("polling", 200)} if transports else {("websocket", 101)}
    everyone = [*pair.first.chat.connected, *pair.owner.chat.connected]
    assert len(everyone) == 1


# An owner that is lost


@pytest.mark.parametrize("how", ["unknown", "gone", "silent", "dies", "with another secret"])
def test_a_session_whose_owner_is_lost_is_unknown(
    pair: Pair, poller: Poller, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("chatapp.transport.http.forwarding.ACCEPT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as other:
        if how == "unknown":
            del pair.addresses["n2"]
        elif how == "gone":
            other.close()
        if how in ("gone", "silent", "dies"):
            pair.addresses["n2"] = ("127.0.0.1", other.getsockname()[1] if how != "gone" else 1)
        if how == "with another secret":
            monkeypatch.setattr(passed_on, "verify", lambda *_: None)
        if how == "dies":
            threading.Thread(target=accept_and_die, args=(other,), daemon=True).start()

        status, body = poller.get()

    assert (status, json.loads(body)) == (400, UNKNOWN)
    outcomes = pair.first.realtime._forwarder.outcomes  # type: ignore[union-attr]
    assert outcomes["lost"] == 1


def accept_and_die(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(CONTINUE)


def test_a_websocket_whose_owner_is_lost_is_told_so(pair: Pair, poller: Poller) -> None:
    del pair.addresses["n2"]

    client = pair.first.raw(query=f"&sid={poller.open['sid']}")

    assert client.status == 400


def test_an_owner_with_another_secret_is_logged_once(
    pair: Pair, poller: Poller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(passed_on, "verify", lambda *_: None)

    with caplog.at_level(logging.WARNING):
        poller.get()
        poller.get()

    assert [record.message for record in caplog.records] == [
        "n2 refuses what is passed on to it: do all have the same secret?"
    ]


# The internal listener


def ask_internally(pair: Pair, target: str, method: str = "GET", **headers: Any) -> int:
    with closing(http.client.HTTPConnection(*pair.addresses["n2"], timeout=5)) as connection:
        connection.request(
            method, target, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        return connection.getresponse().status  # the library skips "100 Continue"


def test_the_internal_listener_answers_what_is_signed(pair: Pair, poller: Poller) -> None:
    poller.post(b"40")

    assert ask_internally(pair, poller.path, X_Chatapp_Passed_On=pair.sign(poller.path)) == 200


@pytest.mark.parametrize(
    "header",
    [
        lambda pair, target: "",
        lambda pair, target: "nonsense",
        lambda pair, target: passed_on.sign(
            b"another key", pair.now, "GET", target, Client("198.51.100.7", "http")
        ),
        lambda pair, target: pair.sign(target, "POST"),
        lambda pair, target: pair.sign(target + "&more"),
        lambda pair, target: pair.sign(target).replace("198.51.100.7", "198.51.100.8"),
        lambda pair, target: pair.sign(target).replace(" http ", " https "),
        lambda pair, target: pair.sign(target).replace("1000000", "1000001"),
    ],
)
def test_the_internal_listener_refuses_everything_else(
    pair: Pair, poller: Poller, header: Callable[[Pair, str], str]
) -> None:
    poller.post(b"40")

    answer = ask_internally(pair, poller.path, X_Chatapp_Passed_On=header(pair, poller.path))

    assert answer == 403
    assert poller.get()[0] == 200  # the session has not noticed


@pytest.mark.parametrize("target", ["/", POLL, POLL + "&sid=n1.x", POLL + "&sid=n3.x&sid=n2.x"])
def test_what_is_signed_but_of_no_session_of_ours_is_refused(pair: Pair, target: str) -> None:
    assert ask_internally(pair, target, X_Chatapp_Passed_On=pair.sign(target)) == 403


def test_what_was_overheard_is_of_no_use_after_a_minute(pair: Pair, poller: Poller) -> None:
    poller.post(b"40")
    overheard = pair.sign(poller.path)

    pair.now += 59
    assert ask_internally(pair, poller.path, X_Chatapp_Passed_On=overheard) == 200
    pair.now += 2
    assert ask_internally(pair, poller.path, X_Chatapp_Passed_On=overheard) == 403


def test_the_owner_knows_the_clients_address_and_scheme(pair: Pair, poller: Poller) -> None:
    heard: list[str] = []
    pair.owner.realtime.on_cross_site(heard.append)
    header = passed_on.sign(KEY, pair.now, "GET", poller.path, Client("2001:db8::7", "https"))
    host = {"Host": "chat.example", "X_Chatapp_Passed_On": header}

    foreign = ask_internally(pair, poller.path, Origin="http://chat.example", **host)
    poller.post(b"40")
    own = ask_internally(pair, poller.path, Origin="https://chat.example", **host)

    assert (foreign, own) == (403, 200)
    assert heard == ["2001:db8::7"]


def test_a_client_cannot_name_its_address_itself(pair: Pair, poller: Poller) -> None:
    heard: list[str] = []
    pair.owner.realtime.on_cross_site(heard.append)
    pair.first.realtime._engine.origins._others.append("http://evil.example")

    poller.headers["X-Chatapp-Passed-On"] = pair.sign(poller.path)
    poller.headers["Origin"] = "http://evil.example"

    assert poller.get()[0] == 403
    assert heard == ["127.0.0.1"]
