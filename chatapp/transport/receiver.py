"""Processes one connection's events in order, or pipelined.

    packet ─ waiting ─ handler ─ answer now ──────────────── ack
                          └───── Pending ──── when done ──── ack

By default, an event starts when the one before it is answered. Handlers that are marked as
pipelined may overlap with each other, so that fifty messages can share one write to the disk; they
still start in the order in which they were sent. An event that is marked as slow waits for
somebody else's program, so no later event waits for its answer. While packets wait, the transport
reads no more: TCP backpressure slows down a client that is too fast, and the server's memory does
not grow.

A connection works for a slice of each turn of the event loop (`loop_scheduler.py`), and is charged
for its events (`allowance.py`). Nothing is read from it while it is in debt, or while its backlog
exceeds what a client that reads would leave.
"""

from collections import deque
from functools import partial
from time import monotonic
from typing import Any

from gevent.event import Event as GeventEvent

from chatapp.domain.future import Future
from chatapp.transport.allowance import EventLimits
from chatapp.transport.connection import Connection
from chatapp.transport.dispatch import Dispatch, RegisteredHandler
from chatapp.transport.loop_scheduler import SLICE_BYTES, SLICE_SECONDS, LoopScheduler
from chatapp.transport.wire.packets import (
    AckPacket,
    ConnectPacket,
    EventPacket,
    Packet,
    RejectedEvent,
)

MAX_IN_FLIGHT = 256
"""Maximum of unanswered pipelined events of one connection."""

MAX_SLOW = 16
"""Maximum of unanswered slow events of one connection for which later events do not wait."""

SHORT_ANSWER_BYTES = 4096
"""Each of these of a longer answer has a weight of 1."""

BYTES_A_WEIGHT = 256
"""This many bytes of a payload have a weight of 1."""

MAX_UNSENT_BYTES = 256 * 1024
"""If more is unsent, the client's next event waits."""


def weight_of(handler: RegisteredHandler | None, size: int) -> float:
    """The weight of an event whose payload has this size in bytes."""
    return (1 if handler is None else handler.weight) + size / BYTES_A_WEIGHT


class MessageReceiver:
    """Handles one connection's packets, in the greenlet that calls `take`."""

    __slots__ = (
        "_busy",
        "_cleared",
        "_connection",
        "_debt_timer",
        "_dispatch",
        "_in_flight",
        "_is_due",
        "_is_stalled",
        "_limits",
        "_pipelined",
        "_scheduler",
        "_slow",
        "_waiting",
    )

    def __init__(
        self,
        connection: Connection,
        dispatch: Dispatch,
        scheduler: LoopScheduler,
        limits: EventLimits,
    ) -> None:
        self._connection = connection
        self._dispatch = dispatch
        self._scheduler = scheduler
        self._limits = limits
        self._waiting: deque[Packet] | None = None
        self._cleared: GeventEvent | None = None
        self._busy = False
        self._in_flight = 0
        self._slow = 0  # events whose answers keep nothing waiting
        self._pipelined = False  # whether other events may overlap with those in flight
        self._is_due = False  # whether it is scheduled to continue
        self._is_stalled = False  # whether it waits for the client to read
        self._debt_timer: Any = None  # the timer of a connection in debt

    @property
    def is_clear(self) -> bool:
        return not self._busy and self._waiting is None and self._debt_timer is None

    @property
    def is_idle(self) -> bool:
        """Whether all accepted events are answered, except those that wait because of debt."""
        has_begun = self._busy or self._in_flight or self._slow
        return not has_begun and (self._waiting is None or self._debt_timer is not None)

    @property
    def unanswered(self) -> int:
        """Number of packets accepted and not finished."""
        return self._in_flight + self._slow + self._busy + len(self._waiting or ())

    def wait_until_clear(self) -> None:
        while not self.is_clear:
            if self._cleared is None:
                self._cleared = GeventEvent()
            self._cleared.wait()

    def take(self, packets: list[Packet]) -> None:
        """Handle `packets` after earlier ones. Blocks if a handler does."""
        if not packets:
            return
        if self._waiting is None:
            self._waiting = deque(packets)
        else:
            self._waiting.extend(packets)
        if not self._busy and not self._is_due and self._debt_timer is None:
            self._work()

    def charge(self, weight: float) -> None:
        if self._limits.charge(self._connection, weight):
            self._pause_in_debt()

    def drained(self) -> None:
        if self._is_stalled and self._connection.transport.unsent_bytes <= MAX_UNSENT_BYTES:
            self._is_stalled = False
            self._resume_later()

    def forget(self) -> None:
        """The connection is gone: drop waiting packets. Running handlers are not interrupted."""
        self._waiting = None
        self._stop_debt_timer()
        self._notify_cleared()

    def _work(self) -> None:
        """Handle waiting packets for a slice of this turn."""
        if self._connection.transport.unsent_bytes > MAX_UNSENT_BYTES:
            self._is_stalled = True
            return
        self._busy = True
        try:
            self._handle_slice()
        finally:
            self._busy = False
        if not self._waiting and self._debt_timer is None:
            self._waiting = None
            if self._cleared is not None:
                self._notify_cleared()
            self._connection.transport.resume_reading()

    def _handle_slice(self) -> None:
        answered, end = 0, monotonic() + SLICE_SECONDS
        while self._waiting and (not self._in_flight or self._may_overlap(self._waiting[0])):
            answered += self._handle(self._waiting.popleft())
            if self._debt_timer is not None:
                return
            if self._waiting and (answered > SLICE_BYTES or monotonic() > end):
                self._resume_later()
                return

    def _resume_later(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._scheduler.wait(self._resume)

    def _pause_in_debt(self) -> None:
        owed = self._limits.debt(self._connection)
        if owed and self._debt_timer is None and not self._connection.gone:
            self._debt_timer = self._scheduler.after(owed, self._end_debt)

    def _end_debt(self) -> None:
        self._stop_debt_timer()
        self._resume()

    def _stop_debt_timer(self) -> None:
        if self._debt_timer is not None:
            self._debt_timer.close()
            self._debt_timer = None

    def _notify_cleared(self) -> None:
        if self._cleared is not None:
            self._cleared.set()
            self._cleared = None

    def _may_overlap(self, packet: Packet) -> bool:
        """Whether the packet may start before those in flight are answered."""
        if not self._pipelined or self._in_flight >= MAX_IN_FLIGHT:
            return False
        if not isinstance(packet, EventPacket):
            return False
        handler = self._dispatch.handlers.get(packet.name)
        return handler is not None and handler.pipelined

    def _handle(self, packet: Packet) -> int:
        """Returns the size of the answer in bytes."""
        if isinstance(packet, EventPacket):
            return self._handle_event(packet)
        if seconds := self._limits.charge(self._connection, 1):
            self._pause_in_debt()
            if isinstance(packet, RejectedEvent | AckPacket):
                self._dispatch.refuse(self._connection, packet, seconds)
                return 0
        if isinstance(packet, RejectedEvent):
            self._dispatch.reject(self._connection, packet)
        elif isinstance(packet, ConnectPacket):
            self._connect(packet)
        else:
            self._dispatch.other(self._connection, packet)
        return 0

    def _connect(self, packet: ConnectPacket) -> None:
        """What the client sends meanwhile waits."""
        outcome = self._dispatch.connect(self._connection, packet)
        if outcome is not None and not outcome.done:
            self._in_flight += 1
            self._pipelined = False
            outcome.add_done_callback(self._let_in)

    def _handle_event(self, event: EventPacket) -> int:
        handler = self._dispatch.handlers.get(event.name)
        weight = weight_of(handler, len(event.payload))
        if seconds := self._limits.charge(self._connection, weight):
            self._pause_in_debt()
            self._dispatch.refuse(self._connection, event, seconds)
            return 0
        answer = self._dispatch.handle(self._connection, event, handler)
        if isinstance(answer, Future) and not answer.done:
            if handler is not None and handler.slow and self._slow < MAX_SLOW:
                self._slow += 1
                answer.add_done_callback(partial(self._answered_late, event))
                return 0
            self._in_flight += 1
            self._pipelined = handler is not None and handler.pipelined
            answer.add_done_callback(partial(self._answered, event))
            return 0
        return self._ack(event, answer)

    def _ack(self, event: EventPacket, answer: object) -> int:
        """A long answer is charged once its length is known."""
        size = self._dispatch.ack(self._connection, event, answer)
        if size > SHORT_ANSWER_BYTES and self._limits.charge(
            self._connection, size / SHORT_ANSWER_BYTES
        ):
            self._pause_in_debt()
        return size

    def _answered(self, event: EventPacket, answer: Future[object]) -> None:
        self._in_flight -= 1
        self._ack(event, answer)
        self._continue_soon()

    def _answered_late(self, event: EventPacket, answer: Future[object]) -> None:
        self._slow -= 1
        self._ack(event, answer)

    def _let_in(self, _: Future[None]) -> None:
        self._in_flight -= 1
        self._continue_soon()

    def _continue_soon(self) -> None:
        if self._waiting and not self._busy and not self._is_due:
            self._is_due = True
            self._dispatch.workers.run_soon(self._resume)

    def _resume(self) -> None:
        self._is_due = False
        if not self._busy and self._debt_timer is None:
            self._work()
