"""What the API does at an address: an event's handler is called, as for a socket.

Scopes, limits, rules and errors are those of the event. Only what is asked of a connection differs:
see `Caller`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import msgspec

from chatapp.domain.errors import BadPayload, NotAllowed
from chatapp.domain.future import Future
from chatapp.features.api.caller import Caller
from chatapp.features.api.exchange import JSON, ApiReply, ApiRequest, answered, read
from chatapp.features.api.resources import Resource
from chatapp.features.api.shapes import Shape
from chatapp.features.handlers import EventHandler, too_fast
from chatapp.protocol.events import TEXT_OR_POST, ClientEvent
from chatapp.protocol.requests import Post
from chatapp.transport import Realtime
from chatapp.web.waiting import wait

IDEMPOTENCY_KEY = "Idempotency-Key"


class Operation(Protocol):
    """Answers a request; None if it has taken the socket of the request."""

    def __call__(self, request: ApiRequest, caller: Caller, /) -> ApiReply | None: ...


class EventOperation:
    """`POST /api/v1/<event>`: the body is the event's payload."""

    def __init__(
        self,
        realtime: Realtime,
        handler: EventHandler[Any, Any],
        denied: Callable[[str, str, str], object],
    ) -> None:
        """`denied(name, event, address)` is called when somebody may not do this."""
        self._realtime = realtime
        self._handler = handler
        self._denied = denied
        self.event: ClientEvent[Any, Any] = handler.event

    def __call__(self, request: ApiRequest, caller: Caller) -> ApiReply:
        request.chosen([JSON])
        raw = request.body()
        decode = self._handler.decode
        answer = self.answer(caller, lambda: with_key(request, decode(raw)), len(raw))
        return self._charged(caller, answered(answer))

    def answer(self, caller: Caller, payload: Callable[[], Any], size: int) -> Any:
        """The event's answer, once it is there; raises what the event's handler raises. `size` is
        that of the payload in bytes."""
        event = self.event
        if seconds := self._charge(caller, size):
            raise too_fast(seconds)
        try:
            if event.kept and caller.person.is_guest:
                raise NotAllowed(
                    "What is kept for a guest lasts as long as their connection, and a request has "
                    "none. Connect, or use an account."
                )
            answer = self._handler.answer(caller, payload)
            return wait(answer) if isinstance(answer, Future) else answer
        except NotAllowed:
            self._denied(caller.person.name, event.name, caller.address)
            raise

    def _charge(self, caller: Caller, size: int) -> float:
        return self._realtime.charge_event(caller, self.event.name, size)

    def _charged(self, caller: Caller, reply: ApiReply) -> ApiReply:
        self._realtime.charge_answer(caller, len(reply.body))
        return reply


class AgentOperation(EventOperation):
    """A tool of agents, which no socket has."""

    def _charge(self, caller: Caller, size: int) -> float:
        return self._realtime.charge(caller, self.event.weight)


class ResourceOperation(EventOperation):
    """An event at an address of its own."""

    def __init__(
        self,
        realtime: Realtime,
        handler: EventHandler[Any, Any],
        denied: Callable[[str, str, str], object],
        resource: Resource,
    ) -> None:
        super().__init__(realtime, handler, denied)
        self.resource = resource
        self.shape = shape_of(resource)

    def __call__(self, request: ApiRequest, caller: Caller) -> ApiReply:
        request.chosen([JSON])
        if request.method in ("GET", "HEAD"):
            return self._charged(caller, self._read(request, caller))
        raw = request.body()
        payload = partial(self._written, request, raw)
        answer = self.answer(caller, payload, len(raw))
        place = self.resource.location(answer) if self.resource.location else None
        if place is None:
            return self._charged(caller, answered(answer))
        return self._charged(caller, answered(answer, 201, ("Location", place)))

    def _read(self, request: ApiRequest, caller: Caller) -> ApiReply:
        resource, payload = self.resource, None

        def asked() -> Any:
            nonlocal payload
            payload = self.shape.of_query(request.path, request.query(), **resource.fixed)
            return payload

        answer = self.answer(caller, asked, len(request.environ.get("QUERY_STRING", "")))
        return read(request, resource.shown(answer, payload) if resource.shown else answer)

    def _written(self, request: ApiRequest, raw: bytes) -> Any:
        payload = self.shape.of_body(request.path, raw, **self.resource.fixed)
        return with_key(request, payload)


def shape_of(resource: Resource) -> Shape:
    request = resource.event.request
    payload = Post if request is TEXT_OR_POST else request
    names = {name: field for field, name in resource.renamed.items()}
    of_path = tuple(names.get(name, name) for name in names_in(resource.path))
    elsewhere = (*resource.hidden, *resource.fixed)
    in_query = resource.method == "GET"
    return Shape(payload, of_path, elsewhere, in_query=in_query, renamed=resource.renamed)


def names_in(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def with_key(request: ApiRequest, payload: Any) -> Any:
    """The payload with the `Idempotency-Key` of its request as the cid: what is sent again with the
    same key is the same message."""
    key = request.header(IDEMPOTENCY_KEY)
    if key is None:
        return payload
    key = key.strip().removeprefix('"').removesuffix('"')
    if isinstance(payload, str):
        payload = Post(text=payload)
    if not hasattr(payload, "cid"):
        raise BadPayload(f"This request takes no {IDEMPOTENCY_KEY}.")
    if payload.cid not in (None, key):
        raise BadPayload(f"The cid is not the {IDEMPOTENCY_KEY}.")
    return msgspec.structs.replace(payload, cid=key)
