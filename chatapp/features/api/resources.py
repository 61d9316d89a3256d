"""The addresses of the API besides `POST /api/v1/<event>`: what they are made of.

Each one is an event under another address: what is in `{braces}`, or in the query of a GET, are
fields of its payload.
"""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote

import msgspec

from chatapp.domain.errors import NotFound
from chatapp.domain.model import Message
from chatapp.protocol import events
from chatapp.protocol.answers import Answer, HistoryPage, PostedMessage
from chatapp.protocol.events import ClientEvent

ROOT = "/api/v1"
OTHER_ADDRESSES = frozenset([events.FILES.name])
"""Events whose address `POST /api/v1/<event>` does something else: it takes an upload."""


class OneMessage(Answer, frozen=True, kw_only=True):
    message: Message


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """`fixed` are fields of the payload that are always so; `renamed` says what a field is called
    in the address. `shown` makes the answer that is sent, an `answer`, of the event's own and the
    values from the address. What makes something answers 201, at `location(answer)`."""

    method: str
    path: str
    event: ClientEvent[Any, Any]
    summary: str
    fixed: dict[str, Any] = {}
    hidden: tuple[str, ...] = ()
    renamed: dict[str, str] = {}
    answer: type[Answer] | None = None
    shown: Callable[[Any, Any], Answer] | None = None
    location: Callable[[Any], str | None] | None = None


def _one(page: HistoryPage, wanted: Any) -> OneMessage:
    if not page.messages or page.messages[0].seq != wanted.around:
        raise NotFound(f"There is no message {wanted.around} in {wanted.room!r}.")
    return OneMessage(message=page.messages[0])


def _place(posted: PostedMessage) -> str | None:
    """None if it was there before."""
    if posted.duplicate is True:
        return None
    message = posted.message
    return f"{ROOT}/rooms/{quote(message.room)}/messages/{message.seq}"


_ROOM = f"{ROOT}/rooms/{{room}}"
_MESSAGE = f"{_ROOM}/messages/{{seq}}"

RESOURCES = (
    Resource(
        method="GET", path=f"{ROOT}/rooms", event=events.ROOMS, summary="The rooms that you can see"
    ),
    Resource(
        method="GET",
        path=f"{_ROOM}/messages",
        event=events.HISTORY,
        summary="A page of a room's messages, the oldest first",
    ),
    Resource(
        method="POST",
        path=f"{_ROOM}/messages",
        event=cast(ClientEvent[Any, Any], events.MESSAGE),
        summary="Post a message in a room",
        location=_place,
    ),
    Resource(
        method="GET",
        path=_MESSAGE,
        event=events.HISTORY,
        summary="One message",
        renamed={"around": "seq"},
        fixed={"limit": 1},
        hidden=("thread", "folded", "before", "after", "since", "limit"),
        answer=OneMessage,
        shown=_one,
    ),
    Resource(method="PATCH", path=_MESSAGE, event=events.EDIT, summary="Change a message's text"),
    Resource(method="DELETE", path=_MESSAGE, event=events.DELETE, summary="Delete a message"),
    Resource(
        method="GET",
        path=f"{_MESSAGE}/versions",
        event=events.VERSIONS,
        summary="The versions of a message that was edited",
    ),
    Resource(
        method="GET", path=f"{_ROOM}/files", event=events.FILES, summary="The files of a room"
    ),
    Resource(
        method="GET",
        path=f"{_ROOM}/pins",
        event=events.PINS,
        summary="The pinned messages of a room",
    ),
    Resource(
        method="GET",
        path=f"{_ROOM}/commands",
        event=events.COMMANDS,
        summary="The slash commands that bots offer in a room",
    ),
    Resource(
        method="GET",
        path=f"{_ROOM}/proofs",
        event=events.PROOFS,
        summary="Proofs that a room's events stand in the log",
    ),
    Resource(
        method="GET",
        path=f"{ROOT}/checkpoints",
        event=events.CHECKPOINTS,
        summary="The signed checkpoints of the log, and their keys",
    ),
    Resource(
        method="GET", path=f"{ROOT}/search", event=events.SEARCH, summary="Search for messages"
    ),
    Resource(
        method="GET",
        path=f"{ROOT}/people",
        event=events.PEOPLE,
        summary="People: with a name, in a room, or here now",
    ),
    Resource(
        method="GET", path=f"{ROOT}/inbox", event=events.INBOX, summary="Rooms with something new"
    ),
    Resource(
        method="GET",
        path=f"{ROOT}/threads",
        event=events.THREADS,
        summary="Threads that you follow",
    ),
    Resource(
        method="GET", path=f"{ROOT}/saved", event=events.SAVED, summary="Messages that you saved"
    ),
    Resource(
        method="GET",
        path=f"{ROOT}/scheduled",
        event=events.SCHEDULED,
        summary="Your messages that wait for their time",
    ),
    Resource(
        method="GET", path=f"{ROOT}/emoji", event=events.EMOJI, summary="The chat's own emoji"
    ),
)
