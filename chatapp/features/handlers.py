"""Connects the protocol with the rules: decodes requests, calls handlers, encodes answers.

Sockets and HTTP requests (`api/`) go through the same `EventHandler`.

An event handler takes a connection and a decoded payload, and returns its ack or a `Future` of it.
It does not catch errors of rules: this module turns them into error answers.
"""

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Generic, TypeVar

from chatapp.domain.errors import (
    BadPayload,
    ChatError,
    RateLimited,
    TooLong,
    Unavailable,
)
from chatapp.domain.future import Future
from chatapp.domain.rights import check_scope
from chatapp.protocol.answers import Refusal
from chatapp.protocol.codec import decoder, refusal
from chatapp.protocol.events import ClientEvent
from chatapp.tables.rerun import rerun
from chatapp.transport import Connection, Realtime, RejectReason

P = TypeVar("P")
A = TypeVar("A")


class EventHandler(Generic[P, A]):
    """Answers one event, whichever way it came."""

    def __init__(
        self,
        event: ClientEvent[P, A],
        handle: Callable[[Connection, P], A | Future[A]],
        shown: Callable[[Connection, A], A] = lambda _connection, answer: answer,
    ) -> None:
        """`shown(connection, answer)`: as much of an answer as may be known there."""
        self.event = event
        self._shown = shown
        self.decode = decoder(event.request)
        self._handle = handle

    def __call__(self, connection: Connection, raw: bytes) -> A | Future[A]:
        return self.answer(connection, partial(self.decode, raw))

    def answer(self, connection: Connection, payload: Callable[[], P]) -> A | Future[A]:
        """Check what the sender's token allows, then decode the payload, then handle it."""
        check_scope(connection.person, self.event.scope)
        decoded = payload()
        if self.event.pipelined:
            answer = self._handle(connection, decoded)  # Posts write no tables.
        else:
            answer = rerun(lambda: self._handle(connection, decoded))
        if connection.person.role != "bot":
            return answer
        if isinstance(answer, Future):
            return answer.then(partial(self._shown, connection))
        return self._shown(connection, answer)


def receive(
    realtime: Realtime, event: ClientEvent[P, A], handle: Callable[[Connection, P], A | Future[A]]
) -> None:
    """Register the handler of an event, with the settings from the table of events."""
    handler = EventHandler(event, handle, realtime.show)
    realtime.receive(
        event.name, handler, pipelined=event.pipelined, slow=event.slow, weight=event.weight
    )


def install_error_answers(realtime: Realtime) -> None:
    """Install the answers to events that are refused or fail."""
    realtime.answer_errors(
        refused=refused_by_transport,
        too_fast=refused_for_pace,
        failed=refused,
        expected=(ChatError,),
    )


def refused(error: Exception) -> Refusal:
    """The ack of an event whose handler raised an error, expected or not."""
    if isinstance(error, ChatError):
        return refusal(error)
    return refusal(Unavailable("Something went wrong on the server; it has been noted. Try again."))


def refused_for_pace(seconds: float) -> Refusal:
    """The ack of an event that exceeded the rate limit of its sender or their address."""
    return refusal(too_fast(seconds))


def too_fast(seconds: float) -> RateLimited:
    """The error of a request that may come in so many seconds."""
    seconds = ceil(seconds * 10) / 10
    message = f"Too many requests at once; try again in {seconds:g} s."
    return RateLimited(message, retry_after=seconds)


def refused_by_transport(reason: RejectReason) -> Refusal:
    """The ack of an event that the transport refused before any handler."""
    refused = TooLong if reason is RejectReason.TOO_LARGE else BadPayload
    return refusal(refused(reason.value))
