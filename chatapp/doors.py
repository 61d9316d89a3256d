"""The door between the wire and the rules: decode, ask, answer.

An event handler of the chat takes a connection and a decoded payload, and returns its ack,
now or later. What a rule refuses, it lets fly: it becomes an answer here, once.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from chatapp.errors import BadPayload, ChatError, NotAllowed, TooLong, Unavailable
from chatapp.model import Person, Scope
from chatapp.pending import Pending
from chatapp.realtime import Connection, Realtime, Refusal
from chatapp.wire import decoder, refusal

P = TypeVar("P")
Ack = dict[str, Any]
Door = Callable[[Connection, bytes], Ack | Pending[Ack] | None]


def door(
    payload: Any,
    handle: Callable[[Connection, Any], Ack | Pending[Ack] | None],
    *,
    needs: Scope = "read",
) -> Door:
    """What `Realtime.receive` wants, made of a payload type and a handler of its values.

    `needs` is the scope without which a token does not get through.
    """
    decode = decoder(payload)

    def enter(connection: Connection, raw: bytes) -> Ack | Pending[Ack] | None:
        check_scope(connection.person, needs)
        return handle(connection, decode(raw))

    return enter


def check_scope(person: Person, needs: Scope) -> None:
    """Raises `NotAllowed` if a token stands for this person that has not this scope."""
    if needs not in person.scopes:
        raise NotAllowed(f"This token may not do that; it would need the scope {needs!r}.")


def hang(realtime: Realtime) -> None:
    """Have everything answered that does not end with an ack of its own."""
    realtime.expect(ChatError)
    realtime.on_crash = refused
    realtime.on_refused = refused_by_transport


def refused(error: Exception) -> Ack:
    """The ack of an event whose handler raised: a rule's refusal, or an accident of ours."""
    if isinstance(error, ChatError):
        return refusal(error)
    return refusal(Unavailable("Something went wrong on the server; it has been noted. Try again."))


def refused_by_transport(reason: Refusal) -> Ack:
    """The ack of an event that no handler got to see."""
    refused = TooLong if reason is Refusal.TOO_LARGE else BadPayload
    return refusal(refused(reason.value))
