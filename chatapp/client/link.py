"""A connection that comes back: it waits, tries again, and asks again what was not answered.

While it is away, questions wait. A question that was lost together with the connection is
asked again on the next one, so whoever asks must make it safe to be asked twice (a message by
its cid), or say that it is not.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, TypeVar

import msgspec

from chatapp.client.connection import Connection
from chatapp.client.errors import (
    ClientClosed,
    ConnectionFailed,
    NotAcknowledged,
    NotUnderstood,
    refusal_of,
)
from chatapp.client.news import Connected, Disconnected
from chatapp.errors import ChatError, RateLimited, Unavailable

ANSWER_SECONDS = 10.0
"""After so long, a question that may be asked twice is asked again."""
PAUSE_SECONDS = 1.0
"""Before asking again what was refused for the moment, where the server names no time."""
PASSING = (NotUnderstood, RateLimited, Unavailable)
"""Reasons why a connection fails that may be gone at the next attempt."""

A = TypeVar("A")


class Link:
    """Keeps one connection open from `open` until `close`.

    `heard(event, payload)` is called on the reading thread. `enter(connection)` does what is
    to be done on every new connection before anybody else asks on it. `changed` hears of
    losses and returns, `ended(error)` that there will be no return.
    """

    def __init__(
        self,
        url: str,
        auth: dict[str, str],
        *,
        heard: Callable[[str, Any], None],
        enter: Callable[[Connection], None],
        changed: Callable[[Connected | Disconnected], None],
        ended: Callable[[ChatError], None],
        reconnect_seconds: tuple[float, float],
        random: Random,
    ) -> None:
        self._url = url
        self._auth = auth
        self._heard = heard
        self._enter = enter
        self._changed = changed
        self._ended = ended
        self._reconnect_seconds = reconnect_seconds
        self._random = random
        self._state = threading.Condition()
        self._connection: Connection | None = None
        self.over: ChatError | None = None
        self._closing = threading.Event()
        self._keeper: threading.Thread | None = None

    def open(self) -> None:
        """Connect; raises `ConnectionFailed` or a refusal. Losses from now on are made good."""
        connection = self._connect()
        self._keeper = threading.Thread(
            target=self._keep, args=(connection,), name="chatapp-client", daemon=True
        )
        self._keeper.start()

    def close(self) -> None:
        """Returns when all threads have ended."""
        self._must_not_wait()
        self._closing.set()
        with self._state:
            connection = self._connection
        if connection is not None:
            connection.close()
        if self._keeper is not None:
            self._keeper.join()
        self._end(ClientClosed("The client is closed."))

    @property
    def is_connected(self) -> bool:
        connection = self._connection
        return connection is not None and not connection.lost

    def ask(
        self,
        event: str,
        payload: msgspec.Struct,
        answer: type[A],
        *,
        timeout: float | None,
        again: bool = True,
        patient: bool = True,
        answered: Callable[[A], None] = lambda _: None,
    ) -> A:
        """The server's answer, as an `answer`; raises the `ChatError` of a refusal.

        Waits for a connection, and asks again what was lost with one if `again`; waits and
        asks again what came too fast if `patient`; but not longer than `timeout` seconds
        (None: as long as it takes). Then it raises `NotAcknowledged` if it asked, and
        `ConnectionFailed` if it never could. `answered` has the answer first, on the reading
        thread, in the order in which things came in.
        """
        self._must_not_wait()
        deadline = Deadline(timeout)
        data = msgspec.to_builtins(payload)
        asked = False

        def pass_on(raw: Any) -> None:
            with contextlib.suppress(ChatError):  # a refusal is for whoever asked: see below
                answered(answer_of(raw, answer))

        while True:
            connection = self._connected(deadline, asked)
            wait = min(ANSWER_SECONDS, deadline.left) if again else deadline.left
            try:
                raw = connection.ask(event, data, wait, pass_on)
            except NotAcknowledged:
                asked = True
                if not again:
                    raise
                continue
            except ConnectionFailed:
                continue
            try:
                return answer_of(raw, answer)
            except (RateLimited, Unavailable) as refused:
                pause = refused.retry_after or PAUSE_SECONDS
                if not patient or pause > deadline.left:
                    raise
            if self._closing.wait(pause):
                raise ClientClosed("The client is closed.")

    def tell(self, event: str, payload: msgspec.Struct) -> None:
        """Say what need not be known: without a connection, nothing is said."""
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(ConnectionFailed):
                connection.tell(event, msgspec.to_builtins(payload))

    def _must_not_wait(self) -> None:
        """Whoever waits on a thread that others wait for would wait for ever."""
        connection = self._connection
        ours = [self._keeper, connection.reading_thread if connection else None]
        if threading.current_thread() in ours:
            raise RuntimeError("on_event may neither ask the server nor close the client")

    def _connect(self) -> Connection:
        connection = Connection(self._url, self._auth, self._heard)
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

    def _keep(self, connection: Connection | None) -> None:
        while connection is not None:
            if self._closing.is_set():
                connection.close()
            connection.wait()
            with self._state:
                self._connection = None
            connection = self._come_back()

    def _come_back(self) -> Connection | None:
        asked_to_wait = 0.0
        for delay in reconnect_delays(*self._reconnect_seconds, self._random):
            if self._closing.is_set():
                break
            self._changed(Disconnected(asked_to_wait + delay))
            if self._closing.wait(asked_to_wait + delay):
                break
            try:
                return self._connect()
            except PASSING as error:
                asked_to_wait = error.retry_after or 0.0
            except ChatError as refusal:
                self._end(refusal)
                break
        return None

    def _end(self, error: ChatError) -> None:
        with self._state:
            self.over = self.over or error
            self._state.notify_all()
        self._ended(error)

    def _connected(self, deadline: "Deadline", asked: bool) -> Connection:
        def usable() -> bool:
            return self.over is not None or self.is_connected

        if self._keeper is None and self.over is None:
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
    """How much is left of so many seconds, None being no limit."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float:
        return threading.TIMEOUT_MAX if self._end is None else max(0, self._end - time.monotonic())

    @property
    def wait(self) -> float | None:
        """For waits that take None as no limit."""
        return None if self._end is None else self.left


def reconnect_delays(shortest: float, longest: float, random: Random) -> Iterator[float]:
    """How long to wait before each attempt: any time up to a limit that doubles.

    A thousand clients whose server restarts must not come back in the same moment.
    """
    limit = shortest
    while True:
        limit = min(2 * limit, longest)
        yield random.uniform(shortest, limit)


def answer_of(raw: Any, answer: type[A]) -> A:
    """What an ack says; raises the `ChatError` of a refusal."""
    if not isinstance(raw, dict) or raw.get("ok") is not True:
        raise refusal_of(raw.get("error") if isinstance(raw, dict) else raw)
    try:
        return msgspec.convert(raw, answer)
    except msgspec.ValidationError as error:
        raise NotUnderstood(f"The server's answer is not as it should be: {error}.") from None
