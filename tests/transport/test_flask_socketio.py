"""Flask-SocketIO's own API on our transport."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import flask
import flask_socketio
import pytest
import socketio
from flask_socketio import Namespace
from socketio.exceptions import ConnectionError

from chatapp.transport import Realtime
from tests.support import closing
from tests.support.waiting import wait_until
from tests.transport.serving import Serving

Connect = Callable[..., socketio.SimpleClient]


def flask_socketio_of(realtime: Realtime) -> Any:
    """What code that is written for Flask-SocketIO gets from a Flask app."""
    return realtime._app.extensions["socketio"]


@pytest.fixture
def flask_serving(serve: Callable[..., Serving]) -> Serving:
    def configure(realtime: Realtime) -> list[tuple[str, str]]:
        """Returns who has gone, and why."""
        socketio = flask_socketio_of(realtime)
        gone: list[tuple[str, str]] = []

        @socketio.on("connect")
        def connect(auth: Any) -> bool | None:
            if auth == {"name": "unwanted"}:
                return False
            if auth == {"name": "clumsy"}:
                raise TypeError("a bug that looks like a wrong signature")
            if auth == {"name": "unlucky"}:
                raise ValueError("an error that an error handler has an answer to")
            flask_socketio.join_room("hall")
            return None

        @socketio.on("disconnect")
        def disconnect(reason: str) -> None:
            gone.append((flask.request.sid, reason))

        @socketio.on("say")
        def say(text: str) -> tuple[str, int]:
            flask_socketio.emit("said", text, to="hall", include_self=False)
            return "ok", len(text)

        @socketio.on("ask back")
        def ask_back(_: Any) -> None:
            flask_socketio.emit(
                "question", 6, callback=lambda *answer: socketio.emit("got", answer)
            )

        @socketio.on("rooms")
        def rooms() -> list[str]:
            return sorted(flask_socketio.rooms())

        @socketio.on("leave")
        def leave(_: Any) -> None:
            flask_socketio.leave_room("hall")

        @socketio.on("kick me")
        def kick(_: Any) -> None:
            flask_socketio.disconnect()

        socketio.on_error_default(lambda error: "handled")
        socketio.on_event("fail", lambda _: 1 / 0)
        return gone

    return serve(configure)


def test_rooms_emit_and_acks_work(flask_serving: Serving, connect: Connect) -> None:
    ana, bert, kim = (connect(flask_serving.url) for _ in range(3))

    assert kim.call("leave", 1) is None
    assert ana.call("say", "hola") == ("ok", 4)

    assert bert.receive() == ["said", "hola"]
    assert "hall" in bert.call("rooms")
    assert "hall" not in kim.call("rooms")
    flask_serving.inside(lambda: flask_socketio_of(flask_serving.realtime).emit("all", {"n": 1}))
    assert ana.receive() == kim.receive() == ["all", {"n": 1}]


def test_an_emit_can_be_to_one_and_skip_some(flask_serving: Serving, connect: Connect) -> None:
    ana, bert, kim = (connect(flask_serving.url) for _ in range(3))
    emit = flask_socketio_of(flask_serving.realtime).emit

    flask_serving.inside(lambda: emit("one", 1, to=ana.sid))
    flask_serving.inside(lambda: emit("two", 2, to="hall", skip_sid=ana.sid))
    flask_serving.inside(lambda: emit("three", 3, to=["hall", bert.sid], skip_sid=[ana.sid]))

    assert ana.receive() == ["one", 1]
    for client in (bert, kim):
        assert [client.receive() for _ in range(2)] == [
            ["two", 2],
            ["three", 3],
        ]
    assert ana.call("rooms") is not None
    assert ana.input_buffer == bert.input_buffer == []


def test_clients_can_answer_the_server(flask_serving: Serving) -> None:
    client = closing.Client()
    got: list[Any] = []
    client.on("question", lambda n: n * 7)
    client.on("got", got.append)
    client.connect(flask_serving.url)

    client.emit("ask back", 1)

    wait_until(lambda: got == [42])
    client.disconnect()


@pytest.mark.parametrize("answer", ["430[]", "43999[1]"])
def test_an_answer_to_no_question_is_nothing(
    flask_serving: Serving, caplog: pytest.LogCaptureFixture, answer: str
) -> None:
    client = flask_serving.raw().join()
    client.say('42["ask back",1]')
    assert client.packet() == b'421["question",6]'

    client.say(answer)

    assert client.ask("say", "well", id=7) == "ok"
    assert caplog.text == ""
    client.say(b"41")
    manager = flask_socketio_of(flask_serving.realtime).server.manager
    wait_until(lambda: flask_serving.inside(lambda: manager.callbacks) == {})


@pytest.mark.parametrize("name", ["unwanted", "clumsy", "unlucky"])
def test_a_connect_handler_that_fails_never_lets_in(flask_serving: Serving, name: str) -> None:
    client = closing.Client()

    with pytest.raises(ConnectionError):
        client.connect(flask_serving.url, auth={"name": name})

    client.disconnect()
    wait_until(lambda: flask_serving.connections == 0)


def test_a_payload_that_nobody_can_decode_is_refused(
    flask_serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    client = flask_serving.raw().join()

    client.say(f'421["say",{"[" * 5000 + "]" * 5000}]')

    assert client.ack(1)["error"]["message"] == "The event is nested too deep."
    assert caplog.text == ""


def test_error_handlers_answer_for_events(flask_serving: Serving, connect: Connect) -> None:
    assert connect(flask_serving.url).call("fail", 1) == "handled"


def test_the_server_can_disconnect(flask_serving: Serving) -> None:
    client = closing.Client()
    client.connect(flask_serving.url)
    sid = client.get_sid()

    client.emit("kick me", 1)
    client.wait()

    assert not client.connected
    wait_until(lambda: flask_serving.chat == [(sid, "server disconnect")])


def test_sessions_and_class_based_handlers_work(
    serve: Callable[..., Serving], connect: Connect
) -> None:
    class Counter(Namespace):
        def on_count(self, _: Any) -> int:
            flask.session["count"] = flask.session.get("count", 0) + 1
            return flask.session["count"]

    def configure(realtime: Realtime) -> None:
        realtime._app.secret_key = "for tests"
        flask_socketio_of(realtime).on_namespace(Counter("/"))

    client = connect(serve(configure).url)

    assert [client.call("count", 0) for _ in range(3)] == [1, 2, 3]


def test_there_is_one_namespace(serve: Callable[..., Serving]) -> None:
    with pytest.raises(ValueError, match="no namespace"):
        serve(lambda realtime: flask_socketio_of(realtime).on_event("x", print, namespace="/admin"))


RUN = """
import flask, gevent, sys
from chatapp.transport import Realtime

app = flask.Flask("a")
realtime = Realtime(app)
realtime.on_connect(lambda *_: None)
realtime.receive("ours", lambda *_: None)
libraries = {"engineio", "flask_socketio", "socketio", "aiohttp", "chatapp.transport.compat"}
print(sorted(libraries & sys.modules.keys()))

socketio = app.extensions["socketio"]
handled = socketio.on("say")(print)
print(sorted(libraries & sys.modules.keys()))

import flask_socketio
print(isinstance(socketio, flask_socketio.SocketIO), handled is print)

def stop():
    while not (realtime._listener and realtime._listener.started):
        gevent.sleep(0.01)
    socketio.stop()

gevent.spawn(stop)
socketio.run(app, port=0)
print("ended")
"""


def test_the_libraries_are_loaded_when_they_are_used() -> None:
    run = subprocess.run(
        [sys.executable, "-c", RUN], capture_output=True, text=True, timeout=60, check=True
    )

    assert run.stdout.splitlines() == [
        "[]",
        "['aiohttp', 'chatapp.transport.compat', 'engineio', 'flask_socketio', 'socketio']",
        "True True",
        "ended",
    ]
