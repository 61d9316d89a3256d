"""What comes in, and who hears it: the iterators of messages, and whoever wants news.

All of it runs on the client's reading thread, in the order in which it came in; iterators are
added, and rooms joined and left, by any thread.
"""

import logging
import threading
import weakref
from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.client.answers import OneRoom
from chatapp.client.connection import Connection
from chatapp.client.errors import ClientClosed
from chatapp.client.link import ANSWER_SECONDS, PASSING, answer_of
from chatapp.client.messages import Messages
from chatapp.client.news import Changed, Connected, Disconnected, News, Removed, news_of
from chatapp.errors import ChatError, NotAMember
from chatapp.model import Event, Message

logger = logging.getLogger(__name__)


class Hearing:
    """The rooms that a client is in, and the iterators of their messages."""

    def __init__(self, url: str, *, tell: Callable[[News], None]) -> None:
        """`tell` hears of whatever happens besides messages."""
        self._url = url
        self._tell = tell
        self._rooms: set[str] = set()
        self._readers: weakref.WeakSet[Messages] = weakref.WeakSet()
        self._lock = threading.Lock()

    def add(self, reader: Messages) -> None:
        with self._lock:
            self._readers.add(reader)

    # What the server says

    def heard(self, event: str, payload: Any) -> None:
        try:
            if event == "message":
                self.message(msgspec.convert(payload, Message))
            elif event == "heads":
                self._heads(msgspec.convert(payload, dict[str, int]))
            elif (news := news_of(event, payload)) is not None:
                self._news(news)
        except msgspec.ValidationError as error:
            logger.warning("%s sent a %r that is not understood: %s", self._url, event, error)

    def message(self, event: Message | Event) -> None:
        """A message, or what has become of one."""
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
            self.left(news.room, NotAMember(f"You were taken out of {news.room!r}."))
        self._tell(news)

    # Rooms, joined and left

    def joined(self, answer: OneRoom) -> None:
        with self._lock:
            self._rooms.add(answer.room.name)
        for reader in self._readers_of(answer.room.name):
            reader.joined(answer.room.head, answer.room.epoch)

    def left(self, room: str, why: ChatError | None = None) -> None:
        """We are out of a room: we wanted to, or it is not there any more, or not for us."""
        with self._lock:
            self._rooms.discard(room)
        for reader in self._readers_of(room):
            reader.end(why)

    # The connection, lost and back

    def changed(self, news: Connected | Disconnected) -> None:
        if isinstance(news, Disconnected):
            for reader in self._readers_of():
                reader.connection_lost()
        self._tell(news)

    def join_again(self, connection: Connection) -> None:
        """Every room that this client was in, on a new connection."""
        with self._lock:
            rooms = sorted(self._rooms)
        for room in rooms:
            try:
                raw = connection.ask("join", {"room": room}, ANSWER_SECONDS)
                self.joined(answer_of(raw, OneRoom))
            except PASSING:
                raise
            except ChatError as refusal:
                self.left(room, refusal)

    def ended(self, error: ChatError) -> None:
        """It will not come back."""
        for reader in self._readers_of():
            reader.end(None if isinstance(error, ClientClosed) else error)

    def _readers_of(self, room: str | None = None) -> list[Messages]:
        """Of one room, or all."""
        with self._lock:
            return [reader for reader in self._readers if room in (None, reader.room)]
