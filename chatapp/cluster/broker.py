"""What the processes of a chat tell each other and may lose: presence, typing, counts of attempts.

    event loop's thread            threads of the adapter                 other processes
    publish ── bounded queue ────▶ PostgreSQL's NOTIFY, or Redis ───────▶ handlers, on their loop

A message is heard at most once, and only by other processes; those of one publisher are heard in
their order. Each process numbers its messages, so that a late or doubled one is dropped, and a
missing one is noticed: then the `on_gap` handlers ask for what they need. Every two seconds, each
process publishes a heartbeat, which it hears itself: without it, the way is not open.

    9f2c61d07b3a48e5 812 presence {"node":…
    publisher        no. topic    payload; a heartbeat has neither topic nor payload
"""

import logging
import secrets
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from time import monotonic

from chatapp.ports import Handler

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
STOP_SECONDS = 2.0
MAX_WAITING_BYTES = 8 * 1024 * 1024
FRAME_OVERHEAD_BYTES = 100
MAX_PUBLISHERS = 1_000
"""How many publishers' numbers are remembered; the most recently heard ones."""

Deliver = Callable[[Callable[[], None]], object]
"""Runs a step on the event loop's thread; called from any thread."""


class ThreadedBroker(ABC):
    """What the adapters share. `deliver` runs a step on the event loop's thread.

    A subclass starts its threads at the end of its constructor. They send the frames of `_take()`
    and hand what they hear to `_arrived()`, until `_stopping`.
    """

    heartbeat_seconds = 2.0
    silent_seconds = 6.0
    """A way on which three heartbeats did not come back is closed, and opened anew."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._id = secrets.token_hex(8)
        self._handlers: dict[str, list[Handler]] = {}
        self._gap_handlers: list[Callable[[], None]] = []
        self._numbers: dict[str, int] = {}
        """The number of the last message of each publisher, the most recently heard one last."""
        self._number = 0
        self._lock = Lock()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._waiting_bytes = 0
        self._last_taken = 0
        self._heard_at = -self.silent_seconds
        self._is_lost = False
        self._stopping = Event()
        self._threads: list[Thread] = []
        self.dropped = 0
        """As `Broker.dropped`."""

    # On the event loop's thread

    @property
    def is_up(self) -> bool:
        return monotonic() - self._heard_at < self.silent_seconds

    def publish(self, topic: str, payload: bytes) -> None:
        self._number += 1
        frame = b"%b %d %b %b" % (self._id.encode(), self._number, topic.encode(), payload)
        size = len(frame) + FRAME_OVERHEAD_BYTES
        with self._lock:
            if self._waiting and self._waiting_bytes + size > MAX_WAITING_BYTES:
                self.dropped += 1
                return
            self._waiting.append((self._number, frame))
            self._waiting_bytes += size
        self._wake()

    def subscribe(self, topic: str, handler: Handler) -> None:
        if len(topic.split()) != 1:
            raise ValueError(f"{topic!r} is not one word")
        self._handlers.setdefault(topic, []).append(handler)

    def on_gap(self, handler: Callable[[], None]) -> None:
        self._gap_handlers.append(handler)

    def close(self) -> None:
        self._stopping.set()
        self._wake()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _hear(self, frame: bytes) -> None:
        publisher, number, topic, payload = _parsed(frame)
        if self._stopping.is_set():
            return
        last = self._numbers.pop(publisher, None)
        self._numbers[publisher] = number if last is None else max(number, last)
        if len(self._numbers) > MAX_PUBLISHERS:
            del self._numbers[next(iter(self._numbers))]
        if topic and (last is None or number > last):
            for handler in self._handlers.get(topic, ()):
                _call(lambda handler=handler: handler(payload))  # type: ignore[misc]
        if last is not None and number > last + bool(topic):
            for told in self._gap_handlers:
                _call(told)

    # On the adapter's threads

    @abstractmethod
    def _wake(self) -> None:
        """There are frames to take, or it is time to stop. Called on any thread."""

    def _start(self, *work: Callable[[], None]) -> None:
        for step in work:
            self._threads.append(Thread(target=step, name=f"broker {step.__name__}", daemon=True))
        for thread in self._threads:
            thread.start()

    def _take(self) -> list[bytes]:
        """The frames that wait."""
        with self._lock:
            frames = [frame for _, frame in self._waiting]
            if self._waiting:
                self._last_taken = self._waiting[-1][0]
            self._waiting.clear()
            self._waiting_bytes = 0
        return frames

    def _heartbeat(self) -> bytes:
        """Has the number of the last message, so that others notice if they have missed it."""
        return b"%b %d  " % (self._id.encode(), self._last_taken)

    def _arrived(self, frames: Iterable[bytes]) -> None:
        self._heard_at = monotonic()
        if self._is_lost:
            self._is_lost = False
            logger.warning("%s answers again.", self._name)
        own = self._id.encode()
        others = [frame for frame in frames if not frame.startswith(own)]
        if others:
            self._deliver(lambda: self._hear_all(others))

    def _hear_all(self, frames: list[bytes]) -> None:
        for frame in frames:
            self._hear(frame)

    def _lost(self, error: object, frames: list[bytes] | None = None) -> None:
        """The way is closed, and with it these frames are lost."""
        self.dropped += len(frames or ())
        if not (self._is_lost or self._stopping.is_set()):
            self._is_lost = True
            logger.warning("%s does not answer: %s", self._name, error)

    @property
    @abstractmethod
    def _name(self) -> str:
        """What the log calls it."""


def _parsed(frame: bytes) -> tuple[str, int, str, bytes]:
    publisher, number, topic, payload = frame.split(b" ", 3)
    return publisher.decode(), int(number), topic.decode(), payload


def _call(handler: Callable[[], None]) -> None:
    try:
        handler()
    except Exception:
        logger.exception("A handler of what another process told failed")
