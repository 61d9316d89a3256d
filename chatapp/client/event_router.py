"""Routes pushed events to the iterators of messages and to `on_event`.

Everything runs on the client's reading thread, in the order of arrival; any thread can add
iterators, and join or leave rooms.
"""

import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.client.connection import ServerConnection
from chatapp.client.errors import ClientClosed
from chatapp.client.messages import Messages
from chatapp.client.news import Changed, Connected, Disconnected, News, news_of
from chatapp.client.reconnection import ANSWER_SECONDS, TRANSIENT, answer_of
from chatapp.domain.errors import ChatError, NotAMember
from chatapp.domain.model import Event, Message
from chatapp.protocol.answers import DescribedRoom
from chatapp.protocol.events import JOIN
from chatapp.protocol.pushes import Removed

logger = logging.getLogger(__name__)


class EventRouter:
    """The rooms that a client has joined, and the iterators of their messages."""

    def __init__(self, url: str, *, tell: Callable[[News], None]) -> None:
        """`tell` receives everything except messages."""
        self._url = url
        self._tell = tell
        self._rooms: set[str] = set()
        self._readers: weakref.WeakSet[Messages] = weakref.WeakSet()
        self._lock = threading.Lock()

    def add(self, reader: Messages) -> None:
        with self._lock:
            self._readers.add(reader)

    # Pushed events

    def heard(self, event: str, payload: Any) -> None:
        try:
            if event == "message":
                self.message(msgspec.convert(payload, Message))
            elif event == "heads":
                self._heads(msgspec.convert(payload, dict[str, int]))
            elif (news := news_of(event, payload)) is not None:
                if event == "room" and payload.get("joined") is False:
                    room = payload["name"]
                    self.left(room, NotAMember(f"You left {room!r} on another device."))
                self._news(news)
        except msgspec.ValidationError as error:
            logger.warning("%s sent a %r that is not understood: %s", self._url, event, error)

    def message(self, event: Message | Event) -> None:
        for reader in self._readers_of(event.room):
            reader.heard(event)

    def _heads(self, heads: dict[str, int]) -> None:
        for room, head in heads.items():
            for reader in self._readers_of(room):
                reader.head_is(head)

    def _news(self, news: News) -> None:
        if isinstance(news, Changed):
            self.message(news.event)
        if isinstance(news, Removed):
            self.left(news.room, NotAMember(f"You are no longer in {news.room!r}."))
        self._tell(news)

    # Joining and leaving rooms

    def joined(self, answer: DescribedRoom) -> None:
        with self._lock:
            self._rooms.add(answer.room.name)
        for reader in self._readers_of(answer.room.name):
            reader.joined(answer.room.head, answer.room.epoch)

    def left(self, room: str, why: ChatError | None = None) -> None:
        """We are no longer in a room: we left it, or it is gone, or we were removed."""
        with self._lock:
            self._rooms.discard(room)
        for reader in self._readers_of(room):
            reader.end(why)

    # Losing and regaining the connection

    def changed(self, news: Connected | Disconnected) -> None:
        if isinstance(news, Disconnected):
            for reader in self._readers_of():
                reader.connection_lost()
        self._tell(news)

    def rejoin(self, connection: ServerConnection) -> None:
        """Join all rooms again on a new connection."""
        with self._lock:
            rooms = sorted(self._rooms)
        for room in rooms:
            try:
                raw = connection.ask(JOIN.name, {"room": room}, ANSWER_SECONDS)
                self.joined(answer_of(raw, JOIN.answer))
            except TRANSIENT:
                raise
            except ChatError as refusal:
                self.left(room, refusal)

    def ended(self, error: ChatError) -> None:
        for reader in self._readers_of():
            reader.end(None if isinstance(error, ClientClosed) else error)

    def _readers_of(self, room: str | None = None) -> list[Messages]:
        """The readers of one room, or of all."""
        with self._lock:
            return [reader for reader in self._readers if room in (None, reader.room)]
