"""The description of the API for programs: OpenAPI 3.1, made of what the API itself is made of.

Fields, limits and texts are those of `protocol/`. What no event is behind, such as files, is in
`other_paths.py`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from chatapp.domain.scopes import Scope
from chatapp.features.api.endpoint import ALIASES, Addresses
from chatapp.features.api.examples import example_of
from chatapp.features.api.exchange import JSON
from chatapp.features.api.operations import (
    IDEMPOTENCY_KEY,
    AgentOperation,
    EventOperation,
    ResourceOperation,
)
from chatapp.features.api.other_paths import OTHER_TYPES, other_paths
from chatapp.features.api.resources import ROOT
from chatapp.protocol.answers import Refusal
from chatapp.protocol.events import TEXT_OR_POST, ClientEvent
from chatapp.protocol.requests import Post
from chatapp.web.cookies import NAME
from chatapp.web.errors import STATUS_OF_CODE

Json = dict[str, Any]

VERSION = "1"
REFERENCE = "#/components/schemas/{name}"
ABOUT = (
    "Every event of the chat as a request, and resources to read. The answers, errors, rights and "
    "limits are the same as over Socket.IO. An error is `{ok: false, error: {code, message}}`."
)
MEANINGS = {
    400: "The request is not what is described here.",
    401: "It is not known who sends the request.",
    403: "The sender may not do this.",
    404: "There is no such thing, or none that the sender can see.",
    405: "This address has other methods.",
    406: "The client accepts no JSON.",
    408: "The body came too slowly.",
    409: "Something that is there already stands against it.",
    413: "The request is too large.",
    415: "The body is not JSON.",
    429: "Too many requests; `Retry-After` says when the next one is allowed.",
    500: "The server failed.",
    503: "Nothing can be saved now, or the server is busy. Try again.",
    507: "The disk has no room for files.",
}
OF_EVENTS = (400, 401, 403, 404, 406, 409, 413, 429, 500, 503)
WITH_BODY = (*OF_EVENTS, 408, 415)


class Description:
    """Makes the document of all addresses, once."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._types: dict[Any, Json] = {}
        self._components: Json = {}

    def document(self) -> Json:
        self._describe_types()
        return {
            "openapi": "3.1.0",
            "info": {"title": "Chat", "version": VERSION, "description": ABOUT},
            "servers": [{"url": "/"}],
            "security": [{"token": []}, {"guest": []}, {"page": []}],
            "paths": dict(sorted((self._paths() | other_paths(self._schema, refusals)).items())),
            "components": {
                "schemas": self._components,
                "responses": {_name(status): self._refusal(status) for status in MEANINGS},
                "securitySchemes": _security(),
            },
        }

    def _described(self) -> Iterable[tuple[str, str, EventOperation]]:
        for path, methods in self._addresses.all.items():
            for method, operation in methods.items():
                if isinstance(operation, EventOperation):
                    yield path, method, operation

    # Types

    def _describe_types(self) -> None:
        types: list[Any] = [Refusal, *OTHER_TYPES]
        for _, _, operation in self._described():
            types.append(_answer_of(operation))
            if not isinstance(operation, ResourceOperation):
                types.append(operation.event.request)
                continue
            types += [field.type for field in _fields(operation.shape.path)]
            if operation.resource.method == "GET":
                types += [field.type for field in _fields(operation.shape.rest)]
            else:
                types.append(operation.shape.rest)
        schemas, self._components = msgspec.json.schema_components(types, ref_template=REFERENCE)
        self._types = dict(zip(types, schemas, strict=True))
        for schema in self._components.values():
            if said := schema.get("description"):
                schema["description"] = _plain(said)

    def _schema(self, type: Any) -> Json:
        return self._types[type]

    # Paths

    def _paths(self) -> Json:
        paths: dict[str, Json] = defaultdict(dict)
        for path, method, operation in self._described():
            described = (
                self._resource(operation)
                if isinstance(operation, ResourceOperation)
                else self._event(operation)
            )
            described["operationId"] = _id_of(method, path)
            if path in ALIASES:
                described |= {"deprecated": True, "description": f"The same is at {ALIASES[path]}."}
            paths[path][method.lower()] = described
        return dict(paths)

    def _event(self, operation: EventOperation) -> Json:
        event, is_tool = operation.event, isinstance(operation, AgentOperation)
        return {
            "tags": ["Agents" if is_tool else "Events"],
            "summary": f"The tool `{event.name}` of agents" if is_tool else _summary(event),
            "description": _scope(event.scope),
            "parameters": _key(event),
            "requestBody": self._body(event.request),
            "responses": {
                "200": self._answer(operation),
                **refusals(WITH_BODY),
            },
        }

    def _resource(self, operation: ResourceOperation) -> Json:
        resource = operation.resource
        in_path = [
            _parameter("path", field.encode_name, self._schema(field.type))
            for field in _fields(operation.shape.path)
        ]
        described: Json = {
            "tags": ["Resources"],
            "summary": resource.summary,
            "description": f"{_said(operation.shape.rest)} {_scope(resource.event.scope)}",
            "parameters": in_path,
        }
        if resource.method == "GET":
            in_path += [
                _parameter("query", field.name, self._schema(field.type), field.required)
                for field in _fields(operation.shape.rest)
            ]
            answer = self._answer(operation)
            answer["headers"] = {"ETag": {"schema": {"type": "string"}}}
            described["responses"] = {
                "200": answer,
                "304": {"description": "The client has this answer: see `If-None-Match`."},
                **refusals(OF_EVENTS),
            }
            return described
        in_path += _key(resource.event)
        if operation.shape.names:
            described["requestBody"] = self._body(operation.shape.rest)
        made: Json = {}
        if resource.location:
            made["201"] = self._answer(operation)
            made["201"]["headers"] = {"Location": {"schema": {"type": "string"}}}
        described["responses"] = {
            "200": self._answer(operation),
            **made,
            **refusals(WITH_BODY),
        }
        return described

    def _body(self, type: Any) -> Json:
        content = {"schema": self._schema(type), "example": example_of(type)}
        return {"required": _has_required(type), "content": {JSON: content}}

    def _answer(self, operation: EventOperation) -> Json:
        type = _answer_of(operation)
        return {"description": _said(type), "content": {JSON: {"schema": self._schema(type)}}}

    def _refusal(self, status: int) -> Json:
        codes = [code for code, known in STATUS_OF_CODE.items() if known == status]
        said = f" Codes: {', '.join(f'`{code}`' for code in codes)}." if codes else ""
        described: Json = {
            "description": MEANINGS[status] + said,
            "content": {JSON: {"schema": self._schema(Refusal)}},
        }
        if status == 429:
            described["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
        return described


def refusals(statuses: Iterable[int]) -> Json:
    return {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"}
        for status in sorted(statuses)
    }


def _name(status: int) -> str:
    return f"Refused{status}"


def _security() -> Json:
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of an account: `Authorization: Bearer TOKEN`.",
        },
        "guest": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Guest NAME:KEY`, each percent-encoded. The key is the guest's own "
            "secret of 16 to 128 characters.",
        },
        "page": {
            "type": "apiKey",
            "in": "cookie",
            "name": NAME,
            "description": "The session of the page; over TLS the cookie is called "
            f"`__Host-{NAME}`. What changes something needs the page's `X-CSRF-Token` as well.",
        },
    }


def _key(event: ClientEvent[Any, Any]) -> list[Json]:
    request = Post if event.request is TEXT_OR_POST else event.request
    if "cid" not in request.__struct_fields__:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 64}
    said = "The cid: what is sent again with the same key is the same message."
    return [_parameter("header", IDEMPOTENCY_KEY, schema, required=False) | {"description": said}]


def _parameter(where: str, name: str, schema: Json, required: bool = True) -> Json:
    return {"name": name, "in": where, "required": required, "schema": schema}


def _answer_of(operation: EventOperation) -> Any:
    if isinstance(operation, ResourceOperation) and operation.resource.answer:
        return operation.resource.answer
    return operation.event.answer


def _fields(type: Any) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(type)


def _has_required(type: Any) -> bool:
    return type is not TEXT_OR_POST and any(field.required for field in _fields(type))


def _summary(event: ClientEvent[Any, Any]) -> str:
    return f"The event `{event.name}`"


def _said(type: Any) -> str:
    if type is TEXT_OR_POST:
        return _plain(f"{Post.__doc__} A plain string is a text for `general`.")
    return _plain(type.__doc__ or "The answer.")


def _plain(said: str) -> str:
    return re.sub(r"\s+", " ", said).strip()


def _scope(scope: Scope) -> str:
    return f"A token needs the scope `{scope}`."


def _id_of(method: str, path: str) -> str:
    """Such as `get_rooms_messages_of_seq`."""
    words = [
        word.strip("{}") if word.startswith("{") else word
        for word in path.removeprefix(ROOT).removeprefix("/api").strip("/").split("/")
    ]
    old = "" if path.startswith(ROOT) else "_older"
    return "_".join([method.lower(), *words]) + old
