"""The paths of resumable uploads, as OpenAPI describes them: tus 1.0 (https://tus.io)."""

from collections.abc import Callable, Iterable
from typing import Any

from chatapp.features.api.resources import ROOT

Json = dict[str, Any]

VERSION = "1.0.0"
PART = "application/offset+octet-stream"
PATH = f"{ROOT}/files/tus"
REFUSED = (401, 403, 404, 408, 409, 413, 415, 429, 500, 503, 507)
NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
TEXT = {"type": "string"}
NOT_THE_VERSION = {"description": f"`Tus-Resumable` is not {VERSION}."}
WRONG_CHECKSUM = {"description": "The body does not have the checksum; nothing of it was kept."}


def tus_paths(refusals: Callable[[Iterable[int]], Json]) -> dict[str, Json]:
    refused = {"412": NOT_THE_VERSION, "460": WRONG_CHECKSUM, **refusals(REFUSED)}
    of_upload = [{"name": "id", "in": "path", "required": True, "schema": TEXT}, _version()]
    override = _header(
        "X-HTTP-Method-Override", {"enum": ["PATCH", "DELETE"]}, "The method that is meant."
    )
    return {
        PATH: {
            "options": {
                **_about("tus_options", "What uploads in parts can do"),
                "security": [],
                "responses": {
                    "204": _answer(
                        "The server's version, extensions and limits.",
                        Tus_Version=TEXT,
                        Tus_Extension=TEXT,
                        Tus_Max_Size=NUMBER,
                        Tus_Checksum_Algorithm=TEXT,
                    )
                },
            },
            "post": _create(refused),
        },
        f"{PATH}/{{id}}": {
            "head": {
                **_about("tus_offset", "How much of an upload is here"),
                "parameters": of_upload,
                "responses": {
                    "200": _answer(
                        "How much of it is here, and how much it is.",
                        Upload_Offset=NUMBER,
                        Upload_Length=NUMBER,
                        Upload_Expires=TEXT,
                    ),
                    **refusals(REFUSED),
                },
            },
            "patch": {
                **_about("tus_append", "Send a part of a file"),
                "parameters": [*of_upload, _offset(), _checksum()],
                "requestBody": _part(required=True),
                "responses": {"204": _appended("The part is here."), **refused},
            },
            "delete": {
                **_about("tus_remove", "Give an upload up"),
                "parameters": of_upload,
                "responses": {"204": {"description": "It is gone."}, **refusals(REFUSED)},
            },
            "post": {
                **_about("tus_override", "Send a part, or give up, where only POST is possible"),
                "parameters": [*of_upload, override, _offset(required=False), _checksum()],
                "requestBody": _part(required=False),
                "responses": {"204": _appended("It is done."), **refused},
            },
        },
    }


def _create(refused: Json) -> Json:
    metadata = "`filename` and the file's name in base64."
    return {
        **_about("tus_create", "Begin to upload a file in parts"),
        "description": "The last part of `Location` is the file's id, which a message names in "
        "`files` once the last byte is here. A body is the first part.",
        "parameters": [
            _version(),
            _header("Upload-Length", NUMBER, "The bytes of the file.", required=True),
            _header("Upload-Metadata", TEXT, metadata),
            _checksum(),
        ],
        "requestBody": _part(required=False),
        "responses": {
            "201": _answer(
                "Where the parts go.", Location=TEXT, Upload_Offset=NUMBER, Upload_Expires=TEXT
            ),
            **refused,
        },
    }


def _about(id: str, summary: str) -> Json:
    return {"tags": ["Files"], "operationId": id, "summary": summary}


def _header(name: str, schema: Json, said: str, *, required: bool = False) -> Json:
    described = {"name": name, "in": "header", "required": required, "schema": schema}
    return described | {"description": said}


def _version() -> Json:
    return _header("Tus-Resumable", {"const": VERSION}, "The version of tus.", required=True)


def _offset(*, required: bool = True) -> Json:
    return _header("Upload-Offset", NUMBER, "Where in the file it begins.", required=required)


def _checksum() -> Json:
    return _header("Upload-Checksum", TEXT, "`sha1`, `sha256` or `md5`, a blank, and base64.")


def _part(*, required: bool) -> Json:
    return {
        "required": required,
        "content": {PART: {"schema": {"type": "string", "format": "binary"}}},
    }


def _appended(said: str) -> Json:
    return _answer(said, Upload_Offset=NUMBER, Upload_Expires=TEXT)


def _answer(said: str, **headers: Json) -> Json:
    return {
        "description": said,
        "headers": {name.replace("_", "-"): {"schema": schema} for name, schema in headers.items()},
    }
