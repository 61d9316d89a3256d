"""The holes of the stack that we stand on, each shown there, and shown to be closed here.

The stock stack runs beside ours in a process of its own. If one of its halves of these tests
fails, a new release has closed the hole, and ours may have become simpler.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import gevent
import pytest
import requests
import socketio

from chatapp.transport import Realtime
from chatapp.transport.compat.client_manager import ClientManager
from chatapp.transport.wire.frames import CONTINUATION, TEXT
from tests.support.ports import free_port
from tests.support.waiting import wait_until
from tests.transport.raw import RawClient, masked, text
from tests.transport.serving import Serving
from tests.transport.stock import Stock

LONG = "x" * 20_000
MEGABYTE = masked(CONTINUATION, bytes(1_000_000), mask=bytes(4))


@pytest.fixture(scope="module")
def stock() -> Iterator[Stock]:
    stock = Stock(free_port())
    yield stock
    stock.stop()


@pytest.fixture
def stock_client(stock: Stock) -> Iterator[Callable[..., RawClient]]:
    clients: list[RawClient] = []

    def stock_client(**options: Any) -> RawClient:
        clients.append(RawClient(stock.address, **options))
        return clients[-1]

    yield stock_client
    for client in clients:
        client.close()


StockClient = Callable[..., RawClient]


def test_hole_1_and_3_a_slow_readers_stream_is_cut_up_and_its_queue_has_no_end(
    stock: Stock, stock_client: StockClient
) -> None:
    """Ours: test_websocket.py, the tests of slow readers."""
    slow, speaker = stock_client(receive_buffer=4096).join(), stock_client().join()
    before = stock.memory_megabytes()

    for number in range(1_500):
        speaker.say(f'421["say","{number:06d}{LONG}"]')
        speaker.ack(1)

    assert stock.memory_megabytes() - before > 15
    whole = 0
    with suppress(AssertionError, EOFError, TimeoutError, IndexError):
        while slow.packet(2) == f'42["said","{whole:06d}{LONG}"]'.encode():
            whole += 1
    assert whole < 1_500


def test_hole_2_messages_are_assembled_before_they_are_measured(
    stock: Stock, stock_client: StockClient
) -> None:
    client = stock_client().join()
    least = stock.memory_megabytes()

    def has_grown() -> bool:
        """What the test before has left may still be given back meanwhile."""
        nonlocal least
        now = stock.memory_megabytes()
        least = min(least, now)
        return now - least > 25

    client.socket.sendall(masked(TEXT, b"42") + MEGABYTE * 30)

    wait_until(has_grown)
    assert (
        "permessage-deflate"
        in stock_client(headers={"Sec-WebSocket-Extensions": "permessage-deflate"}).head
    )


def test_hole_2_here_a_message_without_end_is_closed_and_nothing_of_it_kept(
    serving: Serving,
) -> None:
    client = serving.raw(headers={"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert "permessage-deflate" not in client.head
    client.join()
    reader = serving.chat.connected[0][0].transport._reader

    client.socket.sendall(masked(TEXT, b"42") + MEGABYTE * 10)
    wait_until(lambda: reader._size > 9_000_000)
    assert reader._fragments is None
    assert len(reader._incomplete) < 100
    with suppress(OSError):
        client.socket.sendall(MEGABYTE * 10)

    assert client.close_code() == 1009


def test_hole_4_lifecycle_handlers_can_be_run_by_anyone(stock_client: StockClient) -> None:
    """Ours: test_server.py, what the transport refuses."""
    witness, forger = stock_client().join(), stock_client().join()

    forger.say('42["connect",{},{"name":"forged"}]')

    assert witness.packet() == b'42["connected as",{"name":"forged"}]'


def test_hole_5_events_of_one_client_overtake_each_other(
    stock_client: StockClient, serve: Callable[..., Serving]
) -> None:
    words = text('421["slowly",0.5]') + text('422["slowly",0]')
    client = stock_client().join()

    client.socket.sendall(words)
    assert [client.packet()[:3], client.packet()[:3]] == [b"432", b"431"]

    ours = serve(_with_a_slow_handler).raw().join()
    ours.socket.sendall(words)
    assert [ours.packet()[:3], ours.packet()[:3]] == [b"431", b"432"]


def _with_a_slow_handler(realtime: Realtime) -> None:
    realtime.receive("slowly", lambda connection, payload: gevent.sleep(float(payload)))


def test_hole_6_announced_attachments_swallow_what_follows(stock_client: StockClient) -> None:
    """Ours: test_server.py, what the transport refuses."""
    client = stock_client().join()

    client.say('45999999999-1["say",{"_placeholder":true,"num":0}]')
    client.say('422["say","are you there?"]')

    with pytest.raises(TimeoutError):
        client.packet(0.5)


def test_hole_7_nonsense_prints_tracebacks_and_strangers_linger(
    serving: Serving, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Strangers: the next test. More nonsense: test_fuzz.py."""
    nonsense = [text("9"), text(""), text("4{"), text("42{"), text('42["say"'), text("4999")]
    stock = Stock(free_port())
    for words in nonsense:
        client = RawClient(stock.address).join()
        client.socket.sendall(words)
        with suppress(TimeoutError, EOFError, AssertionError):
            client.frame(0.2)
        client.close()
    assert "Traceback" in stock.stop()

    for words in nonsense:
        client = serving.raw().join()
        client.socket.sendall(words)
        assert client.close_code() == 1002
    assert serving.raw().join().ask("echo", "well") == "well"
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_hole_8_a_cookie_without_an_origin_is_let_in(
    serving: Serving, stock_client: StockClient
) -> None:
    assert stock_client(headers={"Cookie": "session=stolen"}).status == 101
    assert serving.raw(headers={"Cookie": "session=stolen"}).status == 403


def test_hole_7_who_never_finishes_connecting_stays(
    serve: Callable[..., Serving], stock_client: StockClient
) -> None:
    stranger = stock_client()
    ours = serve(handshake_seconds=1.0).raw()
    ours.packet()

    assert ours.close_code() == 1001

    assert stranger.packet().startswith(b"0")
    with pytest.raises(TimeoutError):
        stranger.frame(0.5)


def test_hole_8_who_has_signed_out_is_still_who_they_were(
    stock: Stock, stock_client: StockClient
) -> None:
    """Ours: tests/features/accounts/test_reaching_sockets.py; signing out closes the sockets."""
    with requests.Session() as browser:
        url = f"http://127.0.0.1:{stock.address[1]}/"
        browser.get(url + "login")
        cookie = f"session={browser.cookies['session']}"
        socket = stock_client(headers={"Cookie": cookie}).join()
        browser.get(url + "logout")
        assert "session" not in browser.cookies

    assert socket.ask("who am i") == "ana"


@pytest.mark.parametrize("name", ["clumsy", "unlucky"])
def test_hole_9_a_connect_handler_that_fails_lets_in(stock_client: StockClient, name: str) -> None:
    """Ours: test_flask_socketio.py, a connect handler that fails never lets in."""
    stock_client().join({"name": name})


def test_hole_10_what_a_broker_did_not_take_is_heard_by_some_and_acked() -> None:
    """Ours: tests/features/messages/test_doors.py; what the log did not take is heard by nobody."""
    stock = Stock(free_port(), "no-redis")
    speaker, hearer = (RawClient(stock.address).join() for _ in range(2))

    assert speaker.ask("say", "hola") == "ok"
    assert hearer.packet() == b'42["said","hola"]'

    speaker.close()
    hearer.close()
    assert "Cannot publish to redis... giving up" in stock.stop()


def test_hole_10_here_no_broker_decides_what_is_delivered() -> None:
    """Rooms live in this process, and what was sent is in the log of whoever sends it."""
    assert not issubclass(ClientManager, socketio.PubSubManager)
