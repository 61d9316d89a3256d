"""What a receiver gets of an event: `{"type": …, "timestamp": …, "data": {…}}`.

The data are the event as the people of its room hear it. They are read when they are sent, so a
retry never tells what was deleted or erased meanwhile.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Literal, Protocol, get_args

import msgspec

from chatapp.domain.model import Event
from chatapp.domain.polls import is_closing, is_vote
from chatapp.protocol.pushes import ErasedTexts

EventName = Literal[
    "message.posted",
    "message.edited",
    "message.deleted",
    "reaction.changed",
    "poll.voted",
    "poll.closed",
    "room.changed",
]
EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)
TEST = "webhook.test"
"""The type of what the console sends to try a webhook."""
MAX_BODY_BYTES = 20_000
KEPT_BODIES = 256
ID_CHARACTERS = 32


class SentEvent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """`deleted`: its message is deleted by now, so it has no text. `truncated`: it was too long, so
    its text ends early, and it has no files, previews or poll."""

    deleted: bool = False
    truncated: bool = False


class WebhookPayload(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    timestamp: str
    data: SentEvent


class ReadableEvents(Protocol):
    """What payloads need of the message log."""

    def following(self, n: int, *, limit: int) -> list[tuple[int, Event]]: ...
    def deleted(self, room: str, seqs: Collection[int]) -> set[int]: ...


def name_of_event(event: Event) -> EventName | None:
    """None for what only adds previews of links."""
    match event.type:
        case "message":
            return "message.posted" if event.system is None else "room.changed"
        case "delete":
            return "message.deleted"
        case "react":
            return "poll.voted" if is_vote(event) else "reaction.changed"
    if is_closing(event):
        return "poll.closed"
    return "message.edited" if event.previews is None else None


def webhook_id(webhook: str, event: Event) -> str:
    """The id of what a webhook sends of an event. It is the same for every attempt, also after a
    restart, and after other texts were erased."""
    named = f"{webhook}\n{event.room}\n{event.seq}\n{event.at}"
    return f"msg_{hashlib.sha256(named.encode()).hexdigest()[:ID_CHARACTERS]}"


class Payloads:
    """The bodies of events. `told(event)` leaves out of it what may not be known of votes; nobody
    sees messages up to `removed_to(room)`. The newest bodies are kept, because several webhooks
    send the same; `hear` and `hear_erased` subscribe to the feed, and forget them in time."""

    def __init__(
        self,
        log: ReadableEvents,
        *,
        told: Callable[[Event], Event],
        removed_to: Callable[[str], int],
    ) -> None:
        self._log = log
        self._told = told
        self._removed_to = removed_to
        self._kept: OrderedDict[int, tuple[Event, bytes]] = OrderedDict()

    def of(self, n: int) -> tuple[Event, bytes] | None:
        """The event with this number, and its body; None if nobody may read it any more."""
        if n in self._kept:
            return self._kept[n]
        found = self._log.following(n - 1, limit=1)
        if not found or found[0][0] != n:
            return None
        event = found[0][1]
        name = name_of_event(event)
        if name is None or event.seq <= self._removed_to(event.room):
            return None
        self._kept[n] = event, encoded(name, self._as_readable(event))
        if len(self._kept) > KEPT_BODIES:
            self._kept.popitem(last=False)
        return self._kept[n]

    def hear(self, event: Event, _origin: str | None) -> None:
        if event.type in {"edit", "delete"}:
            self._kept.clear()

    def hear_erased(self, _erased: ErasedTexts) -> None:
        self._kept.clear()

    def _as_readable(self, event: Event) -> SentEvent:
        sent = SentEvent(**msgspec.structs.asdict(self._told(event)))
        about = event.seq if event.type == "message" else event.target or 0
        if event.type not in {"message", "edit"} or not self._log.deleted(event.room, [about]):
            return sent
        return _without_words(sent, text="", deleted=True)


def encoded(name: str, sent: SentEvent) -> bytes:
    """A body of less than 20 KB."""
    body = _encode(name, sent)
    text = sent.text or ""
    while len(body) > MAX_BODY_BYTES:
        body = _encode(name, _without_words(sent, text=text, truncated=True))
        text = text[: len(text) // 2]
    return body


def _without_words(sent: SentEvent, **changes: object) -> SentEvent:
    return msgspec.structs.replace(sent, files=None, previews=None, poll=None, **changes)


def _encode(name: str, sent: SentEvent) -> bytes:
    return msgspec.json.encode(WebhookPayload(type=name, timestamp=sent.at, data=sent))
