"""What the HTTP server in front of everything reads, refuses and promises, over a real socket."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import flask
import pytest

from chatapp.transport import Realtime
from tests.support.waiting import DEADLINE_SECONDS
from tests.transport.serving import Serving
from tests.transport.test_handoff import read_to_end

POST = b"POST /form HTTP/1.1\r\nHost: a\r\n"
LAST = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def with_pages(realtime: Realtime) -> None:
    app = realtime._app
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000

    @app.get("/hello")
    def hello() -> str:
        return f"hello {flask.request.args.get('who', 'from')} {flask.request.host}"

    @app.post("/form")
    def form() -> str:
        return f"form {flask.request.get_data(as_text=True)}."

    @app.post("/unread")
    def unread() -> str:
        return "unread"

    @app.get("/stream")
    def stream() -> Iterator[str]:
        return iter(["a", "b"])


@pytest.fixture
def talk(serve: Callable[..., Serving]) -> Callable[[bytes], bytes]:
    """Says something to a server with pages, and gives what it says until it closes."""
    serving = serve(with_pages)

    def talk(words: bytes) -> bytes:
        with socket.create_connection(serving.address) as sock:
            sock.sendall(words)
            return read_to_end(sock)

    return talk


Talk = Callable[[bytes], bytes]


def test_a_body_in_chunks_is_read_and_the_next_request_too(talk: Talk) -> None:
    chunks = b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=1\r\n world\r\n0\r\n\r\n"

    answers = talk(POST + chunks + LAST)

    assert b"form hello world." in answers
    assert answers.endswith(b"hello from a")


@pytest.mark.parametrize(
    "coding", [b"identity", b"gzip, chunked", b"xchunked", b"chunked;x=1", b"chunked, chunked"]
)
def test_another_transfer_coding_is_refused_and_its_body_is_no_request(
    talk: Talk, coding: bytes
) -> None:
    answers = talk(POST + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + LAST)

    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in answers


@pytest.mark.parametrize("chunks", [b"\r\n", b"x\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello!"])
def test_chunks_that_are_malformed_end_the_connection(
    talk: Talk, chunks: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answers = talk(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + LAST)

    assert answers.startswith(b"HTTP/1.1 400 ")
    assert answers.count(b"HTTP/1.1 ") == 1
    assert b"Connection: close" in answers
    assert "Traceback" not in capfd.readouterr().err + caplog.text


def test_an_upgrade_that_nobody_wants_does_not_hide_the_body(talk: Talk) -> None:
    """The body of such a request was read twice, the second time from the next request."""
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello"

    answers = talk(POST + upgrade + LAST)

    assert answers.count(b"HTTP/1.1 ") == 2
    assert answers.endswith(b"hello from a")


@pytest.mark.parametrize(
    "words",
    [
        b"GET /hello\r\n",
        b"GET /hello HTTP/0.9\r\n\r\n",
        b"GET /hello HTTP/1.1\r\n\r\n",
        b"GET /hello HTTP/1.1\nHost: a\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost: a\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost: a\r\n\n",
    ],
)
def test_what_is_not_http_1_1_is_refused(talk: Talk, words: bytes) -> None:
    answer = talk(words)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"hello" not in answer


def test_an_absolute_target_is_served_as_its_own_host(talk: Talk) -> None:
    answer = talk(b"GET http://b:80/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"hello from b")


@pytest.mark.parametrize(
    ("query", "who"), [("ñ&x=\x80".encode("latin-1"), "%F1"), ("ñ".encode(), "ñ"), (b"%c3%b1", "ñ")]
)
def test_a_query_may_have_any_bytes(talk: Talk, query: bytes, who: str) -> None:
    request = b"GET /hello?who=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    answer = talk(request % query)

    assert answer.endswith(f"hello {who} a".encode())


def test_a_blank_line_before_a_request_is_read_past(talk: Talk) -> None:
    assert talk(b"\r\n" + LAST).endswith(b"hello from a")


@pytest.mark.parametrize(
    "words",
    [
        LAST,
        LAST.replace(b"close", b"foo, Close"),
        b"GET /hello HTTP/1.0\r\n\r\n",
        b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /socket.io/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n",
        b"POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    ],
)
def test_a_server_that_will_close_the_connection_says_so(talk: Talk, words: bytes) -> None:
    head = talk(words).partition(b"\r\n\r\n")[0]

    assert head.lower().count(b"\r\nconnection: ") == 1
    assert b"\r\nConnection: close" in head


def test_a_server_that_keeps_the_connection_says_that_to_those_who_must_hear_it(
    talk: Talk,
) -> None:
    keep = b"GET /hello HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"

    first, _, second = talk(keep + LAST).partition(b"hello from a")

    assert b"\r\nConnection: keep-alive\r\n" in first
    assert b"\r\nConnection: close\r\n" in second


def test_a_small_body_that_nobody_reads_is_read_past(talk: Talk) -> None:
    unread = b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + b"x" * 100

    assert talk(unread + LAST).endswith(b"hello from a")


def test_a_client_that_still_sends_gets_its_answer(talk: Talk) -> None:
    unread = b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"

    assert talk(unread + b"x" * 2_000_000).endswith(b"unread")


def test_a_client_that_waits_for_it_is_told_to_send_its_body(
    serve: Callable[..., Serving],
) -> None:
    with socket.create_connection(serve(with_pages).address) as sock:
        sock.settimeout(DEADLINE_SECONDS)
        sock.sendall(POST + b"Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n")
        assert sock.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"hello" + LAST)

        assert b"form hello." in read_to_end(sock)


# The switch to a WebSocket


@pytest.mark.parametrize(
    "headers",
    [
        {"Connection": "keep-alive"},
        {"Upgrade": "h2c"},
        {"Sec-WebSocket-Key": "x"},
        {"Sec-WebSocket-Key": "A" * 22},
        {"Sec-WebSocket-Key": "A" * 21 + "B=="},
        {"Sec-WebSocket-Key": "A" * 23 + "="},
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
    ],
)
def test_what_does_not_ask_for_a_websocket_as_it_should_gets_none(
    serving: Serving, headers: dict[str, str]
) -> None:
    assert serving.raw(headers=headers).status == 400
    assert serving.connections == 0


def test_a_websocket_is_asked_for_among_other_things(serving: Serving) -> None:
    client = serving.raw(headers={"Connection": "keep-alive, UPGRADE", "Upgrade": "WebSocket"})

    assert client.status == 101
    assert client.join().ask("echo", 1) == 1


def test_of_the_subprotocols_that_a_client_offers_one_is_chosen(serving: Serving) -> None:
    offers = serving.raw(headers={"Sec-WebSocket-Protocol": "chat, other"})

    assert "\r\nSec-WebSocket-Protocol: chat" in offers.head
    assert "Sec-WebSocket-Protocol" not in serving.raw().head


def test_a_server_that_closes_after_each_answer_still_serves_polls(serving: Serving) -> None:
    """As Node's fetch asks for them; it takes an unannounced end for an error."""
    path = "/socket.io/?EIO=4&transport=polling"
    close = {"Connection": "close"}
    with closing(http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)) as client:

        def ask(method: str, body: bytes | None = None) -> tuple[http.client.HTTPResponse, Any]:
            client.request(method, path, body, headers=close)
            answer = client.getresponse()
            return answer, answer.read()

        answer, hello = ask("GET")
        assert answer.headers["Connection"] == "close"
        path += "&sid=" + json.loads(hello[1:])["sid"]

        answer, _ = ask("POST", b"40")

        assert (answer.status, answer.headers["Connection"]) == (200, "close")
