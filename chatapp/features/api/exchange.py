"""A request to the API and its reply, as WSGI has them: JSON both ways, and errors as on the wire.

Flask is not asked. Its request, session and hooks take several times as long as a post itself.
"""

import hashlib
import logging
import math
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_etags, parse_options_header

from chatapp.domain.errors import BadPayload, ChatError, TooLong, Unavailable, Unsupported
from chatapp.protocol.codec import refusal
from chatapp.transport.wire.request_body import BadBody, TooSlow
from chatapp.web.errors import CHALLENGE, SERVER_FAILED, status_of
from chatapp.web.headers import HSTS

JSON = "application/json"
MAX_BODY_BYTES = 128 * 1024
"""As much as one packet of a socket."""
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
NOT_STORED = ("Cache-Control", "no-store")
ASKED_EACH_TIME = ("Cache-Control", "private, no-cache")

log = logging.getLogger(__name__)


class HTTPRefusal(Exception):
    """An error that only HTTP has. Its code is that of the `error`, its status its own."""

    def __init__(self, status: int, error: ChatError, *headers: tuple[str, str]) -> None:
        super().__init__(error.message)
        self.error = error
        self.status = status
        self.headers = headers


class ApiReply(msgspec.Struct, frozen=True):
    """`headers` besides the content's type and length, and those that every reply has."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (NOT_STORED,)


class ApiRequest:
    """One request. `path` has the values from its address."""

    __slots__ = ("environ", "method", "path")

    def __init__(self, environ: dict[str, Any], path: dict[str, str]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        self.path = path

    def header(self, name: str) -> str | None:
        """The value of a header such as `If-None-Match`."""
        value: str | None = self.environ.get(f"HTTP_{name.upper().replace('-', '_')}")
        return value

    def query(self) -> dict[str, list[str]]:
        """The fields of the query; raises `BadPayload` if they are not UTF-8."""
        fields: dict[str, list[str]] = {}
        try:
            for name, value in parse_qsl(
                self.environ.get("QUERY_STRING", ""),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=1000,
            ):
                fields.setdefault(name, []).append(value)
        except ValueError as error:
            raise BadPayload(f"The query is invalid: {error}.") from None
        return fields

    def body(self) -> bytes:
        """The JSON that was sent, not decoded yet. Raises an error for anything else."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        raw = b""
        if length or "HTTP_TRANSFER_ENCODING" in self.environ:
            if length > MAX_BODY_BYTES:
                raise too_large()
            raw = self.environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise too_large()
        if raw:
            self._require_json()
        return raw

    def _require_json(self) -> None:
        sent = self.environ.get("CONTENT_TYPE", "")
        if sent != JSON and parse_options_header(sent)[0].lower() != JSON:
            raise Unsupported(f"Send JSON, with `Content-Type: {JSON}`.")
        if self.header("Content-Encoding") not in (None, "identity"):
            raise Unsupported("The body is compressed; send it as it is.")

    def chosen(self, types: Iterable[str]) -> str:
        """The one of `types` that the client wants most; raises an error (406) if it is none."""
        types, accepts = list(types), self.header("Accept") or "*/*"
        if accepts == "*/*" or accepts == types[0]:
            return types[0]
        best = parse_accept_header(accepts, MIMEAccept).best_match(types)
        if best is None:
            raise HTTPRefusal(406, BadPayload(f"This is {' or '.join(types)}, and nothing else."))
        return best


def too_large() -> HTTPRefusal:
    return HTTPRefusal(413, TooLong(f"A request has at most {MAX_BODY_BYTES:,} bytes."))


def answered(answer: object, status: int = 200, *headers: tuple[str, str]) -> ApiReply:
    return ApiReply(status, msgspec.json.encode(answer), (NOT_STORED, *headers))


def read(request: ApiRequest, answer: object) -> ApiReply:
    """The reply to a GET: 304 without a body, if the client has this answer already."""
    body = msgspec.json.encode(answer)
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    headers = (ASKED_EACH_TIME, ("ETag", f'"{etag}"'), ("Vary", "Authorization, Cookie"))
    known = request.header("If-None-Match")
    if known and parse_etags(known).contains_weak(etag):
        return ApiReply(304, b"", headers)
    return ApiReply(200, body, headers)


def refused(error: ChatError | HTTPRefusal) -> ApiReply:
    """The reply with an error, in the form of a socket's ack."""
    headers: tuple[tuple[str, str], ...] = (NOT_STORED,)
    if isinstance(error, HTTPRefusal):
        body = msgspec.json.encode(refusal(error.error))
        return ApiReply(error.status, body, (*headers, *error.headers))
    status = status_of(error)
    if status == 401:
        headers += (("WWW-Authenticate", CHALLENGE),)
    if error.retry_after is not None:
        headers += (("Retry-After", str(math.ceil(error.retry_after))),)
    return ApiReply(status, msgspec.json.encode(refusal(error)), headers)


def reply_of(answer: Callable[[], ApiReply | None]) -> ApiReply | None:
    """What `answer()` gives, or the reply to its error."""
    try:
        return answer()
    except (ChatError, HTTPRefusal) as error:
        return refused(error)
    except TooSlow:
        return refused(HTTPRefusal(408, BadPayload("The body came too slowly.")))
    except BadBody:
        return refused(BadPayload("The body ends too early."))
    except Exception:
        log.exception("A request to the API failed.")
        return refused(HTTPRefusal(500, Unavailable(SERVER_FAILED)))


def send(
    reply: ApiReply, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    headers = [*reply.headers, *constant_headers(environ)]
    if reply.status not in (204, 304):
        headers.append(("Content-Length", str(len(reply.body))))
        if not any(name == "Content-Type" for name, _ in headers):
            headers.append(("Content-Type", JSON))
    start_response(STATUS_LINES[reply.status], headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" or not reply.body else [reply.body]


def constant_headers(environ: dict[str, Any]) -> list[tuple[str, str]]:
    """The headers of every response."""
    headers = [("X-Content-Type-Options", "nosniff")]
    if environ.get("wsgi.url_scheme") == "https":
        headers.append(("Strict-Transport-Security", HSTS))
    return headers
