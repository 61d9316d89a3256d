"""The paths of the API that no event is behind, as OpenAPI describes them."""

from collections.abc import Callable, Iterable
from typing import Any, get_args

from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Role
from chatapp.domain.scopes import Scope
from chatapp.features.api.resources import ROOT
from chatapp.features.api.tus_paths import PATH as TUS_PATH
from chatapp.features.api.tus_paths import tus_paths
from chatapp.protocol.answers import Answer, Done, UploadedFile, UploadedFiles
from chatapp.protocol.streams import StreamedType

Json = dict[str, Any]

ME = f"{ROOT}/me"


class Me(Answer, frozen=True, kw_only=True):
    """Who sends the request: the name, the id (`by` in messages), the role, and what the token
    allows."""

    name: str
    id: str
    role: Role
    scopes: list[Scope]


OTHER_TYPES = (Me, Done, UploadedFile, UploadedFiles)


def other_paths(
    schema: Callable[[Any], Json], refusals: Callable[[Iterable[int]], Json]
) -> dict[str, Json]:
    """`schema(type)` describes one of `OTHER_TYPES`; `refusals(statuses)` are the responses to what
    is refused."""

    def answer(type: Any, description: str) -> Json:
        return {
            "description": description,
            "content": {"application/json": {"schema": schema(type)}},
        }

    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    any_bytes = {"schema": {"type": "string", "format": "binary"}}
    several = {"type": "object", "additionalProperties": {"type": "string", "format": "binary"}}
    return {
        ME: {
            "get": {
                "tags": ["Resources"],
                "operationId": "get_me",
                "summary": "Who you are",
                "responses": {
                    "200": answer(Me, "Who sends the request."),
                    "304": {"description": "The client has this answer."},
                    **refusals([401, 403, 406, 409, 429, 500]),
                },
            }
        },
        f"{ROOT}/rooms/{{room}}/stream": {"get": _stream_of_room(refusals)},
        f"{ROOT}/stream": {"get": _stream_of_rooms(refusals)},
        f"{ROOT}/files": {
            "post": {
                "tags": ["Files"],
                "operationId": "post_files",
                "summary": "Upload files",
                "description": "Then post a message with their ids as `files`. Files that no "
                "message has within a day go. Large ones can be uploaded in parts by tus 1.0 "
                f"(https://tus.io) at `{TUS_PATH}`.",
                "parameters": [
                    {
                        "name": "name",
                        "in": "query",
                        "required": False,
                        "description": "Of a file that is the whole body.",
                        "schema": {"type": "string"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/octet-stream": any_bytes,
                        "multipart/form-data": {"schema": several},
                    },
                },
                "responses": {
                    "201": answer(UploadedFiles, "The files, which are kept."),
                    **refusals([400, 401, 403, 409, 413, 415, 429, 500, 503, 507]),
                },
            }
        },
        f"{ROOT}/files/{{id}}": {
            "get": {
                "tags": ["Files"],
                "operationId": "get_file",
                "summary": "What is known of a file",
                "description": "Its bytes are at `/files/{id}/{name}`.",
                "parameters": [id],
                "responses": {
                    "200": answer(UploadedFile, "The file."),
                    **refusals([400, 401, 403, 404, 429, 500, 503]),
                },
            },
            "delete": {
                "tags": ["Files"],
                "operationId": "delete_file",
                "summary": "Remove a file that no message has",
                "parameters": [id],
                "responses": {
                    "200": answer(Done, "It is gone."),
                    **refusals([400, 401, 403, 404, 409, 429, 500, 503]),
                },
            },
        },
        **tus_paths(refusals),
    }


def _stream_of_room(refusals: Callable[[Iterable[int]], Json]) -> Json:
    seq = {"type": "integer", "minimum": 0, "maximum": MAX_INTEGER}
    room = {"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}
    after = {"in": "query", "name": "since", "required": False, "schema": seq}
    last = {"in": "header", "name": "Last-Event-ID", "required": False, "schema": seq}
    return {
        "tags": ["Resources"],
        "operationId": "get_room_stream",
        "summary": "Follow a room",
        "description": "The events of the room as they happen, without an end, as Server-Sent "
        "Events or as lines of JSON. With the seq of an event, all that follow it come first.",
        "parameters": [room, after, last],
        "responses": _stream(refusals),
    }


def _stream_of_rooms(refusals: Callable[[Iterable[int]], Json]) -> Json:
    def field(name: str, schema: Json, place: str = "query") -> Json:
        return {"in": place, "name": name, "required": False, "schema": schema}

    id = {"type": "string"}
    types = {"type": "string", "enum": list(get_args(StreamedType))}
    return {
        "tags": ["Resources"],
        "operationId": "get_stream",
        "summary": "Follow all rooms",
        "description": "The events of all rooms that you can see, as they happen, or of `rooms`; "
        "all of them, or those of these `types`. With the id of an event, all that follow it come "
        "first.",
        "parameters": [
            field("rooms", {"type": "array", "items": {"type": "string"}}),
            field("types", {"type": "array", "items": types}),
            field("since", id),
            field("Last-Event-ID", id, "header"),
        ],
        "responses": _stream(refusals),
    }


def _stream(refusals: Callable[[Iterable[int]], Json]) -> Json:
    text = {"schema": {"type": "string"}}
    formats = dict.fromkeys(("text/event-stream", "application/x-ndjson"), text)
    return {
        "200": {"description": "The events.", "content": formats},
        **refusals([400, 401, 403, 404, 406, 409, 429, 500, 503]),
    }
