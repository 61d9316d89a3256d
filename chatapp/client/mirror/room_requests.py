"""What a copy asks of the chat over HTTP, besides the stream."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from chatapp.client.errors import NotUnderstood
from chatapp.client.files.http import HttpSession
from chatapp.protocol.answers import CheckpointsPage, HistoryPage, ProofsPage

T = TypeVar("T")

ROOT = "/api/v1"

_decode_proofs = msgspec.json.Decoder(ProofsPage).decode
_decode_checkpoints = msgspec.json.Decoder(CheckpointsPage).decode
_decode_history = msgspec.json.Decoder(HistoryPage).decode


def address_of(room: str) -> str:
    return f"{ROOT}/rooms/{quote(room, safe='')}"


def ask_for_proofs(session: HttpSession, room: str, after: int, limit: int) -> ProofsPage:
    path = f"{address_of(room)}/proofs?after={after}&limit={limit}"
    return understood(_decode_proofs, session.ask("GET", path).content)


def ask_for_checkpoints(session: HttpSession, after: int) -> CheckpointsPage:
    answer = session.ask("GET", f"{ROOT}/checkpoints?after={after}")
    return understood(_decode_checkpoints, answer.content)


def first_message(session: HttpSession, room: str) -> int | None:
    """The seq of the oldest message that the chat still has; None if it has none."""
    answer = session.ask("GET", f"{address_of(room)}/messages?after=0&limit=1")
    messages = understood(_decode_history, answer.content).messages
    return messages[0].seq if messages else None


def understood(decode: Callable[[Any], T], data: bytes | msgspec.Raw) -> T:
    try:
        return decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood(f"The server sends what this version does not know: {error}.") from None
