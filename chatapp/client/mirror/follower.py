"""Follows a room of a chat over HTTP into its copy (room_copy.py), for ever.

    since=41 ──► events 41, 42 …, "ready" ──► on disk ──► events as they happen, each on disk
                     │                           └─ proven from time to time (verifier.py)
                     └─ 41 must be the event that the copy has

Connections that are lost are made again. What the person may not read, a history that differs, and
one that is not in the chat's signed log, ends it with an error.
"""

import math
import time
from collections.abc import Callable, Iterator

import msgspec
import requests

from chatapp.client.errors import ConnectionFailed
from chatapp.client.files.http import ChatHttp, HttpSession
from chatapp.client.mirror.room_copy import OTHER_HISTORY, MirrorDiffers, RoomCopy
from chatapp.client.mirror.room_requests import address_of, first_message, understood
from chatapp.client.mirror.verifier import Proven, Verifier
from chatapp.domain.errors import NotAllowed, NotFound, RateLimited, Unavailable
from chatapp.domain.model import Event

NDJSON = "application/x-ndjson"
SILENT_SECONDS = 60.0
"""A server shows every 25 seconds that it is there."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
PROVE_SECONDS = 600.0
"""How often new events are proven: checkpoints are signed once a day, or by hand."""
EVENTS = frozenset(["message", "edit", "delete", "react"])


class StreamItem(msgspec.Struct, frozen=True):
    """A line of the stream."""

    event: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Ready(msgspec.Struct, frozen=True):
    seq: int
    epoch: str
    recovered: bool


class BeginningDropped(Exception):
    """The chat does not have the events any more that it was asked for."""


BEAT = StreamItem(event="")

_decode_item = msgspec.json.Decoder(StreamItem).decode
_decode_event = msgspec.json.Decoder(Event).decode
_decode_ready = msgspec.json.Decoder(Ready).decode


class Follower:
    """`say(line)` tells the person; `wait(seconds)` waits before the next try. New events are
    proven once they are complete, and every `prove_seconds`."""

    def __init__(
        self,
        http: ChatHttp,
        room: str,
        copy: RoomCopy,
        verifier: Verifier,
        *,
        say: Callable[[str], object],
        wait: Callable[[float], object],
        prove_seconds: float = PROVE_SECONDS,
    ) -> None:
        self._http = http
        self._path = f"{address_of(room)}/stream"
        self._room = room
        self._copy = copy
        self._verifier = verifier
        self._prove_seconds = prove_seconds
        self._proven_at = -math.inf
        self._begin = 0
        """The chat has nothing before this seq any more."""
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

    def verify(self) -> None:
        """Prove the whole copy once more, as far as there are checkpoints of it."""
        if self._copy.epoch is None:
            raise MirrorDiffers("This copy is not complete: let it follow the chat once.")
        with self._http.session() as session:
            self._prove(session, whole=True)

    def _read_stream(self, *, once: bool) -> bool:
        """Whether the copy is complete, and nothing more is wanted."""
        copy = self._copy
        with self._http.session() as session:
            if copy.epoch is None and copy.last is None:
                copy.settle(self._epoch_of(session))
            again = copy.epoch is None
            begin = max(self._begin, copy.first, 0 if again else copy.seq)
            items = self._items(session, f"?since={begin - 1}")
            try:
                self._catch_up(items, begin, again=again)
            except BeginningDropped:
                self._begin_later(session, begin)
                return False
            if copy.epoch not in (None, self._ready.epoch):
                copy.settle(None)
                return False
            copy.settle(self._ready.epoch)
            self._pause = FIRST_WAIT_SECONDS
            self._say(f"{self._room}: {copy.seq - copy.first + 1:,} events, complete.")
            self._prove(session)
            return once or self._hear(session, items, self._ready.epoch)

    def _catch_up(self, items: Iterator[StreamItem], begin: int, *, again: bool) -> None:
        events = self._until_ready(items)
        if again:
            self._copy.read_again(events, begin)
            return
        for event in events:
            self._copy.take(event)

    def _begin_later(self, session: HttpSession, begin: int) -> None:
        """The chat does not have what it was asked for: it keeps messages for some time only."""
        copy = self._copy
        first = first_message(session, self._room) or self._ready.seq + 1
        if copy.last is None and first > copy.first:
            copy.begin(first)
            self._say(
                f"The chat has dropped the beginning of the room {self._room!r}: this copy begins "
                f"with event {first:,}."
            )
        elif copy.last is not None and begin <= copy.seq:
            self._begin = max(begin + 1, min(first, copy.seq + 1))
        else:
            raise MirrorDiffers(
                f"The chat has dropped events behind {copy.seq:,}, which this copy does not have. "
                "Follow the chat into another folder."
            )

    def _prove(self, session: HttpSession, *, whole: bool = False) -> None:
        self._proven_at = time.monotonic()
        try:
            found = self._verifier.verify(session, whole=whole)
        except NotFound:
            self._say("This chat signs no checkpoints: nothing is proven.")
            return
        for line in in_words(found):
            self._say(line)

    def _epoch_of(self, session: HttpSession) -> str:
        """Known before the first event, so that no later erasure is missed."""
        for _ in self._until_ready(self._items(session, "")):
            break
        return self._ready.epoch

    def _until_ready(self, items: Iterator[StreamItem]) -> Iterator[Event]:
        """The events before `ready`."""
        for item in items:
            if item.event == "ready":
                self._ready = understood(_decode_ready, item.data)
                self._require_recovered(self._ready)
                return
            if item.event in EVENTS:
                yield _event(item)
        raise ConnectionFailed("The server has closed the stream.")

    def _hear(self, session: HttpSession, items: Iterator[StreamItem], epoch: str) -> bool:
        """What happens from now on. False if the room has to be read again."""
        for item in items:
            if time.monotonic() >= self._proven_at + self._prove_seconds:
                self._prove(session)
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
        raise BeginningDropped

    def _items(self, session: HttpSession, query: str) -> Iterator[StreamItem]:
        """Also `BEAT`, while nothing happens."""
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
                yield from (_item(line) if line else BEAT for line in lines)
        except requests.RequestException as error:
            raise ConnectionFailed(f"The connection was lost ({error}).") from None


def in_words(found: Proven) -> Iterator[str]:
    """What was found, for people."""
    for number, key in enumerate(found.new_keys):
        if found.is_first_key and not number:
            yield (
                f"The key of this chat's log is {key.id}. From now on, this copy trusts it, and "
                "keys that it signs: compare it with what the people of the chat tell you."
            )
        else:
            yield f"The chat has a new key, {key.id}, since {key.since}. The one before signed it."
    if found.dropped:
        yield f"{found.dropped:,} events are not there any more, so they cannot be checked."
    if found.proven and found.checkpoint:
        in_part = f" ({found.withheld:,} of them only in part)" if found.withheld else ""
        yield (
            f"{found.proven:,} events stand in the signed log{in_part}. Its newest checkpoint is "
            f"of {found.checkpoint.at}."
        )
    if found.waiting:
        yield f"{found.waiting:,} events are in no checkpoint yet."


def _item(line: bytes) -> StreamItem:
    return understood(_decode_item, line)


def _event(item: StreamItem) -> Event:
    return understood(_decode_event, item.data)
