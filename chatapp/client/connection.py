"""One connection to the server. The only file that knows python-socketio.

Five things are done here that the libraries do not do by themselves. They start a thread for
every packet that comes in, which mixes up their order; here the reading thread handles them
one after another. They wait for a goodbye that the reading thread may have taken already, for
three seconds and sometimes for a minute; here they hang up. They may throw away what tells the
writing thread to end, and then wait for it for half a minute; here it is told again. They
do not notice that a connection ends before they are let in, and wait for that as long as they may;
here they are told. And they leave the sockets of an ended connection to the garbage collector.

Coming back after a loss is the business of `link.py`: a `Connection` is used once.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as AnswerTimeout
from http import HTTPStatus
from typing import Any

import engineio
import requests
import socketio
import websocket

from chatapp.client.errors import ConnectionFailed, NotAcknowledged, refusal_of
from chatapp.errors import Unavailable

HANDSHAKE_SECONDS = 10.0
UNKNOWN_TRANSPORT = {"code": 0, "message": "Transport unknown"}
"""What an Engine.IO server without long polling answers to who begins with it.

https://github.com/socketio/engine.io-protocol
"""

Heard = Callable[[str, Any], None]

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


class Connection:
    """Connects at once; raises `ConnectionFailed`, or the `ChatError` of a refusal.

    `heard(event, payload)` is called for everything that the server says by itself, in order,
    on the connection's reading thread. Whoever waits there for an answer would wait for ever.
    """

    def __init__(self, url: str, auth: dict[str, str], heard: Heard) -> None:
        self.lost = False
        self._url = url
        self._refusal: Any = None
        self._unanswered: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._http = requests.Session()
        self._http.hooks["response"].append(self._on_http_answer)
        self._http_answer: requests.Response | None = None
        self._web_sockets: list[_WebSocket] = []
        self._socket = _Client(
            ended=self._on_ended,
            reconnection=False,
            handle_sigint=False,
            logger=logger,
            engineio_logger=logger,
            http_session=self._http,
            request_timeout=HANDSHAKE_SECONDS,
            websocket_extra_options={"class_": self._new_web_socket},
        )
        self._socket.on("*", lambda event, payload=None, *_: heard(event, payload))
        self._socket.on("connect_error", self._on_refused)
        self._connect(auth)

    @property
    def reading_thread(self) -> threading.Thread | None:
        """On which `heard` is called. Nothing may wait there for an answer."""
        thread: threading.Thread | None = self._socket.eio.read_loop_task
        return thread

    def ask(
        self,
        event: str,
        payload: Any,
        timeout: float,
        answered: Callable[[Any], None] = lambda _: None,
    ) -> Any:
        """The answer to an event; `answered` has it first, in order, on the reading thread.

        Raises `ConnectionFailed` if nothing was asked because the connection is lost, and
        `NotAcknowledged` if it was lost later, or no answer came in `timeout` seconds.
        """
        future: Future[Any] = Future()

        def acknowledge(answer: Any = None) -> None:
            try:
                answered(answer)
            finally:
                self._settle(future, answer)

        with self._lock:
            self._emit(event, payload, acknowledge)
            self._unanswered.add(future)
        try:
            return future.result(timeout)
        except AnswerTimeout:
            self._settle(future, None)
            raise NotAcknowledged(f"{self._url} did not answer in {timeout:.0f} s.") from None

    def tell(self, event: str, payload: Any) -> None:
        """Emit without waiting for anything. Raises `ConnectionFailed` if that is known."""
        with self._lock:
            self._emit(event, payload, None)

    def wait(self) -> None:
        """Returns when the connection has ended, and all that it held is released."""
        self._socket.eio.wait()
        self._release()

    def close(self) -> None:
        """Say goodbye. `wait` returns soon after."""
        self._socket.disconnect()

    def _connect(self, auth: dict[str, str], transports: list[str] | None = None) -> None:
        try:
            self._socket.connect(
                self._url,
                auth=auth,
                transports=transports,
                namespaces=["/"],
                wait_timeout=HANDSHAKE_SECONDS,
            )
        except socketio.exceptions.ConnectionError as error:
            if transports is None and self._refusal == UNKNOWN_TRANSPORT:
                self._connect(auth, ["websocket"])
                return
            self._release()
            raise self._why_not(error) from None
        except BaseException:
            self.close()
            self._release()
            raise

    def _why_not(self, error: Exception) -> Exception:
        if isinstance(self._refusal, dict) and isinstance(self._refusal.get("code"), str):
            return refusal_of(self._refusal)
        if self.lost:
            return ConnectionFailed(f"Cannot reach a chat at {self._url}: the line was cut.")
        answer = self._http_answer
        if answer is not None and answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            return Unavailable(
                f"The chat at {self._url} takes no more connections just now; try again later.",
                retry_after=_seconds(answer.headers.get("Retry-After", "")),
            )
        if answer is not None and not answer.ok:
            return ConnectionFailed(
                f"Cannot reach a chat at {self._url}: it answers {answer.status_code}."
            )
        return ConnectionFailed(f"Cannot reach a chat at {self._url}: {_in_short(error)}.")

    def _emit(self, event: str, payload: Any, callback: Callable[..., None] | None) -> None:
        """The caller has the lock: python-socketio numbers what it emits without one."""
        if self.lost:
            raise ConnectionFailed(f"The connection to {self._url} is lost.")
        self._socket.emit(event, payload, callback=callback)

    def _settle(self, future: "Future[Any]", answer: Any) -> None:
        """Whoever takes the future out of the set may set it; nobody else will."""
        with self._lock:
            waiting = future in self._unanswered
            self._unanswered.discard(future)
        if waiting:
            future.set_result(answer)

    def _on_ended(self) -> None:
        with self._lock:
            self.lost = True
            unanswered, self._unanswered = self._unanswered, set()
        for future in unanswered:
            future.set_exception(NotAcknowledged(f"The connection to {self._url} was lost."))

    def _on_http_answer(self, answer: requests.Response, **_: Any) -> None:
        self._http_answer = answer

    def _on_refused(self, problem: Any = None) -> None:
        self._refusal = problem

    def _new_web_socket(self, **options: Any) -> "_WebSocket":
        web_socket = _WebSocket(**options)
        self._web_sockets.append(web_socket)
        return web_socket

    def _release(self) -> None:
        for web_socket in self._web_sockets:
            web_socket.shutdown()  # type: ignore[no-untyped-call]
        self._http.close()


class _Engine(engineio.Client):  # type: ignore[misc]
    """Handles what comes in on the reading thread, and can be closed from there."""

    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        return super()._trigger_event(event, *args, **kwargs | {"run_async": False})

    def disconnect(self, abort: bool = False, reason: str | None = None) -> None:
        reading = threading.current_thread() is self.read_loop_task
        super().disconnect(abort=abort or reading, reason=reason)

    def _reset(self) -> None:
        """Empties the queue, where what ends the writing thread may still stand."""
        super()._reset()
        if self.write_loop_task:
            self.queue.put(None)


class _WebSocket(websocket.WebSocket):
    """Hangs up, and wakes the reading thread with it."""

    def close(self, *_: Any, **__: Any) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError):  # the line may have broken already
                self.sock.shutdown(socket.SHUT_RDWR)


class _Client(socketio.Client):  # type: ignore[misc]
    """Says when it has ended, however far it came before."""

    def __init__(self, *, ended: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._ended = ended

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _Engine

    def _handle_disconnect(self, namespace: str | None) -> None:
        self.eio.disconnect()

    def _handle_eio_disconnect(self, reason: str) -> None:
        self._ended()
        comes_in = not self.connected and "/" not in self.namespaces
        super()._handle_eio_disconnect(reason)
        if comes_in:  # whoever waits for it in `connect` would wait until its time is over
            self.failed_namespaces.append("/")
            self._connect_event.set()


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _in_short(error: Exception) -> str:
    """What people can do something with, out of what the HTTP library says."""
    text = str(error)
    for known in ("Connection refused", "Name or service not known", "timed out"):
        if known in text:
            return known.lower()
    return text.rstrip(".")
