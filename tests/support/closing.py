"""Plain Socket.IO clients that leave no socket behind, and that hear things in order.

They give up a connect after one second, or five: on a busy machine that is nothing, and here they
are as patient as everything else. Who is not let in, or loses the line meanwhile, is told at once.

python-engineio's client forgets a WebSocket that is not answered in time, without closing it.
The server takes it for somebody who is still there, and whose name is taken; and the warning of
the interpreter, which finds it open, fails whatever test is running then.

It may lose the signal that ends its writing thread. That waits for half a minute then, and writes
an error into the log of whatever test is running by that time.

python-socketio's client comes back after it was disconnected, if it had just lost its server: then
it has the name in the next test.

It also has a thread for each packet that comes, so that one may overtake another. A test that asks
what came before something, or that nothing did, cannot do with that.
"""

import threading
from typing import Any, ClassVar
from weakref import WeakSet

import engineio
import socketio
import websocket

from tests.support.waiting import DEADLINE_SECONDS


class WebSocket(websocket.WebSocket):
    """Forgotten is closed, and so is what the server has closed, for which it waits."""

    def recv(self) -> str | bytes:
        data: str | bytes = super().recv()
        if not data:
            self.shutdown()  # type: ignore[no-untyped-call]
        return data

    def __del__(self) -> None:
        self.shutdown()  # type: ignore[no-untyped-call]


class Engine(engineio.Client):  # type: ignore[misc]
    def _reset(self) -> None:
        """Empties the queue, but keeps the signal that ends the writing thread."""
        super()._reset()
        if self.write_loop_task:
            self.queue.put(None)


class Client(socketio.Client):  # type: ignore[misc]
    made: ClassVar[WeakSet["Client"]] = WeakSet()
    """All of them, so that a test can end those that it has left."""

    def __init__(
        self,
        websocket: type[WebSocket] = WebSocket,
        request_timeout: float = DEADLINE_SECONDS,
        **options: Any,
    ) -> None:
        self._kind = websocket
        self._opened: list[WebSocket] = []
        super().__init__(
            websocket_extra_options={"class_": self._open},
            request_timeout=request_timeout,
            **options,
        )
        self.made.add(self)

    def _engineio_client_class(self) -> type[Engine]:
        return Engine

    def _open(self, **options: Any) -> WebSocket:
        """Notes each WebSocket, because engineio forgets those that are not answered; and where an
        error still refers to one, its socket may be collected before it."""
        self._opened.append(self._kind(**options))
        return self._opened[-1]

    def connect(self, *args: Any, **options: Any) -> None:
        try:
            super().connect(*args, **{"wait_timeout": DEADLINE_SECONDS, **options})
        finally:
            used = self.eio.ws if self.connected else None
            for forgotten in (each for each in self._opened if each is not used):
                forgotten.shutdown()  # type: ignore[no-untyped-call]
            self._opened.clear()

    def _handle_eio_disconnect(self, reason: str) -> None:
        """Ends a `connect` that is not answered any more."""
        is_answered = self.connected or "/" in [*self.namespaces, *self.failed_namespaces]
        super()._handle_eio_disconnect(reason)
        if not is_answered:
            self.failed_namespaces.append("/")
            self._connect_event.set()

    def disconnect(self) -> None:
        """For good, also where it is about to come back, as after a restart of the server."""
        super().disconnect()
        coming_back = self._reconnect_task
        if coming_back is None or coming_back is threading.current_thread():
            return
        while coming_back.is_alive():
            if self._reconnect_abort is not None:
                self._reconnect_abort.set()  # again: it begins with taking that back
            coming_back.join(0.05)
        super().disconnect()


class OneByOne(Engine):
    """Hands on a packet when the one before it is dealt with, which must not wait for another."""

    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class ClientInOrder(Client):
    def _engineio_client_class(self) -> type[OneByOne]:
        return OneByOne


class SimpleClient(socketio.SimpleClient):  # type: ignore[misc]
    client_class = ClientInOrder

    def connect(self, url: str, **options: Any) -> None:
        super().connect(url, **{"wait_timeout": DEADLINE_SECONDS, **options})

    def receive(self, timeout: float | None = DEADLINE_SECONDS) -> list[Any]:
        event: list[Any] = super().receive(timeout)
        return event

    def call(self, event: str, data: Any = None, timeout: float = DEADLINE_SECONDS) -> Any:
        return super().call(event, data, timeout)
