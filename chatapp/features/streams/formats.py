"""The bytes of a stream: Server-Sent Events for browsers, lines of JSON for everything else.

    id: 812                                         {"event":"message","data":{"room":…}}
    event: message
    data: {"room":"general","seq":812,…}

The data is what sockets get. Streams leave out what is about connections: who is online, who types.
A stream of several rooms has ids that are places in all of them, in its lines too.
"""

from collections.abc import Callable, Collection, Mapping
from typing import get_args
from weakref import WeakValueDictionary

import msgspec

from chatapp.protocol.streams import StreamedType
from chatapp.transport import StreamFormat

EVENT_STREAM = "text/event-stream"
NDJSON = "application/x-ndjson"

READY = "ready"
ROOM_ADDED = "room_added"
ROOM_REMOVED = "room_removed"
TYPES: frozenset[StreamedType] = frozenset(get_args(StreamedType))
NUMBERED = frozenset([*TYPES, READY])
"""Events after which a stream can be resumed."""
OTHERS = frozenset(["erased", ROOM_ADDED, ROOM_REMOVED, "closing"])
MILLISECONDS = 1000
DEFAULT_RETRY_SECONDS = 2


class _Numbered(msgspec.Struct):
    seq: int


class _Closing(msgspec.Struct):
    retry_after: float = DEFAULT_RETRY_SECONDS


class _Placed(msgspec.Struct):
    id: str
    data: msgspec.Raw


_placed = msgspec.json.Decoder(_Placed).decode
_numbered = msgspec.json.Decoder(_Numbered).decode
_closing = msgspec.json.Decoder(_Closing).decode


Encode = Callable[[str, bytes], bytes]


class Formats:
    """Each format is made once for all streams that have it, and kept while there is one.

    `mimetypes` are the encoders by their MIME types, with what they send while nothing happens.
    """

    def __init__(self, mimetypes: Mapping[str, tuple[Encode, bytes]]) -> None:
        self._mimetypes = mimetypes
        self._of: WeakValueDictionary[object, StreamFormat] = WeakValueDictionary()

    def of(self, mimetype: str, protocol: str, types: Collection[str] = TYPES) -> StreamFormat:
        """The format for a client that knows this version of HTTP, and wants events of rooms that
        have these types."""
        encode, beat = self._mimetypes[mimetype]
        left_out, chunked = TYPES.difference(types), protocol != "HTTP/1.0"
        key = mimetype, chunked, left_out
        format = self._of.get(key)
        if format is None:
            kept = _without(left_out, encode) if left_out else encode
            format = self._of[key] = StreamFormat(kept, beat, chunked=chunked)
        return format


def _without(types: Collection[str], encode: Encode) -> Encode:
    return lambda event, payload: b"" if event in types else encode(event, payload)


def as_event_stream(event: str, payload: bytes) -> bytes:
    if event in NUMBERED:
        fields = b"id: %d\n" % _numbered(payload).seq
    elif event in OTHERS:
        fields = b""
    else:
        return b""
    if event == "closing":
        fields = b"retry: %d\n" % (_closing(payload).retry_after * MILLISECONDS)
    return b"%sevent: %s\ndata: %s\n\n" % (fields, event.encode(), payload)


def as_line(event: str, payload: bytes) -> bytes:
    if event not in NUMBERED and event not in OTHERS:
        return b""
    return b'{"event":"%s","data":%s}\n' % (event.encode(), payload)


def placed_as_event_stream(event: str, payload: bytes) -> bytes:
    if event not in NUMBERED:
        return as_event_stream(event, payload)
    placed = _placed(payload)
    fields = placed.id.encode(), event.encode(), placed.data
    return b"id: %s\nevent: %s\ndata: %s\n\n" % fields


def placed_as_line(event: str, payload: bytes) -> bytes:
    if event not in NUMBERED:
        return as_line(event, payload)
    placed = _placed(payload)
    fields = event.encode(), placed.id.encode(), placed.data
    return b'{"event":"%s","id":"%s","data":%s}\n' % fields


MIMETYPES: dict[str, tuple[Encode, bytes]] = {
    EVENT_STREAM: (as_event_stream, b":\n\n"),
    NDJSON: (as_line, b"\n"),
}
"""Of a stream of one room; the first one is the default."""
PLACED_MIMETYPES: dict[str, tuple[Encode, bytes]] = {
    EVENT_STREAM: (placed_as_event_stream, b":\n\n"),
    NDJSON: (placed_as_line, b"\n"),
}
"""Of a stream of several rooms."""
