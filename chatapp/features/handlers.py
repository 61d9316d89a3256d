"""Connects the protocol with the rules: decodes requests, calls handlers, encodes answers.

An event handler takes a connection and a decoded payload, and returns its ack or a `Future` of it.
It does not catch errors of rules: this module turns them into error answers.
"""

from collections.abc import Callable
from math import ceil
from typing import TypeVar

from chatapp.domain.errors import (
    BadPayload,
    ChatError,
    NotAllowed,
    RateLimited,
    TooLong,
    Unavailable,
)
from chatapp.domain.future import Future
from chatapp.domain.model import Person, Scope
from chatapp.protocol.answers import Refusal
from chatapp.protocol.codec import decoder, refusal
from chatapp.protocol.events import ClientEvent
from chatapp.tables.rerun import rerun
from chatapp.transport import Connection, Realtime, RejectReason

P = TypeVar("P")
A = TypeVar("A")


def receive(
    realtime: Realtime, event: ClientEvent[P, A], handle: Callable[[Connection, P], A | Future[A]]
) -> None:
    """Register the handler of an event, with the settings from the table of events."""
    decode = decoder(event.request)

    def enter(connection: Connection, raw: bytes) -> A | Future[A]:
        check_scope(connection.person, event.scope)
        payload = decode(raw)
        if event.pipelined:
            return handle(connection, payload)  # Posts write no tables.
        return rerun(lambda: handle(connection, payload))

    realtime.receive(event.name, enter, pipelined=event.pipelined, weight=event.weight)


def check_scope(person: Person, needs: Scope) -> None:
    """Raises `NotAllowed` if the person connected with a token that lacks this scope."""
    if needs not in person.scopes:
        raise NotAllowed(f"This token lacks the scope {needs!r}.")


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
    seconds = ceil(seconds * 10) / 10
    message = f"Too many requests at once; try again in {seconds:g} s."
    return refusal(RateLimited(message, retry_after=seconds))


def refused_by_transport(reason: RejectReason) -> Refusal:
    """The ack of an event that the transport refused before any handler."""
    refused = TooLong if reason is RejectReason.TOO_LARGE else BadPayload
    return refusal(refused(reason.value))
