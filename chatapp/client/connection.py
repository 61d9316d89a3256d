"""One connection to the server. The only file that knows python-socketio.

It works around five problems of the libraries. They start a thread for every received packet,
which mixes up the order; here the reading thread handles packets one after another. They wait for a
closing packet that the reading thread may already have taken, for three seconds and sometimes for
a minute; here the socket is closed. They may lose the signal that ends the writing thread, and then
wait for it for half a minute; here it is sent again. They do not notice when a connection ends
before it is accepted, and wait until the timeout; here they are told. And they leave the sockets
of an ended connection to the garbage collector.

A `ServerConnection` is used once; `reconnection.py` replaces lost connections.
"""

import contextlib
import logging
import re
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
from requests.utils import get_environ_proxies, select_proxy

from chatapp.client.address import is_local
from chatapp.client.errors import ConnectionFailed, NotAcknowledged, refusal_of
from chatapp.domain.errors import Unavailable

HANDSHAKE_SECONDS = 10.0
UNKNOWN_TRANSPORT = {"code": 0, "message": "Transport unknown"}
"""The answer of an Engine.IO server without long polling to a client that starts with it.

https://github.com/socketio/engine.io-protocol
"""

_NO_PROXY = {"http_proxy_host": "none", "http_no_proxy": ["*"]}
"""websocket-client reads the second option only if the first is set."""

Heard = Callable[[str, Any], None]

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())


class ServerConnection:
    """Connects immediately; raises `ConnectionFailed`, or the `ChatError` of a refusal.

    `heard(event, payload)` is called for everything that the server pushes, in order, on the
    connection's reading thread. Waiting for an answer there would block forever.
    """

    def __init__(self, url: str, auth: dict[str, str], heard: Heard) -> None:
        self.lost = False
        self._url = url
        self._proxy = _proxy_for(url)
        self._refusal: Any = None
        self._unanswered: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._http = requests.Session()
        self._http.hooks["response"].append(self._on_http_answer)
        self._http.trust_env = not is_local(url)  # a proxy cannot reach this machine
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
            websocket_extra_options={
                "class_": self._new_web_socket,
                **(_NO_PROXY if is_local(url) else {}),
            },
        )
        self._socket.on("*", lambda event, payload=None, *_: heard(event, payload))
        self._socket.on("connect_error", self._on_refused)
        self._connect(auth)

    @property
    def reading_thread(self) -> threading.Thread | None:
        """The thread that calls `heard`. Waiting for an answer there would block forever."""
        thread: threading.Thread | None = self._socket.eio.read_loop_task
        return thread

    def ask(
        self,
        event: str,
        payload: Any,
        timeout: float,
        answered: Callable[[Any], None] = lambda _: None,
    ) -> Any:
        """The answer to an event; `answered` receives it first, in order, on the reading thread.

        Raises `ConnectionFailed` if the connection is already lost and nothing was sent, and
        `NotAcknowledged` if it is lost before the answer, or no answer comes in `timeout` seconds.
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
        """Emit without waiting. Raises `ConnectionFailed` if the connection is known to be lost."""
        with self._lock:
            self._emit(event, payload, None)

    def wait(self) -> None:
        """Block until the connection has ended and its resources are released."""
        self._socket.eio.wait()
        self._release()

    def close(self) -> None:
        """Close the connection. `wait` returns soon after."""
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
        there = self._url
        if self._proxy is not None:
            there += f" through the proxy {_without_password(self._proxy)}"
        if self.lost:
            return ConnectionFailed(f"Cannot reach a chat at {there}: the connection was closed.")
        answer = self._http_answer
        if answer is not None and answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            return Unavailable(
                f"The chat at {there} accepts no more connections at the moment; try again later.",
                retry_after=_seconds(answer.headers.get("Retry-After", "")),
            )
        if answer is not None and not answer.ok:
            return ConnectionFailed(
                f"Cannot reach a chat at {there}: it answers {answer.status_code}."
            )
        return ConnectionFailed(f"Cannot reach a chat at {there}: {_in_short(error)}.")

    def _emit(self, event: str, payload: Any, callback: Callable[..., None] | None) -> None:
        """The caller holds the lock, because python-socketio numbers emits without one."""
        if self.lost:
            raise ConnectionFailed(f"The connection to {self._url} is lost.")
        self._socket.emit(event, payload, callback=callback)

    def _settle(self, future: "Future[Any]", answer: Any) -> None:
        """Set the result, unless another thread has done so."""
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
    """Handles input on the reading thread, and can be closed from there."""

    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        return super()._trigger_event(event, *args, **kwargs | {"run_async": False})

    def disconnect(self, abort: bool = False, reason: str | None = None) -> None:
        reading = threading.current_thread() is self.read_loop_task
        super().disconnect(abort=abort or reading, reason=reason)

    def _reset(self) -> None:
        """Empties the queue, but keeps the signal that ends the writing thread."""
        super()._reset()
        if self.write_loop_task:
            self.queue.put(None)


class _WebSocket(websocket.WebSocket):
    """Shuts the socket down when closed, which wakes the reading thread."""

    def close(self, *_: Any, **__: Any) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError):  # it may be closed already
                self.sock.shutdown(socket.SHUT_RDWR)


class _Client(socketio.Client):  # type: ignore[misc]
    """Reports its end, even before it was accepted."""

    def __init__(self, *, ended: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._ended = ended

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _Engine

    def _handle_disconnect(self, namespace: str | None) -> None:
        self.eio.disconnect()

    def _handle_eio_disconnect(self, reason: str) -> None:
        self._ended()
        is_connecting = not self.connected and "/" not in self.namespaces
        super()._handle_eio_disconnect(reason)
        if is_connecting:  # otherwise `connect` would wait until its timeout
            self.failed_namespaces.append("/")
            self._connect_event.set()


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _in_short(error: Exception) -> str:
    """The useful part of an HTTP library's error."""
    text = str(error)
    for known in ("Connection refused", "Name or service not known", "timed out"):
        if known in text:
            return known.lower()
    if "SOCKS" in text:
        return "it needs the Python package PySocks"
    return text.rstrip(".")


def _proxy_for(url: str) -> str | None:
    """The proxy for `url` from the environment (`HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`)."""
    if is_local(url):
        return None
    proxy: str | None = select_proxy(url, get_environ_proxies(url))
    return proxy


def _without_password(url: str) -> str:
    """The proxy's address without its password."""
    return re.sub(r"(?<=//)[^/@]*@", "", url)
