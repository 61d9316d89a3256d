"""Finds the handler of an event, and answers when there is none or it fails.

Handlers get the raw payload and no Flask context. Events that were registered through
Flask-SocketIO's own API (`on_event` and others) go to `fallback`, which provides one.
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from chatapp.domain.future import Future
from chatapp.transport.connection import Connection, ConnectRefused
from chatapp.transport.counters import Counters
from chatapp.transport.fanout import FanOut
from chatapp.transport.greenlet_pool import GreenletPool
from chatapp.transport.wire.frames import text_frame
from chatapp.transport.wire.packets import (
    AckPacket,
    Close,
    ConnectPacket,
    DisconnectPacket,
    EventPacket,
    InvalidPacket,
    Packet,
    RejectedEvent,
    RejectReason,
    ack_packet,
    connect_error_packet,
    connected_packet,
    is_json,
)

Answer = Callable[[Connection, bytes], object]
"""Takes a connection and a payload as JSON; returns the ack's argument, or a `Future` of it."""
ConnectHandler = Callable[[Connection, bytes, dict[str, Any]], object]
"""Accepts a connection or raises `ConnectRefused`, now or by the `Future` that it returns."""
DisconnectHandler = Callable[[Connection, str], object]

TOO_EARLY = "No event can be sent before the connection is accepted."
TOO_FAST = "too_fast"
"""The reason for a refusal, as in the metrics."""

log = logging.getLogger(__name__)


class RegisteredHandler(NamedTuple):
    answer: Answer
    pipelined: bool
    weight: float = 1.0
    """How much an event takes from its sender's allowance."""
    slow: bool = False
    """Whether an answer that comes later keeps no other event waiting."""


class Values(tuple[Any, ...]):
    """The arguments of an ack that has none, or more than one."""


class Dispatch:
    def __init__(
        self,
        fan_out: FanOut,
        workers: GreenletPool,
        counters: Counters,
        *,
        accept: Callable[[Connection], bool],
        leave: Callable[[Connection], None],
        hang_up: Callable[[Connection], None],
        abort: Callable[[Connection, str], None],
    ) -> None:
        """`accept` admits a connection, if it still exists; `leave` reverses that. `hang_up` closes
        a connection that its client has closed, `abort` one that violates the protocol."""
        self.workers = workers
        self._fan_out = fan_out
        self._counters = counters
        self._accept = accept
        self._leave = leave
        self._hang_up = hang_up
        self._abort = abort
        self.handlers: dict[str, RegisteredHandler] = {}
        self.on_connect: list[ConnectHandler] = []
        self.on_disconnect: list[DisconnectHandler] = []
        self.on_refused: Callable[[RejectReason], object] = refused_answer
        self.on_too_fast: Callable[[float], object] = too_fast_answer
        self.on_crash: Callable[[Exception], object] = crashed_answer
        self.on_error: Callable[[Connection, str, Exception], object] = lambda *_: None
        """Called for every event that ends with an error."""
        self.expected: tuple[type[Exception], ...] = ()
        """Errors that are ordinary answers: they go to `on_crash` and are not logged."""
        self.fallback: Callable[[Connection, EventPacket], Values | None] = lambda *_: None
        self.on_ack: Callable[[Connection, AckPacket], None] = lambda *_: None

    def refuse(self, connection: Connection, packet: Packet, seconds: float) -> None:
        """The event came too fast; the next one is allowed in `seconds`."""
        self._counters.refused[TOO_FAST] += 1
        if isinstance(packet, EventPacket | RejectedEvent) and packet.id and connection.open:
            namespace = packet.namespace if isinstance(packet, RejectedEvent) else b"/"
            answer = self.on_too_fast(seconds)
            self._send(connection, ack_packet(packet.id, (answer,), namespace))

    def handle(
        self, connection: Connection, event: EventPacket, handler: RegisteredHandler | None
    ) -> object:
        """The answer to an event, or a `Future` of it. `handler` is the event's entry in
        `handlers`."""
        if not connection.open:
            self._abort(connection, TOO_EARLY)
            return Values()
        self._counters.events += 1
        try:
            if handler is not None:
                return handler.answer(connection, event.payload)
            if not is_json(event.payload or b"{}"):
                return self._refusal(RejectReason.TOO_DEEP)
            answer = self.fallback(connection, event)
        except Exception as error:
            return self._failed(connection, event.name, error)
        return self._refusal(RejectReason.UNKNOWN_EVENT) if answer is None else answer

    def ack(self, connection: Connection, event: EventPacket, answer: object) -> int:
        """Send the answer, if the client asked for one. Returns its length in bytes."""
        try:
            value = answer.result() if isinstance(answer, Future) else answer
        except Exception as error:
            value = self._failed(connection, event.name, error)
        if not event.id or not connection.open:
            return 0
        values = value if isinstance(value, Values) else () if value is None else (value,)
        try:
            packet = ack_packet(event.id, values)
        except Exception as error:  # JSON cannot express it; the client still needs an ack
            packet = ack_packet(event.id, (self._failed(connection, event.name, error),))
        self._fan_out.send(connection, text_frame(packet))
        return len(packet)

    def reject(self, connection: Connection, event: RejectedEvent) -> None:
        if not connection.open:
            self._abort(connection, TOO_EARLY)
            return
        answer = self._refusal(event.why)
        if event.id:
            self._send(connection, ack_packet(event.id, (answer,), event.namespace))

    def connect(self, connection: Connection, packet: ConnectPacket) -> Future[None] | None:
        """Accept the connection or refuse it; the future is resolved when that has happened, if a
        handler has to wait for something."""
        if packet.namespace != "/":
            self._send(
                connection, connect_error_packet({"message": "Invalid namespace"}, packet.namespace)
            )
            return None
        if connection.open:
            return None
        if connection.left or connection.environ is None:
            message = "You have left this connection. Open another one."
            self._send(connection, connect_error_packet({"message": message}))
            return None
        if not is_json(packet.auth or b"{}"):
            self._send(connection, connect_error_packet({"message": "The auth is not valid JSON."}))
            return None
        self._fan_out.flush()
        steps = (
            partial(handler, connection, packet.auth, connection.environ)
            for handler in self.on_connect
        )
        return self._let_in(connection, steps)

    def _let_in(
        self, connection: Connection, steps: Iterator[Callable[[], object]]
    ) -> Future[None] | None:
        """Call the connect handlers in order. What a handler does after it has waited, and the
        handlers after it, must not block: they run in the hub, before anything else is sent."""
        try:
            for step in steps:
                outcome = step()
                if isinstance(outcome, Future):
                    if not outcome.done:
                        return self._let_in_later(connection, steps, outcome)
                    outcome.result()
        except ConnectRefused as refused:
            self._refuse_connection(connection, refused.data)
        except Exception:
            log.exception("A connect handler failed.")
            self._refuse_connection(connection, {"message": "Something went wrong on the server."})
        else:
            connection.pending.insert(0, text_frame(connected_packet(connection.sid)))
            self._fan_out.touch(connection)
            if not self._accept(connection):
                self.disconnected(connection, "transport close")
        return None

    def _let_in_later(
        self,
        connection: Connection,
        steps: Iterator[Callable[[], object]],
        awaited: Future[object],
    ) -> Future[None]:
        outcome: Future[None] = Future()

        def go_on(_: object) -> None:
            rest = self._let_in(connection, chain((awaited.result,), steps))
            (rest or Future.of(None)).add_done_callback(lambda _: outcome.resolve(None))

        awaited.add_done_callback(go_on)
        return outcome

    def disconnected(self, connection: Connection, reason: str) -> None:
        """Call the disconnect handlers of an accepted connection."""
        for handler in self.on_disconnect:
            try:
                handler(connection, reason)
            except Exception:
                log.exception("A disconnect handler failed.")

    def other(self, connection: Connection, packet: Packet) -> None:
        match packet:
            case InvalidPacket(why):
                self._abort(connection, why)
            case Close():
                self._hang_up(connection)
            case DisconnectPacket("/") if connection.open:
                self._leave(connection)
            case AckPacket() if connection.open:
                self._acked(connection, packet)

    def _acked(self, connection: Connection, packet: AckPacket) -> None:
        try:
            self.on_ack(connection, packet)
        except Exception:
            log.exception("The callback of an emit failed.")

    def _refuse_connection(self, connection: Connection, data: Any) -> None:
        self._fan_out.leave_all(connection)
        connection.rooms.clear()
        connection.pending.clear()
        self._send(connection, connect_error_packet(data))

    def _send(self, connection: Connection, packet: bytes) -> None:
        self._fan_out.send(connection, text_frame(packet))

    def _refusal(self, why: RejectReason) -> object:
        self._counters.refused[why.name.lower()] += 1
        return self.on_refused(why)

    def _failed(self, connection: Connection, event: str, error: Exception) -> object:
        self.on_error(connection, event, error)
        if not isinstance(error, self.expected):
            log.error("The handler of %r failed.", event, exc_info=error)
        return self.on_crash(error)


def refused_answer(why: RejectReason) -> object:
    return {"ok": False, "error": {"code": "bad_payload", "message": str(why)}}


def too_fast_answer(seconds: float) -> object:
    message = "Too many events at once."
    error = {"code": "rate_limited", "message": message, "retry_after": seconds}
    return {"ok": False, "error": error}


def crashed_answer(_error: Exception) -> object:
    message = "Something went wrong on the server."
    return {"ok": False, "error": {"code": "unavailable", "message": message}}
