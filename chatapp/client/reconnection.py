"""A connection that reconnects and repeats unanswered requests.

Requests wait while there is no connection. A request that was lost with its connection is sent
again on the next one, so it must be safe to repeat (a message is, by its cid), or be marked as
unsafe.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from chatapp.client.connection import ServerConnection
from chatapp.client.errors import (
    ClientClosed,
    ConnectionFailed,
    NotAcknowledged,
    NotUnderstood,
    refusal_of,
)
from chatapp.client.news import Connected, Disconnected
from chatapp.domain.errors import ChatError, RateLimited, Unavailable
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.pushes import Closing

ANSWER_SECONDS = 10.0
"""After this time, an unanswered request that is safe to repeat is sent again."""
PAUSE_SECONDS = 1.0
"""The pause before repeating a temporarily refused request, if the server names none."""
TRANSIENT = (NotUnderstood, RateLimited, Unavailable)
"""Errors after which a new attempt to connect may succeed."""

P = TypeVar("P")
A = TypeVar("A")


class ReconnectingConnection:
    """Keeps one connection open from `open` until `close`.

    `heard(event, payload)` is called on the reading thread. `enter(connection)` prepares every new
    connection before other requests use it. `changed` is called when the connection is lost or
    regained, `ended(error)` when it ends permanently.
    """

    def __init__(
        self,
        url: str,
        auth: dict[str, str],
        *,
        heard: Callable[[str, Any], None],
        enter: Callable[[ServerConnection], None],
        changed: Callable[[Connected | Disconnected], None],
        ended: Callable[[ChatError], None],
        reconnect_seconds: tuple[float, float],
        random: Random,
    ) -> None:
        self._url = url
        self._auth = auth
        self._pass_on = heard
        self._enter = enter
        self._changed = changed
        self._ended = ended
        self._reconnect_seconds = reconnect_seconds
        self._random = random
        self._state = threading.Condition()
        self._connection: ServerConnection | None = None
        self.over: ChatError | None = None
        self._closing = threading.Event()
        self._invited_after: float | None = None
        """The seconds after which other processes of the chat take us."""
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Connect; raises `ConnectionFailed` or a refusal. From then on it reconnects by itself."""
        connection = self._connect()
        self._thread = threading.Thread(
            target=self._keep_open, args=(connection,), name="chatapp-client", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Block until all threads have ended."""
        self._refuse_on_reading_thread()
        self._closing.set()
        with self._state:
            connection = self._connection
        if connection is not None:
            connection.close()
        if self._thread is not None:
            self._thread.join()
        self._end(ClientClosed("The client is closed."))

    @property
    def is_connected(self) -> bool:
        connection = self._connection
        return connection is not None and not connection.lost

    def ask(
        self,
        event: ClientEvent[P, A],
        payload: P,
        *,
        timeout: float | None,
        again: bool = True,
        patient: bool = True,
        answered: Callable[[A], None] = lambda _: None,
    ) -> A:
        """The server's answer; raises the `ChatError` of a refusal.

        Waits for a connection; with `again`, repeats a request whose connection was lost; with
        `patient`, repeats one that was rate-limited; but for at most `timeout` seconds (None: no
        limit). Then it raises `NotAcknowledged` if the request was sent, otherwise
        `ConnectionFailed`. `answered` receives the answer first, on the reading thread, in the
        order of arrival.
        """
        self._refuse_on_reading_thread()
        deadline = Deadline(timeout)
        data = msgspec.to_builtins(payload)
        asked = False

        def pass_on(raw: Any) -> None:
            with contextlib.suppress(ChatError):  # a refusal is raised by `ask` itself
                answered(answer_of(raw, event.answer))

        while True:
            connection = self._connected(deadline, asked)
            wait = min(ANSWER_SECONDS, deadline.left) if again else deadline.left
            try:
                raw = connection.ask(event.name, data, wait, pass_on)
            except NotAcknowledged:
                asked = True
                if not again:
                    raise
                continue
            except ConnectionFailed:
                continue
            try:
                return answer_of(raw, event.answer)
            except (RateLimited, Unavailable) as refused:
                pause = refused.retry_after or PAUSE_SECONDS
                if not patient or pause > deadline.left:
                    raise
            if self._closing.wait(pause):
                raise ClientClosed("The client is closed.")

    def tell(self, event: ClientEvent[P, Any], payload: P) -> None:
        """Emit without an answer; does nothing while there is no connection."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(ConnectionFailed):
                connection.tell(event.name, msgspec.to_builtins(payload))

    def _refuse_on_reading_thread(self) -> None:
        """Raise an error on the thread that delivers answers: waiting there would block forever."""
        connection = self._connection
        ours = [self._thread, connection.reading_thread if connection else None]
        if threading.current_thread() in ours:
            raise RuntimeError("on_event may neither ask the server nor close the client")

    def _connect(self) -> ServerConnection:
        connection = ServerConnection(self._url, self._auth, self._heard)
        try:
            self._enter(connection)
        except BaseException:
            connection.close()
            connection.wait()
            raise
        with self._state:
            self._connection = connection
            self._state.notify_all()
        self._changed(Connected())
        return connection

    def _heard(self, event: str, payload: Any) -> None:
        if event == "closing":
            with contextlib.suppress(msgspec.ValidationError):
                retry_after = msgspec.convert(payload, Closing).retry_after
                self._invited_after = None if retry_after is UNSET else max(0.0, retry_after)
        self._pass_on(event, payload)

    def _keep_open(self, connection: ServerConnection | None) -> None:
        while connection is not None:
            if self._closing.is_set():
                connection.close()
            connection.wait()
            with self._state:
                self._connection = None
            connection = self._reconnect()

    def _reconnect(self) -> ServerConnection | None:
        asked_to_wait = 0.0
        for delay in self._delays():
            if self._closing.is_set():
                break
            self._changed(Disconnected(asked_to_wait + delay))
            if self._closing.wait(asked_to_wait + delay):
                break
            try:
                return self._connect()
            except TRANSIENT as error:
                asked_to_wait = error.retry_after or 0.0
            except ChatError as refusal:
                self._end(refusal)
                break
        return None

    def _delays(self) -> Iterator[float]:
        if self._invited_after is not None:
            yield self._invited_after
            self._invited_after = None
        yield from reconnect_delays(*self._reconnect_seconds, self._random)

    def _end(self, error: ChatError) -> None:
        with self._state:
            self.over = self.over or error
            self._state.notify_all()
        self._ended(error)

    def _connected(self, deadline: "Deadline", asked: bool) -> ServerConnection:
        def usable() -> bool:
            return self.over is not None or self.is_connected

        if self._thread is None and self.over is None:
            raise RuntimeError("Use the client in a `with` statement, or call connect() first.")
        with self._state:
            arrived = self._state.wait_for(usable, deadline.wait)
            if self.over is not None:
                raise self.over
            if arrived and deadline.left > 0 and self._connection is not None:
                return self._connection
        if asked:
            raise NotAcknowledged(f"{self._url} has not answered in time; it may have happened.")
        raise ConnectionFailed(f"No connection to {self._url}; nothing was sent.")


class Deadline:
    """The rest of a number of seconds; None means no limit."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float:
        return threading.TIMEOUT_MAX if self._end is None else max(0, self._end - time.monotonic())

    @property
    def wait(self) -> float | None:
        """The remaining time as an argument of waits: None means no limit."""
        return None if self._end is None else self.left


def reconnect_delays(shortest: float, longest: float, random: Random) -> Iterator[float]:
    """The pause before each attempt: random, up to a limit that doubles each time.

    After a restart of the server, a thousand clients must not reconnect at the same moment.
    """
    limit = shortest
    while True:
        limit = min(2 * limit, longest)
        yield random.uniform(shortest, limit)


def answer_of(raw: Any, answer: type[A]) -> A:
    """The answer in an ack; raises the `ChatError` of a refusal."""
    if not isinstance(raw, dict) or raw.get("ok") is not True:
        raise refusal_of(raw.get("error") if isinstance(raw, dict) else raw)
    try:
        return msgspec.convert(raw, answer)
    except msgspec.ValidationError as error:
        raise NotUnderstood(f"The server's answer is invalid: {error}.") from None
