"""A client of a stream of events: a request whose response does not end."""

import http.client
import json
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlsplit

from tests.support.waiting import DEADLINE_SECONDS

NDJSON = "application/x-ndjson"
GUEST = "Guest zoe:a-key-that-only-zoe-has"


class StreamEvent(NamedTuple):
    """`id` and `retry` are None where the server does not say them, as in lines of one room."""

    name: str
    data: dict[str, Any]
    id: str | None = None
    retry: int | None = None


class StreamClient:
    """Reads `path` of the server at `url`. `events` have come so far."""

    def __init__(self, url: str, path: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=DEADLINE_SECONDS
        )
        self._connection.request("GET", path, headers=dict(headers))
        self.response = self._connection.getresponse()
        is_lines = self.response.getheader("Content-Type") == NDJSON
        self._coming = self._lines() if is_lines else self._event_stream()
        self.events: list[StreamEvent] = []
        self._asked_at = monotonic()

    @classmethod
    def of_rooms(cls, url: str, secret: str, query: str = "", **headers: str) -> Self:
        """All rooms that are seen with this secret; as `of_room`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(url, f"/api/v1/stream{query}", {"Authorization": secret, **named})

    @classmethod
    def of_room(cls, url: str, room: str, secret: str, query: str = "", **headers: str) -> Self:
        """`secret` is what `Authorization` says; names of `headers` have `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/api/v1/rooms/{quote(room)}/stream{query}"
        return cls(url, path, {"Authorization": secret, **named})

    @property
    def status(self) -> int:
        return self.response.status

    def next(self) -> StreamEvent:
        """The next event; waits for it. Raises EOFError at the end of the stream, and TimeoutError
        if only beats come."""
        self._asked_at = monotonic()
        try:
            self.events.append(next(self._coming))
        except StopIteration:
            raise EOFError("the stream has ended") from None
        return self.events[-1]

    def until(self, name: str) -> StreamEvent:
        """The next event with this name."""
        while (event := self.next()).name != name:
            pass
        return event

    def take(self, count: int) -> list[StreamEvent]:
        return [self.next() for _ in range(count)]

    def rest(self) -> list[StreamEvent]:
        """All that comes before the end of the stream."""
        self._asked_at = monotonic()
        return list(self._coming)

    def close(self) -> None:
        self.response.close()
        self._connection.close()

    def _in_time(self) -> Iterator[bytes]:
        """The lines. Raises TimeoutError when nothing but beats comes any more."""
        heard = monotonic()
        for line in self.response:
            if line.strip() and not line.startswith(b":"):
                heard = monotonic()
            elif monotonic() - heard > DEADLINE_SECONDS:
                raise TimeoutError("Only beats come.")
            yield line

    def _lines(self) -> Iterator[StreamEvent]:
        for line in self._in_time():
            if line.strip():
                event = json.loads(line)
                yield StreamEvent(event["event"], event["data"], event.get("id"))
            else:
                self._beat()

    def _event_stream(self) -> Iterator[StreamEvent]:
        """As browsers read it: a blank line ends an event, a colon begins a comment."""
        fields: dict[str, str] = {}
        for line in self._in_time():
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(":")
                fields[name] = value.removeprefix(" ")
            elif "data" in fields:
                retry = fields.get("retry")
                yield StreamEvent(
                    fields["event"],
                    json.loads(fields["data"]),
                    fields.get("id"),
                    None if retry is None else int(retry),
                )
            else:
                self._beat()
            if not text:
                fields = {}

    def _beat(self) -> None:
        if monotonic() - self._asked_at > DEADLINE_SECONDS:
            raise TimeoutError("the stream says nothing")
