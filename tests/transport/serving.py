"""A Realtime that serves in a thread of this process, so that a test can look inside."""

import gc
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar
from unittest.mock import patch

import gevent
import greenlet
from flask import Flask
from gevent.hub import get_hub

from chatapp.transport import Realtime
from tests.support.waiting import DEADLINE_SECONDS
from tests.transport.raw import RawClient

T = TypeVar("T")


class Serving:
    """`configure(realtime)` registers the handlers. `url` and `address` say where it is.

    What `configure` returns is in `chat`.
    """

    def __init__(self, configure: Callable[[Realtime], Any], port: int = 0, **options: Any) -> None:
        self._configure = configure
        self._port = port
        self._options = options
        self._clients: list[RawClient] = []
        started: SimpleQueue[Any] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        outcome = started.get(timeout=DEADLINE_SECONDS)
        if isinstance(outcome, BaseException):
            raise outcome
        self.address: tuple[str, int] = outcome
        self.url = f"http://127.0.0.1:{self.address[1]}"

    def _serve(self, started: SimpleQueue[Any]) -> None:
        try:
            app = Flask("served")
            self.realtime = Realtime(app, **self._options)
            self.chat = self._configure(self.realtime)
            self._loop = get_hub().loop
            address = self.realtime.listen("127.0.0.1", self._port)
        except BaseException as error:
            started.put(error)
            return
        started.put(address)
        self.realtime.serve_forever()
        get_hub().destroy(destroy_loop=True)

    def inside(self, question: Callable[[], T], seconds: float = DEADLINE_SECONDS) -> T:
        """What `question` answers on the thread of the server, where it may touch everything."""
        answers: SimpleQueue[Any] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put((question(), None))
            except BaseException as error:
                answers.put((None, error))

        self._loop.run_callback_threadsafe(gevent.spawn, ask)
        value, error = answers.get(timeout=seconds)
        if error is not None:
            raise error
        return value

    @property
    def connections(self) -> int:
        return self.inside(lambda: self.realtime.connections)

    def raw(self, **options: Any) -> RawClient:
        """A WebSocket to here, closed at the end of the test."""
        self._clients.append(RawClient(self.address, **options))
        return self._clients[-1]

    def close_clients(self) -> None:
        for client in self._clients:
            client.close()

    def stop_with(self, reason: str) -> None:
        self.inside(lambda: self.realtime.stop(reason))
        self._thread.join(DEADLINE_SECONDS)

    def stop(self) -> None:
        """At the end of a test, which waits for no answer any more."""
        self.close_clients()
        if self._thread.is_alive():
            with patch("chatapp.transport.server.STOP_SECONDS", 0.1):
                self.inside(self.realtime.stop)
                self._thread.join(DEADLINE_SECONDS)
        assert not self._thread.is_alive()


def living_greenlets() -> int:
    gc.collect()
    return sum(
        isinstance(thing, greenlet.greenlet) and not thing.dead for thing in gc.get_objects()
    )
