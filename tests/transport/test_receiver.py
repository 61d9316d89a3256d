"""One connection's events, over a real socket: in order, also pipelined."""

import json
from collections.abc import Callable

import gevent
import pytest

from chatapp.transport import Connection, Realtime
from chatapp.transport.receiver import MAX_IN_FLIGHT
from tests.support.waiting import wait_until
from tests.transport.raw import text
from tests.transport.serving import Serving


def emits(event: str, numbers: range) -> bytes:
    return b"".join(text(f"42{n}" + json.dumps([event, n])) for n in numbers)


def test_acks_come_in_the_order_of_the_events(serving: Serving) -> None:
    client = serving.raw().join()

    client.socket.sendall(emits("echo", range(500)))

    assert [client.packet() for _ in range(500)] == [b"43%d[%d]" % (n, n) for n in range(500)]


def test_pipelined_events_do_not_wait_for_each_others_answers(serving: Serving) -> None:
    client = serving.raw().join()

    client.socket.sendall(emits("promise", range(3)))

    wait_until(lambda: serving.chat.handled == [0, 1, 2])
    serving.inside(lambda: [p.resolve(i) for i, p in reversed([*enumerate(serving.chat.promised)])])
    assert [client.packet() for _ in range(3)] == [b"432[2]", b"431[1]", b"430[0]"]


def test_other_events_wait_for_the_answers_before_them(serving: Serving) -> None:
    client = serving.raw().join()

    client.socket.sendall(emits("promise", range(1)) + emits("alone", range(1, 3)))

    wait_until(lambda: serving.chat.handled == [0])
    serving.inside(lambda: serving.chat.promised[0].resolve("a"))
    assert client.packet() == b'430["a"]'
    wait_until(lambda: serving.chat.handled == [0, 1])
    serving.inside(lambda: serving.chat.promised[1].resolve("b"))
    assert client.packet() == b'431["b"]'
    wait_until(lambda: serving.chat.handled == [0, 1, 2])


def test_a_pipelined_event_waits_for_one_that_is_not(serving: Serving) -> None:
    client = serving.raw().join()

    client.socket.sendall(emits("alone", range(1)) + emits("promise", range(1, 2)))
    wait_until(lambda: serving.chat.handled == [0])

    assert serving.inside(lambda: serving.chat.handled) == [0]
    serving.inside(lambda: serving.chat.promised[0].resolve(None))
    wait_until(lambda: serving.chat.handled == [0, 1])


def test_a_client_that_pipelines_without_end_is_slowed_down_not_buffered(serving: Serving) -> None:
    client = serving.raw().join()
    client.socket.settimeout(0.5)
    flood = emits("promise", range(5_000))
    sent = 0

    with pytest.raises(TimeoutError):  # noqa: PT012 - at some point nothing more is taken
        while sent < 1_000 * len(flood):
            sent += client.socket.send(flood)

    wait_until(lambda: len(serving.chat.handled) >= MAX_IN_FLIGHT)
    assert serving.raw().join().ask("echo", 1) == 1
    assert len(serving.chat.handled) == MAX_IN_FLIGHT


def test_a_handler_that_waits_holds_up_its_own_connection_only(
    serve: Callable[..., Serving],
) -> None:
    gate = []

    def configure(realtime: Realtime) -> None:
        def wait(connection: Connection, payload: bytes) -> object:
            while not gate:
                gevent.sleep(0.005)
            return "waited"

        realtime.receive("wait", wait)
        realtime.receive("echo", lambda connection, payload: "here")

    serving = serve(configure)
    first, second = serving.raw().join(), serving.raw().join()
    first.say('421["wait"]')
    first.say('422["echo"]')

    assert second.ask("echo") == "here"
    gate.append("open")

    assert first.packet() == b'431["waited"]'
    assert first.packet() == b'432["here"]'
    second.close()


def test_a_handler_that_fails_is_answered_and_logged(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    client = serving.raw().join()

    answer = client.ask("crash", {})

    assert answer == {
        "ok": False,
        "error": {"code": "unavailable", "message": "Something went wrong on the server."},
    }
    assert client.ask("echo", 1, id=2) == 1
    assert "The handler of 'crash' failed." in caplog.text


def test_a_promise_that_fails_is_answered_too(serving: Serving) -> None:
    client = serving.raw().join()
    client.say('421["promise",1]')
    wait_until(lambda: len(serving.chat.promised) == 1)

    serving.inside(lambda: serving.chat.promised[0].fail(RuntimeError("a bug")))

    assert json.loads(client.packet()[3:])[0]["error"]["code"] == "unavailable"


@pytest.mark.parametrize("answer", [object(), {"text": "\ud800"}])
def test_an_answer_that_has_no_json_is_answered_and_logged(
    serving: Serving, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    client = serving.raw().join()
    client.say('421["promise",1]')
    wait_until(lambda: len(serving.chat.promised) == 1)

    serving.inside(lambda: serving.chat.promised[0].resolve(answer))

    assert json.loads(client.packet()[3:])[0]["error"]["code"] == "unavailable"
    assert client.ask("echo", 1, id=2) == 1
    assert "The handler of 'promise' failed." in caplog.text


def test_expected_errors_are_answers_and_leave_no_trace_in_the_log(
    serve: Callable[..., Serving], caplog: pytest.LogCaptureFixture
) -> None:
    def configure(realtime: Realtime) -> None:
        def refuse(connection: Connection, payload: bytes) -> object:
            raise LookupError("no such thing")

        realtime.receive("refuse", refuse)
        realtime.answer_errors(failed=str, expected=(LookupError,))

    serving = serve(configure)
    client = serving.raw().join()

    assert client.ask("refuse", {}) == "no such thing"
    assert caplog.text == ""


def test_an_answer_after_the_client_has_gone_goes_nowhere(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    client = serving.raw().join()
    client.say('421["promise",1]')
    wait_until(lambda: len(serving.chat.promised) == 1)
    client.close()
    wait_until(lambda: serving.chat.gone == ["transport close"])

    serving.inside(lambda: serving.chat.promised[0].resolve("late"))

    assert serving.raw().join().ask("echo", 1) == 1
    assert caplog.text == ""


def test_who_has_gone_while_a_handler_waited_enters_no_room(
    serve: Callable[..., Serving],
) -> None:
    gate: list[str] = []
    waiting: list[Connection] = []
    entered: list[Connection] = []

    def configure(realtime: Realtime) -> None:
        def come_late(connection: Connection, payload: bytes) -> None:
            waiting.append(connection)
            while not gate:
                gevent.sleep(0.005)
            realtime.enter(connection, "cellar")
            realtime.send(connection, "hello", 1)
            entered.append(connection)

        realtime.receive("come late", come_late)

    serving = serve(configure)
    client = serving.raw().join()
    client.say('42["come late"]')
    [connection] = wait_until(lambda: waiting)
    serving.inside(lambda: serving.realtime.close(connection, "away with you"))
    gate.append("open")

    wait_until(lambda: entered == [connection])
    assert serving.inside(lambda: list(serving.realtime.members("cellar"))) == []
    assert serving.inside(lambda: connection.pending) == []
