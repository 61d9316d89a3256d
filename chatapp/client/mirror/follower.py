"""Follows a room of a chat over HTTP into its copy (room_copy.py), for ever.

    since=41 ──► events 41, 42 …, "ready" ──► on disk ──► events as they happen, each on disk
                     │
                     └─ 41 must be the event that the copy has

Connections that are lost are made again. What the person may not read, and a history that differs,
ends it with an error.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import requests

from chatapp.client.errors import ConnectionFailed, NotUnderstood
from chatapp.client.files.http import ChatHttp, HttpSession
from chatapp.client.mirror.room_copy import OTHER_HISTORY, MirrorDiffers, RoomCopy
from chatapp.domain.errors import NotAllowed, RateLimited, Unavailable
from chatapp.domain.model import Event

NDJSON = "application/x-ndjson"
SILENT_SECONDS = 60.0
"""A server shows every 25 seconds that it is there."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
EVENTS = frozenset(["message", "edit", "delete", "react"])


class StreamItem(msgspec.Struct, frozen=True):
    """A line of the stream."""

    event: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Ready(msgspec.Struct, frozen=True):
    seq: int
    epoch: str
    recovered: bool


_decode_item = msgspec.json.Decoder(StreamItem).decode
_decode_event = msgspec.json.Decoder(Event).decode
_decode_ready = msgspec.json.Decoder(Ready).decode


class Follower:
    """`say(line)` tells the person; `wait(seconds)` waits before the next try."""

    def __init__(
        self,
        http: ChatHttp,
        room: str,
        copy: RoomCopy,
        *,
        say: Callable[[str], object],
        wait: Callable[[float], object],
    ) -> None:
        self._http = http
        self._path = f"/api/v1/rooms/{quote(room, safe='')}/stream"
        self._room = room
        self._copy = copy
        self._say = say
        self._wait = wait
        self._pause = FIRST_WAIT_SECONDS
        self._ready = Ready(0, "", True)

    def follow(self, *, once: bool) -> None:
        """For ever, or with `once` until the copy is complete. Raises the error that ends it."""
        while True:
            try:
                if self._read_stream(once=once):
                    return
            except (Unavailable, RateLimited) as error:
                self._copy.settle(self._copy.epoch)
                seconds = max(self._pause, error.retry_after or 0)
                self._say(f"{error.message} Trying again in {seconds:g} s.")
                self._wait(seconds)
                self._pause = min(2 * self._pause, LONGEST_WAIT_SECONDS)

    def _read_stream(self, *, once: bool) -> bool:
        """Whether the copy is complete, and nothing more is wanted."""
        copy = self._copy
        with self._http.session() as session:
            if copy.epoch is None and copy.seq == 0:
                copy.settle(self._epoch_of(session))
            again = copy.epoch is None
            items = self._items(session, f"?since={0 if again else max(copy.seq - 1, 0)}")
            if again:
                copy.read_again(self._until_ready(items))
            else:
                for event in self._until_ready(items):
                    copy.take(event)
            if copy.epoch not in (None, self._ready.epoch):
                copy.settle(None)
                return False
            copy.settle(self._ready.epoch)
            self._pause = FIRST_WAIT_SECONDS
            self._say(f"{self._room}: {copy.seq:,} events, complete.")
            return once or self._hear(items, self._ready.epoch)

    def _epoch_of(self, session: HttpSession) -> str:
        """Known before the first event, so that no later erasure is missed."""
        for _ in self._until_ready(self._items(session, "")):
            break
        return self._ready.epoch

    def _until_ready(self, items: Iterator[StreamItem]) -> Iterator[Event]:
        """The events before `ready`."""
        for item in items:
            if item.event == "ready":
                self._ready = _understood(_decode_ready, item.data)
                self._require_recovered(self._ready)
                return
            if item.event in EVENTS:
                yield _event(item)
        raise ConnectionFailed("The server has closed the stream.")

    def _hear(self, items: Iterator[StreamItem], epoch: str) -> bool:
        """What happens from now on. False if the room has to be read again."""
        for item in items:
            match item.event:
                case "erased":
                    self._copy.settle(None)
                    return False
                case "removed":
                    raise NotAllowed(f"You are not in the room {self._room!r} any more.")
                case "closing":
                    break
                case name if name in EVENTS:
                    self._copy.take(_event(item))
                    self._copy.settle(epoch)
        raise ConnectionFailed("The server has closed the stream.")

    def _require_recovered(self, ready: Ready) -> None:
        if ready.recovered:
            return
        if ready.seq < self._copy.seq:
            raise MirrorDiffers(
                f"The chat's log ends with event {ready.seq}, this copy with {self._copy.seq}. "
                f"{OTHER_HISTORY}"
            )
        raise MirrorDiffers(f"The chat has dropped the beginning of the room {self._room!r}.")

    def _items(self, session: HttpSession, query: str) -> Iterator[StreamItem]:
        answer = session.ask(
            "GET",
            self._path + query,
            {"Accept": NDJSON},
            stream=True,
            silent_seconds=SILENT_SECONDS,
        )
        try:
            rest = b""
            for part in answer.iter_content(chunk_size=None):  # as soon as it comes
                *lines, rest = (rest + part).split(b"\n")
                yield from map(_item, filter(None, lines))
        except requests.RequestException as error:
            raise ConnectionFailed(f"The connection was lost ({error}).") from None


def _item(line: bytes) -> StreamItem:
    item: StreamItem = _understood(_decode_item, line)
    return item


def _event(item: StreamItem) -> Event:
    event: Event = _understood(_decode_event, item.data)
    return event


def _understood(decode: Callable[[Any], Any], data: bytes | msgspec.Raw) -> Any:
    try:
        return decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotUnderstood(f"The server sends what this version does not know: {error}.") from None
