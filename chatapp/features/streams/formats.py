"""The bytes of a stream: Server-Sent Events for browsers, lines of JSON for everything else.

    id: 812                                         {"event":"message","data":{"room":…}}
    event: message
    data: {"room":"general","seq":812,…}

The data is what sockets get. Streams leave out what is about connections: who is online, who types.
"""

import msgspec

from chatapp.transport import StreamFormat

EVENT_STREAM = "text/event-stream"
NDJSON = "application/x-ndjson"

READY = "ready"
NUMBERED = frozenset(["message", "edit", "delete", "react", READY])
"""Events after which a stream can be resumed."""
OTHERS = frozenset(["erased", "removed", "closing"])
MILLISECONDS = 1000
DEFAULT_RETRY_SECONDS = 2


class _Numbered(msgspec.Struct):
    seq: int


class _Closing(msgspec.Struct):
    retry_after: float = DEFAULT_RETRY_SECONDS


_numbered = msgspec.json.Decoder(_Numbered).decode
_closing = msgspec.json.Decoder(_Closing).decode


class Formats:
    """Each format is made once, for all streams."""

    def __init__(self) -> None:
        self._of = {
            (mimetype, chunked): StreamFormat(encode, beat, chunked=chunked)
            for mimetype, (encode, beat) in MIMETYPES.items()
            for chunked in (False, True)
        }

    def of(self, mimetype: str, protocol: str) -> StreamFormat:
        """The format for a client that knows this version of HTTP."""
        return self._of[mimetype, protocol != "HTTP/1.0"]


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


MIMETYPES = {EVENT_STREAM: (as_event_stream, b":\n\n"), NDJSON: (as_line, b"\n")}
"""The encoders by their MIME types, with what they send while nothing happens; the first one is the
default."""
