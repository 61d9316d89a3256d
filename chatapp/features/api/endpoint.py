"""Answers requests for the API; all others go to Flask.

    operations = operations_of(realtime, …)
    app.wsgi_app = ApiEndpoint(app.wsgi_app, operations, authentication.caller)

It stands in front of Flask as the endpoint of the sockets does. Addresses that it does not know,
such as those of files, are Flask's.
"""

from collections.abc import Callable, Iterable
from typing import Any

from chatapp.domain.errors import BadPayload, NotFound
from chatapp.features.api.caller import Caller
from chatapp.features.api.exchange import (
    JSON,
    ApiReply,
    ApiRequest,
    HTTPRefusal,
    read,
    refused,
    reply_of,
    send,
)
from chatapp.features.api.operations import (
    AgentOperation,
    EventOperation,
    Operation,
    ResourceOperation,
)
from chatapp.features.api.other_paths import ME, Me
from chatapp.features.api.resources import OTHER_ADDRESSES, RESOURCES, ROOT
from chatapp.features.handlers import EventHandler
from chatapp.protocol.agents import AGENT_ROOT
from chatapp.protocol.events import EVENTS
from chatapp.transport import Realtime

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Methods = dict[str, Operation]

ALIASES = {"/api/rooms/{room}/messages": f"{ROOT}/rooms/{{room}}/messages"}
"""Older addresses, for GET only."""


class Addresses:
    """Finds the operations at an address, such as `/api/v1/rooms/{room}/messages`."""

    def __init__(self) -> None:
        self._plain: dict[str, Methods] = {}
        self._patterns: dict[int, list[tuple[list[str], Methods]]] = {}
        self.all: dict[str, Methods] = {}
        """By address, with `{names}`."""

    def add(self, method: str, path: str, operation: Operation) -> None:
        if path not in self.all:
            methods: Methods = {}
            self.all[path] = methods
            if "{" in path:
                parts = path.split("/")
                self._patterns.setdefault(len(parts), []).append((parts, methods))
            else:
                self._plain[path] = methods
        self.all[path][method] = operation

    def find(self, path: str) -> tuple[Methods, dict[str, str]] | None:
        """The operations and the values in the path; None if there is nothing at this address."""
        if methods := self._plain.get(path):
            return methods, {}
        parts = path.split("/")
        for pattern, methods in self._patterns.get(len(parts), ()):
            values: dict[str, str] = {}
            for expected, part in zip(pattern, parts, strict=True):
                if expected.startswith("{") and part:
                    values[expected[1:-1]] = part
                elif expected != part:
                    break
            else:
                return methods, values
        return None


class ApiEndpoint:
    def __init__(
        self,
        others: Wsgi,
        addresses: Addresses,
        identify: Callable[[dict[str, Any]], Caller],
    ) -> None:
        """`identify(environ)` is who sends a request; raises an error for somebody unknown."""
        self._others = others
        self._addresses = addresses
        self._identify = identify

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if not path.startswith("/api/"):
            return self._others(environ, start_response)
        if not path.isascii():  # one character a byte
            path = path.encode("latin-1").decode(errors="replace")
        found = self._addresses.find(path.removesuffix("/"))
        if found is None:
            return self._others(environ, start_response)
        reply = reply_of(lambda: self._reply(environ, *found))
        return [] if reply is None else send(reply, environ, start_response)

    def _reply(
        self, environ: dict[str, Any], methods: Methods, path: dict[str, str]
    ) -> ApiReply | None:
        request = ApiRequest(environ, path)
        operation = methods.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            allow = ("Allow", ", ".join(_allowed(methods)))
            if request.method == "OPTIONS":
                return ApiReply(204, b"", (allow,))
            error = BadPayload(f"{request.method} is not possible here.")
            return refused(HTTPRefusal(405, error, allow))
        return operation(request, self._identify(environ))


def addresses_of(realtime: Realtime, denied: Callable[[str, str, str], object]) -> Addresses:
    """All operations on events. `denied(name, event, address)` is called when somebody may not do
    something."""
    addresses = Addresses()
    handlers: dict[str, EventHandler[Any, Any]] = {}
    for name, event in EVENTS.items():
        handler = realtime.handler(name)
        if not isinstance(handler, EventHandler):
            raise TypeError(f"{name!r} has no handler for requests")
        handlers[name] = handler
        if event.only_connected:
            addresses.add("POST", f"{ROOT}/{name}", _no_request(name, event.only_connected))
        elif name not in OTHER_ADDRESSES:
            addresses.add("POST", f"{ROOT}/{name}", EventOperation(realtime, handler, denied))
    for resource in RESOURCES:
        operation = ResourceOperation(realtime, handlers[resource.event.name], denied, resource)
        addresses.add(resource.method, resource.path, operation)
    addresses.add("GET", ME, me)
    for alias, path in ALIASES.items():
        addresses.add("GET", alias, addresses.all[path]["GET"])
    return addresses


def add_agent_tools(
    addresses: Addresses,
    realtime: Realtime,
    handlers: Iterable[EventHandler[Any, Any]],
    denied: Callable[[str, str, str], object],
) -> None:
    """The tools of agents, at addresses that need their scope."""
    for handler in handlers:
        tool = AgentOperation(realtime, handler, denied)
        addresses.add("POST", f"{AGENT_ROOT}{handler.event.name}", tool)


def me(request: ApiRequest, caller: Caller) -> ApiReply:
    request.chosen([JSON])
    person = caller.person
    scopes = list(person.scopes)
    return read(request, Me(name=person.name, id=person.id, role=person.role, scopes=scopes))


def _no_request(event: str, why: str) -> Operation:
    def refuse(_request: ApiRequest, _caller: Caller) -> ApiReply:
        raise NotFound(f"{event!r} is for sockets. {why}")

    return refuse


def _allowed(methods: Methods) -> list[str]:
    return sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})
