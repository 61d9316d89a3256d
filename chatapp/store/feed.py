"""Passes the log's events to subscribers: everything that is delivered comes from this feed.

    append(draft, origin) ── durable ── Feed ── fan-out to the sockets
                                          └──── mentions, counts … whatever subscribes

Writers only append. Each event is passed on once, when it is durable, in the order of the log, and
so in the order of its room; the answer to `append` comes after that.
"""

import logging
from collections.abc import Callable

from chatapp.domain.model import Event
from chatapp.protocol.pushes import ErasedTexts

logger = logging.getLogger(__name__)

ELSEWHERE = "elsewhere"
"""The origin of an event that another process has appended. What must happen once for each event
is done by the process that appended it."""
EventSubscriber = Callable[[Event, str | None], object]
"""Takes an event and its `origin`: the id of the connection that it came from, which gets the
answer instead; None if it came from none, or `ELSEWHERE`."""
ErasedSubscriber = Callable[[ErasedTexts], object]


class Feed:
    """Subscribers run on the owner's thread and must not wait. An error of one is logged, and does
    not affect the others or the answer."""

    def __init__(self) -> None:
        self._of_events: list[EventSubscriber] = []
        self._of_erased: list[ErasedSubscriber] = []

    def subscribe(self, subscriber: EventSubscriber) -> None:
        """Call `subscriber` with every later event."""
        self._of_events.append(subscriber)

    def subscribe_to_erased(self, subscriber: ErasedSubscriber) -> None:
        self._of_erased.append(subscriber)

    def hand_out(self, event: Event, origin: str | None) -> None:
        for subscriber in self._of_events:
            try:
                subscriber(event, origin)
            except Exception:
                logger.exception("A subscriber failed at event %d of %r", event.seq, event.room)

    def hand_out_erased(self, erased: ErasedTexts) -> None:
        for subscriber in self._of_erased:
            try:
                subscriber(erased)
            except Exception:
                logger.exception("A subscriber failed at what was erased in %r", erased.room)
