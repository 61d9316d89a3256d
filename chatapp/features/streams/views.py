"""`GET …/stream`: a response that does not end. The socket is taken from the HTTP server, and the
fan-out writes to it."""

import logging
import random
from collections.abc import Callable, Collection, Mapping

import msgspec
from werkzeug.http import http_date

from chatapp.domain.errors import BadPayload, ChatError, Unavailable
from chatapp.domain.model import Person, Room
from chatapp.features.api.caller import Caller
from chatapp.features.api.exchange import ApiReply, ApiRequest, HTTPRefusal, constant_headers
from chatapp.features.handlers import too_fast
from chatapp.features.streams.following import Following, OpenStream
from chatapp.features.streams.following_rooms import FollowingRooms, StreamListener
from chatapp.features.streams.formats import MIMETYPES, TYPES, Encode, Formats
from chatapp.features.streams.places import Places
from chatapp.protocol import events
from chatapp.protocol.values import After
from chatapp.transport import Realtime
from chatapp.web.errors import SERVER_FAILED

RETRY_SECONDS = (2, 10)
"""A random number of seconds for `Retry-After`, so that refused clients do not all return at
once."""

log = logging.getLogger(__name__)

Begin = Callable[[OpenStream], None]


class StreamResponses:
    """Begins responses in the format that the client asks for."""

    def __init__(self, realtime: Realtime, mimetypes: Mapping[str, tuple[Encode, bytes]]) -> None:
        self._realtime = realtime
        self._formats = Formats(mimetypes)

    def begin(
        self, request: ApiRequest, caller: Caller, begin: Begin, types: Collection[str] = TYPES
    ) -> ApiReply | None:
        """Take the socket of the request, and call `begin` with it. Raises an error if the client
        wants no such format, is too fast, or if there are too many connections."""
        environ = request.environ
        mimetype = request.chosen(MIMETYPES)
        head = [("Content-Type", mimetype), *HEADERS]
        if request.method == "HEAD":
            return ApiReply(200, b"", tuple(head))
        if not self._realtime.can_stream(environ):
            raise HTTPRefusal(501, Unavailable("Streams need the server's own listener."))
        if seconds := self._realtime.charge(caller, events.RESUME.weight):
            raise too_fast(seconds)
        format = self._formats.of(mimetype, environ["SERVER_PROTOCOL"], types)
        head += [*constant_headers(environ), ("Date", http_date()), ("Connection", "close")]
        if format.end:
            head.append(("Transfer-Encoding", "chunked"))
        opened = self._realtime.open_stream(environ, _as_bytes(head), format)
        if opened is None:
            seconds = random.randint(*RETRY_SECONDS)  # noqa: S311 - not a secret
            raise Unavailable("Too many connections.", retry_after=seconds)
        self._begin(OpenStream(*opened, format), begin)
        return None

    def _begin(self, stream: OpenStream, begin: Begin) -> None:
        """There can be no other response any more."""
        try:
            begin(stream)
        except Exception as error:
            if not isinstance(error, ChatError):
                log.exception("A stream could not begin.")
            reason = error.message if isinstance(error, ChatError) else SERVER_FAILED
            self._realtime.close(stream.connection, reason)


class RoomStream:
    """The events of a room, as they happen. `find_room(person, name)` raises an error for rooms
    that they cannot see."""

    def __init__(
        self,
        responses: StreamResponses,
        following: Following,
        find_room: Callable[[Person, str], Room],
    ) -> None:
        self._responses = responses
        self._following = following
        self._find_room = find_room

    def __call__(self, request: ApiRequest, caller: Caller) -> ApiReply | None:
        person = caller.person
        room = self._find_room(person, request.path["room"]).name
        after = _after_seq(request)

        def begin(stream: OpenStream) -> None:
            self._following.follow_room(stream, person, room, after)

        return self._responses.begin(request, caller, begin)


class StreamOfRooms:
    """The events of all rooms that a person can see, or of those that they name."""

    def __init__(
        self,
        responses: StreamResponses,
        following: FollowingRooms,
        places: Places,
        find_room: Callable[[Person, str], Room],
    ) -> None:
        self._responses = responses
        self._following = following
        self._places = places
        self._find_room = find_room

    def __call__(self, request: ApiRequest, caller: Caller) -> ApiReply | None:
        person, query = caller.person, request.query()
        said = _place(request, query, {"since", "rooms", "types"})
        after = None if said is None else self._places.number_of(said)
        rooms = frozenset(self._find_room(person, name).name for name in query.get("rooms", ()))
        types = query.get("types") or list(TYPES)
        if unknown := sorted(set(types) - TYPES):
            raise BadPayload(f"There are no events of the type {unknown[0]!r}.")

        def begin(stream: OpenStream) -> None:
            self._following.follow(stream, StreamListener(person, rooms or None), after)

        return self._responses.begin(request, caller, begin, types)


HEADERS = (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"))
"""nginx would wait for more before it passes anything on."""


def _after_seq(request: ApiRequest) -> int | None:
    said = _place(request, request.query(), {"since"})
    if said is None:
        return None
    try:
        return msgspec.convert(said, After, strict=False)
    except msgspec.ValidationError as error:
        raise BadPayload(f"`since`, or `Last-Event-ID`, is invalid: {error}.") from None


def _place(request: ApiRequest, query: dict[str, list[str]], fields: set[str]) -> str | None:
    """The id of the event after which the stream goes on. A browser that comes back sends it in the
    header, to the address that it had at first. `fields` are those that the query may have."""
    if unknown := sorted(query.keys() - fields):
        raise BadPayload(f"A stream has no field {unknown[0]!r}.")
    if len(query.get("since", ())) > 1:
        raise BadPayload("The query has 'since' more than once.")
    return request.header("Last-Event-ID") or query.get("since", [None])[0]


def _as_bytes(headers: list[tuple[str, str]]) -> bytes:
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
