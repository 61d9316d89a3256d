"""Who handles which event, and what a client is told when nobody does or somebody fails.

Hot handlers get the raw payload and no Flask context. Events that were registered through
Flask-SocketIO's own API (`on_event` and its like) go to `fallback`, which makes one.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from chatapp.pending import Pending
from chatapp.realtime.connection import Connection, Refused
from chatapp.realtime.fanout import FanOut
from chatapp.realtime.frames import text_frame
from chatapp.realtime.packets import (
    Ack,
    Connect,
    Event,
    Packet,
    Refusal,
    Rejected,
    ack_packet,
    connect_error_packet,
    connected_packet,
    is_json,
)
from chatapp.realtime.tally import Tally
from chatapp.realtime.workers import Workers

Answer = Callable[[Connection, bytes], object]
"""From a connection and the JSON of a payload to the ack's argument, or a `Pending` of it."""
ConnectHandler = Callable[[Connection, bytes, dict[str, Any]], object]
DisconnectHandler = Callable[[Connection, str], object]

log = logging.getLogger(__name__)


class Handler(NamedTuple):
    answer: Answer
    pipelined: bool


class Values(tuple[Any, ...]):
    """The arguments of an ack that has not exactly one."""


class Dispatch:
    def __init__(
        self,
        fan_out: FanOut,
        workers: Workers,
        tally: Tally,
        *,
        accept: Callable[[Connection], bool],
        hang_up: Callable[[Connection, str], None],
    ) -> None:
        """`accept` lets a connection in, if it is still there; `hang_up` closes it."""
        self.workers = workers
        self._fan_out = fan_out
        self._tally = tally
        self._accept = accept
        self._hang_up = hang_up
        self.handlers: dict[str, Handler] = {}
        self.on_connect: list[ConnectHandler] = []
        self.on_disconnect: list[DisconnectHandler] = []
        self.on_refused: Callable[[Refusal], object] = refused_answer
        self.on_crash: Callable[[Exception], object] = crashed_answer
        self.on_error: Callable[[Connection, str, Exception], object] = lambda *_: None
        """Told of every event that ends with an error, and whose it was."""
        self.expected: tuple[type[Exception], ...] = ()
        """Errors that are answers, not accidents: they go to `on_crash` without a log line."""
        self.fallback: Callable[[Connection, Event], Values | None] = lambda *_: None
        self.on_ack: Callable[[Connection, Ack], None] = lambda *_: None

    def is_pipelined(self, event: str) -> bool:
        handler = self.handlers.get(event)
        return handler is not None and handler.pipelined

    def handle(self, connection: Connection, event: Event) -> object:
        """The answer to an event, or a `Pending` of it."""
        if not connection.open:
            return Values()
        self._tally.events += 1
        handler = self.handlers.get(event.name)
        try:
            if handler is not None:
                return handler.answer(connection, event.payload)
            if not is_json(event.payload or b"{}"):
                return self._refusal(Refusal.NOT_JSON)
            answer = self.fallback(connection, event)
        except Exception as error:
            return self._failed(connection, event.name, error)
        return self._refusal(Refusal.UNKNOWN_EVENT) if answer is None else answer

    def ack(self, connection: Connection, event: Event, answer: object) -> None:
        """Send the answer, if one was asked for."""
        try:
            value = answer.result() if isinstance(answer, Pending) else answer
        except Exception as error:
            value = self._failed(connection, event.name, error)
        if not event.id or not connection.open:
            return
        values = value if isinstance(value, Values) else () if value is None else (value,)
        try:
            packet = ack_packet(event.id, values)
        except TypeError as error:
            packet = ack_packet(event.id, (self._failed(connection, event.name, error),))
        self._fan_out.send(connection, text_frame(packet))

    def reject(self, connection: Connection, event: Rejected) -> None:
        answer = self._refusal(event.why)
        if event.id and connection.open:
            self._send(connection, ack_packet(event.id, (answer,)))

    def connect(self, connection: Connection, packet: Connect) -> None:
        if packet.namespace != "/":
            self._send(
                connection, connect_error_packet({"message": "Invalid namespace"}, packet.namespace)
            )
            return
        if connection.open or connection.environ is None:
            return
        if not is_json(packet.auth or b"{}"):
            self._send(connection, connect_error_packet({"message": "The auth is not valid JSON."}))
            return
        self._fan_out.flush()
        try:
            for handler in self.on_connect:
                handler(connection, packet.auth, connection.environ)
        except Refused as refused:
            self._turn_away(connection, refused.data)
        except Exception:
            log.exception("A connect handler failed.")
            self._turn_away(connection, {"message": "Something went wrong on the server."})
        else:
            connection.pending.insert(0, text_frame(connected_packet(connection.sid)))
            self._fan_out.touch(connection)
            if not self._accept(connection):
                self.disconnected(connection, "transport close")

    def disconnect(self, connection: Connection) -> None:
        """The client said goodbye."""
        self._hang_up(connection, "client disconnect")

    def disconnected(self, connection: Connection, reason: str) -> None:
        """An accepted connection is gone, whatever the reason."""
        for handler in self.on_disconnect:
            try:
                handler(connection, reason)
            except Exception:
                log.exception("A disconnect handler failed.")

    def other(self, connection: Connection, packet: Packet) -> None:
        if isinstance(packet, Ack) and connection.open:
            try:
                self.on_ack(connection, packet)
            except Exception:
                log.exception("The callback of an emit failed.")

    def _turn_away(self, connection: Connection, data: Any) -> None:
        self._fan_out.leave_all(connection)
        connection.rooms.clear()
        connection.pending.clear()
        self._send(connection, connect_error_packet(data))

    def _send(self, connection: Connection, packet: bytes) -> None:
        self._fan_out.send(connection, text_frame(packet))

    def _refusal(self, why: Refusal) -> object:
        self._tally.refused[why.name.lower()] += 1
        return self.on_refused(why)

    def _failed(self, connection: Connection, event: str, error: Exception) -> object:
        self.on_error(connection, event, error)
        if not isinstance(error, self.expected):
            log.error("The handler of %r failed.", event, exc_info=error)
        return self.on_crash(error)


def refused_answer(why: Refusal) -> object:
    return {"ok": False, "error": {"code": "bad_payload", "message": str(why)}}


def crashed_answer(_error: Exception) -> object:
    message = "Something went wrong on the server."
    return {"ok": False, "error": {"code": "unavailable", "message": message}}
