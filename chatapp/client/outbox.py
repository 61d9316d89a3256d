"""Sending: one message after another, each until it is acknowledged.

Every message has a `cid` that its client made. It is sent with the same one again until an
answer comes, over lost connections and restarts of the server, and the server stores it once.
The next message goes out when this one has its answer: that is what keeps the order in which
you sent them, whatever has to be sent twice or has to wait for the rate limit.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable

import msgspec

from chatapp.client.errors import ConnectionFailed
from chatapp.client.link import Deadline, Link
from chatapp.model import Message
from chatapp.wire import Post


class Posted(msgspec.Struct, frozen=True):
    message: Message


class Outbox:
    """Sends over a link. `mark` begins every cid; `posted` hears of a message before others do."""

    def __init__(self, link: Link, *, mark: str, posted: Callable[[Message], None]) -> None:
        self._link = link
        self._mark = mark
        self._posted = posted
        self._numbers = itertools.count(1)
        self._turn = Turns()

    def send(
        self, room: str, text: str, reply_to: int | None, *, timeout: float | None, patient: bool
    ) -> Message:
        deadline = Deadline(timeout)
        if not self._turn.acquire(timeout=deadline.left):
            raise ConnectionFailed("Earlier messages still wait to be sent; this one was not.")
        try:
            cid = f"{self._mark}-{next(self._numbers)}"
            answer = self._link.ask(
                "message",
                Post(room=room, text=text, cid=cid, reply_to=reply_to),
                Posted,
                timeout=deadline.wait,
                patient=patient,
                answered=lambda posted: self._posted(posted.message),
            )
        finally:
            self._turn.release()
        return answer.message

    def is_from_here(self, message: Message) -> bool:
        """Whether this outbox sent the message."""
        return message.cid is not None and message.cid.startswith(f"{self._mark}-")


class Turns:
    """A lock that those who wait get in the order in which they came; `threading.Lock` has none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()  # the first of them has its turn

    def acquire(self, timeout: float) -> bool:
        """Whether it came to one's turn in time; then `release` it."""
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
