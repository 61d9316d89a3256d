"""Decodes payloads, and encodes errors as answers."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from chatapp.domain.errors import BadPayload, ChatError
from chatapp.protocol.answers import ConnectRefusal, Problem, Refusal

P = TypeVar("P")


def decoder(payload: type[P]) -> Callable[[bytes], P]:
    """A function that decodes the JSON of a payload; raises `BadPayload`.

    An event without a payload counts as one with an empty payload.
    """
    decode = msgspec.json.Decoder(payload).decode

    def decode_payload(raw: bytes) -> P:
        try:
            return decode(raw or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadPayload(f"The payload is invalid: {error}.") from None

    return decode_payload


def refusal(error: ChatError) -> Refusal:
    return Refusal(error=_problem(error))


def connect_refusal(error: ChatError) -> ConnectRefusal:
    return ConnectRefusal(message=error.message, code=error.code, data=_problem(error))


def _problem(error: ChatError) -> Problem:
    return Problem(code=error.code, message=error.message, retry_after=error.retry_after)
