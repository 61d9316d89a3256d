"""What reads and processes one connection's events: in order, also pipelined.

    packet ─ waiting ─ handler ─ answer now ──────────────── ack
                          └───── Pending ──── when done ──── ack

An event has its connection to itself: the next one starts when it is answered. Handlers
that are marked as pipelined may overlap with each other, so that fifty messages can wait
for one write to the disk; they still start in the order in which they were sent. While
something waits, the transport reads no more: a client that is too fast is slowed down by
its own TCP connection, not by our memory.
"""

from collections import deque

from gevent.event import Event as GeventEvent

from chatapp.pending import Pending
from chatapp.realtime.connection import Connection
from chatapp.realtime.dispatch import Dispatch
from chatapp.realtime.packets import Connect, Disconnect, Event, Packet, Rejected

MAX_IN_FLIGHT = 256
"""Pipelined events of one connection whose answers are still to come."""


class MessageReceiver:
    """Hands on one connection's packets. Lives in whatever greenlet calls `take`."""

    __slots__ = (
        "_busy",
        "_cleared",
        "_connection",
        "_dispatch",
        "_in_flight",
        "_pipelined",
        "_waiting",
    )

    def __init__(self, connection: Connection, dispatch: Dispatch) -> None:
        self._connection = connection
        self._dispatch = dispatch
        self._waiting: deque[Packet] | None = None
        self._cleared: GeventEvent | None = None
        self._busy = False
        self._in_flight = 0
        self._pipelined = False  # whether those in flight let others overtake their answers

    @property
    def is_clear(self) -> bool:
        """Whether more may come."""
        return not self._busy and self._waiting is None

    @property
    def is_idle(self) -> bool:
        """Whether every event that was taken is answered."""
        return self.is_clear and not self._in_flight

    @property
    def unanswered(self) -> int:
        """How many packets were taken, and are not done with."""
        return self._in_flight + self._busy + len(self._waiting or ())

    def wait_until_clear(self) -> None:
        while not self.is_clear:
            if self._cleared is None:
                self._cleared = GeventEvent()
            self._cleared.wait()

    def take(self, packets: list[Packet]) -> None:
        """Handle these after those that came before. May wait where a handler does."""
        if not packets:
            return
        if self._waiting is None:
            self._waiting = deque(packets)
        else:
            self._waiting.extend(packets)
        if not self._busy:
            self._work()

    def forget(self) -> None:
        """The connection is gone. What waits will not be handled; what runs is not interrupted."""
        self._waiting = None
        self._tell_cleared()

    def _work(self) -> None:
        self._busy = True
        try:
            while self._waiting and self._may_start(self._waiting[0]):
                self._handle(self._waiting.popleft())
        finally:
            self._busy = False
        if not self._waiting:
            self._waiting = None
            self._tell_cleared()
            self._connection.transport.resume_reading()

    def _tell_cleared(self) -> None:
        if self._cleared is not None:
            self._cleared.set()
            self._cleared = None

    def _may_start(self, packet: Packet) -> bool:
        if not self._in_flight:
            return True
        return (
            self._pipelined
            and self._in_flight < MAX_IN_FLIGHT
            and isinstance(packet, Event)
            and self._dispatch.is_pipelined(packet.name)
        )

    def _handle(self, packet: Packet) -> None:
        if isinstance(packet, Event):
            self._handle_event(packet)
        elif isinstance(packet, Rejected):
            self._dispatch.reject(self._connection, packet)
        elif isinstance(packet, Connect):
            self._dispatch.connect(self._connection, packet)
        elif isinstance(packet, Disconnect):
            self._dispatch.disconnect(self._connection)
        else:
            self._dispatch.other(self._connection, packet)

    def _handle_event(self, event: Event) -> None:
        answer = self._dispatch.handle(self._connection, event)
        if isinstance(answer, Pending) and not answer.done:
            self._in_flight += 1
            self._pipelined = self._dispatch.is_pipelined(event.name)
            answer.when_done(lambda settled: self._answered(event, settled))
        else:
            self._dispatch.ack(self._connection, event, answer)

    def _answered(self, event: Event, answer: Pending[object]) -> None:
        self._in_flight -= 1
        self._dispatch.ack(self._connection, event, answer)
        if self._waiting and not self._busy:
            self._dispatch.workers.run_soon(self._carry_on)

    def _carry_on(self) -> None:
        if not self._busy:
            self._work()
