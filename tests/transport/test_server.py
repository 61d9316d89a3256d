"""What Realtime promises to the rest of the house, over real sockets and with stock clients."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError

import gevent
import pytest
import socketio
from gevent.hub import get_hub
from socketio.exceptions import ConnectionError

from chatapp.transport import EVERYONE, Connection, Realtime
from chatapp.transport.http.listening import bind
from chatapp.transport.wire.frames import BINARY
from tests.support import closing
from tests.support.waiting import wait_until
from tests.transport.raw import masked, text
from tests.transport.serving import Serving

TRANSPORTS: list[Any] = [None, ["polling"], ["websocket"]]


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["upgrade", "polling", "websocket"])
def test_stock_clients_hear_everyone_but_themselves_in_order(
    serving: Serving, connect: Callable[..., socketio.SimpleClient], transports: Any
) -> None:
    ana = connect(serving.url, transports=transports)
    bert = connect(serving.url, transports=transports)
    kim = connect(serving.url, transports=transports)

    for number in range(100):
        ana.emit("say", {"number": number})
    assert ana.call("say", "last") == {"ok": True}

    for listener in (bert, kim):
        heard = [listener.receive() for _ in range(101)]
        assert heard == [*(["said", {"number": n}] for n in range(100)), ["said", "last"]]
    bert.emit("say", "to ana")
    assert ana.receive() == ["said", "to ana"]
    assert ana.client.eio.current_transport == (transports or ["websocket"])[0]


def test_client_with_default_settings_gets_acks_through_callbacks(serving: Serving) -> None:
    answers: list[Any] = []
    client = closing.Client()
    client.connect(serving.url, auth={"name": "ana"})

    client.emit("echo", {"a": 1}, callback=answers.append)

    wait_until(lambda: answers == [{"a": 1}])
    assert serving.chat.connected[0][1] == b'{"name":"ana"}'
    client.disconnect()
    wait_until(lambda: serving.connections == 0)


def test_a_refused_client_learns_why(serving: Serving) -> None:
    client = closing.Client()
    errors: list[Any] = []
    client.on("connect_error", errors.append)

    with pytest.raises(ConnectionError):
        client.connect(serving.url, auth={"name": "unwanted"})

    assert errors == [{"code": "unauthorized", "message": "You are unwanted."}]
    client.disconnect()


def test_a_refused_client_may_try_again_on_the_same_websocket(serving: Serving) -> None:
    client = serving.raw()
    client.packet()

    client.say(b'40{"name":"unwanted"}')
    assert client.packet().startswith(b'44{"code":"unauthorized"')
    client.say(b'40{"name":"ana"}')

    assert client.packet().startswith(b'40{"sid"')


def test_what_is_sent_while_connecting_comes_after_the_connect_packet(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(
        lambda realtime: realtime.on_connect(
            lambda connection, auth, environ: realtime.send(connection, "welcome", {})
        )
    )
    client = serving.raw()
    client.packet()

    client.say(b"40")

    assert client.packet().startswith(b"40")
    assert client.packet() == b'42["welcome",{}]'


def test_there_is_no_other_namespace(serving: Serving) -> None:
    client = serving.raw()
    client.packet()

    client.say(b"40/admin,")

    assert client.packet() == b'44/admin,{"message":"Invalid namespace"}'


@pytest.mark.parametrize("event", ['421["promise",1]', '42["promise",1,2]'])
def test_events_before_the_connect_packet_close_the_connection(
    serving: Serving, event: str
) -> None:
    client = serving.raw()
    client.packet()

    client.say(event)
    client.say(b"40")

    assert client.close_code() == 1002
    assert serving.chat.handled == []
    assert serving.chat.connected == []


@pytest.mark.parametrize("packet", ["4abc", "42{}", '42abc["echo",1]', '42["echo",', "2", "x", ""])
def test_what_is_no_packet_closes_the_connection_with_the_reason(
    serving: Serving, packet: str
) -> None:
    client = serving.raw().join()

    client.socket.sendall(text('421["echo",1]') + text(packet) + text('422["echo",2]'))

    assert client.packet() == b"431[1]"
    name, payload = json.loads(client.packet()[2:])
    assert (name, payload["reason"][-1]) == ("closing", ".")
    assert client.close_code() == 1002
    wait_until(lambda: serving.chat.gone == ["parse error"])


def test_binary_messages_are_read_past_if_an_event_has_announced_them(serving: Serving) -> None:
    client, forger = serving.raw().join(), serving.raw().join()
    binary = masked(0x80 | BINARY, b"\x00\x01")
    large = masked(0x80 | BINARY, bytes(200_000))

    client.say('452-1["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    client.socket.sendall(binary + large)
    assert client.ack(1)["error"]["message"] == "Binary attachments are not accepted."
    assert client.ask("echo", "still here", id=2) == "still here"

    forger.socket.sendall(binary)
    assert forger.close_code() == 1002


def test_in_another_namespace_everything_is_refused(serving: Serving) -> None:
    client = serving.raw().join()

    client.say("40/other,")
    assert client.packet() == b'44/other,{"message":"Invalid namespace"}'
    client.say("41/other,")
    client.say('42/other,7["echo",1]')

    prefix = b"43/other,7"
    answer = client.packet()
    assert answer.startswith(prefix)
    message = json.loads(answer[len(prefix) :])[0]["error"]["message"]
    assert message == "There is only the namespace /."
    assert client.ask("echo", 1) == 1


@pytest.mark.parametrize(
    ("packet", "message"),
    [
        ('421["nonsense",{}]', "There is no event of this name."),
        (
            '421["connect",{"name":"forged"}]',
            "connect and disconnect are reserved; clients cannot send them.",
        ),
        ('421["disconnect"]', "connect and disconnect are reserved; clients cannot send them."),
        ('421["echo",1,2]', "An event has one payload; this one has more."),
        ("421[7,{}]", "There is no event of this name."),
        (
            '421["echo","\\ud800"]',
            "A text contains an unpaired surrogate, \\ud800 to \\udfff.",
        ),
        ('451-1["echo",{"_placeholder":true,"num":0}]', "Binary attachments are not accepted."),
        ('421["echo","' + "x" * 1_000_000 + '"]', "The event is too large."),
    ],
)
def test_what_the_transport_refuses_is_acked_and_the_connection_stays(
    serving: Serving, packet: str, message: str
) -> None:
    client = serving.raw().join()

    client.say(packet)

    assert client.ack(1) == {"ok": False, "error": {"code": "bad_payload", "message": message}}
    assert client.ask("echo", "still here", id=2) == "still here"
    assert len(serving.chat.connected) == 1
    assert serving.chat.gone == []


def test_the_application_says_how_refusals_are_acked(serve: Callable[..., Serving]) -> None:
    def configure(realtime: Realtime) -> None:
        realtime.answer_errors(refused=lambda why: {"no": why.name})

    serving = serve(configure)
    client = serving.raw().join()

    assert client.ask("nonsense", {}) == {"no": "UNKNOWN_EVENT"}


def test_rooms_are_entered_and_left(serving: Serving) -> None:
    inside, outside = serving.raw().join(), serving.raw().join()
    realtime = serving.realtime
    (first, _), (second, _) = serving.chat.connected

    def whisper(word: str) -> None:
        realtime.broadcast("whispered", word, room="cellar")

    serving.inside(lambda: realtime.enter(first, "cellar"))
    serving.inside(lambda: whisper("one"))
    serving.inside(lambda: (whisper("two"), realtime.leave(first, "cellar"), whisper("three")))

    assert inside.packet() == b'42["whispered","one"]'
    assert inside.packet() == b'42["whispered","two"]'
    assert inside.ask("echo", 1) == 1
    assert outside.ask("echo", 2) == 2
    assert serving.inside(lambda: list(realtime.members("cellar"))) == []
    assert serving.inside(lambda: set(realtime.members("hall"))) == {first, second}


def test_a_closed_client_is_told_why_and_heard_of_once(serving: Serving) -> None:
    client = serving.raw().join()
    connection = serving.chat.connected[0][0]

    serving.inside(lambda: serving.realtime.close(connection, "banned"))
    serving.inside(lambda: serving.realtime.close(connection, "banned again"))

    assert client.packet() == b'42["closing",{"reason":"banned"}]'
    assert client.close_code() == 1000
    wait_until(lambda: serving.chat.gone == ["server disconnect"])
    assert not connection.open
    assert connection.rooms == {"hall"}
    wait_until(lambda: serving.connections == 0)


def test_closed_for_good_means_that_stock_clients_stay_away(serving: Serving) -> None:
    client = closing.Client(reconnection_delay=0.01)
    client.connect(serving.url)
    wait_until(lambda: len(serving.chat.connected) == 1)
    connection = serving.chat.connected[0][0]

    serving.inside(lambda: serving.realtime.close(connection, "banned", for_good=True))
    client.wait()

    assert not client.connected
    assert len(serving.chat.connected) == 1


def test_a_client_that_leaves_stays_connected_but_hears_nothing(serving: Serving) -> None:
    client, speaker = serving.raw().join(), serving.raw().join()

    client.say(b"41")
    wait_until(lambda: serving.chat.gone == ["client disconnect"])
    connection = serving.chat.connected[0][0]
    serving.inside(lambda: serving.realtime.enter(connection, "hall"))
    speaker.ask("say", 1)
    client.say(b"40")

    assert b"You have left this connection." in client.packet()
    assert serving.connections == 2
    client.say('42["say",1]')
    assert client.close_code() == 1002
    assert serving.chat.gone == ["client disconnect"]


def test_a_client_that_leaves_and_stays_is_dropped(serve: Callable[..., Serving]) -> None:
    serving = serve(handshake_seconds=1.0)
    client = serving.raw().join()

    client.say(b"41")

    assert client.close_code() == 1001
    assert serving.chat.gone == ["client disconnect"]


def test_a_client_that_leaves_is_heard_of(serving: Serving) -> None:
    polite, silent = serving.raw().join(), serving.raw().join()

    polite.say(b"41")
    wait_until(lambda: serving.chat.gone == ["client disconnect"])
    silent.close()

    wait_until(lambda: serving.chat.gone == ["client disconnect", "transport close"])
    assert serving.inside(lambda: serving.realtime._engine.by_sid) == {}
    assert serving.inside(lambda: list(serving.realtime.members("hall"))) == []
    assert serving.inside(lambda: list(serving.realtime.members(EVERYONE))) == []


def test_a_handler_that_hears_of_a_loss_may_wait(serve: Callable[..., Serving]) -> None:
    """Also when the event loop itself noticed the loss, which may not."""
    gone: list[str] = []

    def configure(realtime: Realtime) -> list[Connection]:
        def farewell(_: Connection, reason: str) -> None:
            gevent.sleep(0.01)
            gone.append(reason)

        realtime.on_disconnect(farewell)
        here: list[Connection] = []
        realtime.on_connect(lambda connection, *_: here.append(connection))
        return here

    serving = serve(configure)
    serving.raw().join()
    engine = serving.realtime._engine

    serving.inside(
        lambda: get_hub().loop.run_callback(engine.lost, serving.chat[0], "noticed by the loop")
    )

    wait_until(lambda: gone == ["noticed by the loop"])


def test_a_handler_sees_a_connection(serve: Callable[..., Serving]) -> None:
    seen: list[Connection] = []
    environs: list[dict[str, Any]] = []

    def configure(realtime: Realtime) -> None:
        def let_in(connection: Connection, auth: bytes, environ: dict[str, Any]) -> None:
            environs.append(environ)
            connection.person = auth

        def look(connection: Connection, payload: bytes) -> None:
            seen.append(connection)

        realtime.on_connect(let_in)
        realtime.receive("look", look)

    serving = serve(configure)
    client = serving.raw(headers={"Cookie": "a=b", "Origin": serving.url})
    client.join({"name": "ana"})
    client.ask("look", {})

    [connection] = seen
    assert connection.address == "127.0.0.1"
    assert connection.person == b'{"name": "ana"}'
    assert connection.open
    assert environs[0]["HTTP_COOKIE"] == "a=b"
    assert connection.environ is None


def test_web_pages_are_served_on_the_same_port(serving: Serving) -> None:
    with pytest.raises(HTTPError, match="404"):
        urllib.request.urlopen(serving.url + "/nothing")


def test_a_port_in_use_is_an_oserror(serving: Serving) -> None:
    with pytest.raises(OSError, match="in use"):
        bind(*serving.address)


@pytest.mark.parametrize("auth", ["{", "[1", '"\\ud800"', "hello"])
def test_auth_that_is_not_json_is_a_connect_error(
    serving: Serving, auth: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = serving.raw()
    client.packet()

    client.say("40" + auth)

    assert client.packet() == b'44{"message":"The auth is not valid JSON."}'
    assert serving.chat.connected == []
    assert caplog.text == ""
