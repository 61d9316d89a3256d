"""Sends one message after another, each until it is acknowledged.

Every message has a `cid` made by its client, or by the program that uses it. It is sent again with
the same `cid` until an answer arrives, over lost connections and restarts of the server, and the
server stores it once. The next message is sent when this one is answered, which keeps the order,
even when messages are sent again or wait for the rate limit.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable

from msgspec.structs import replace

from chatapp.client.errors import ConnectionFailed
from chatapp.client.reconnection import Deadline, ReconnectingConnection
from chatapp.domain.model import Message
from chatapp.protocol.answers import PostedMessage
from chatapp.protocol.events import MESSAGE
from chatapp.protocol.requests import Post


class Outbox:
    """Sends over a connection. Every cid starts with `mark`; `posted` receives each answer
    first."""

    def __init__(
        self, link: ReconnectingConnection, *, mark: str, posted: Callable[[PostedMessage], None]
    ) -> None:
        self._link = link
        self._mark = mark
        self._posted = posted
        self._numbers = itertools.count(1)
        self._turn = FairLock()

    def send(self, post: Post, *, timeout: float | None, patient: bool) -> Message:
        """Send a message, which gets its cid here if it has none."""
        deadline = Deadline(timeout)
        if not self._turn.acquire(timeout=deadline.left):
            raise ConnectionFailed("Earlier messages are still waiting; this one was not sent.")
        try:
            answer = self._link.ask(
                MESSAGE,
                replace(post, cid=post.cid or f"{self._mark}-{next(self._numbers)}"),
                timeout=deadline.wait,
                patient=patient,
                answered=self._posted,
            )
        finally:
            self._turn.release()
        return answer.message

    def is_from_here(self, message: Message) -> bool:
        return message.cid is not None and message.cid.startswith(f"{self._mark}-")


class FairLock:
    """A lock that is granted in the order of the requests; `threading.Lock` guarantees no order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()  # the first one has its turn

    def acquire(self, timeout: float) -> bool:
        """Wait for the lock; returns whether it was granted in time. Call `release` afterwards."""
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            self._call_first()
        arrived = False
        try:
            arrived = mine.wait(timeout)
        finally:
            if not arrived:
                self._leave(mine)
        return arrived

    def release(self) -> None:
        self._leave(self._waiting[0])

    def _leave(self, one: threading.Event) -> None:
        with self._lock:
            self._waiting.remove(one)
            self._call_first()

    def _call_first(self) -> None:
        if self._waiting:
            self._waiting[0].set()
