"""Responses that are files, which are the same for all visitors.

They may arrive late, in parallel, or from a cache. So they set no cookie, contain nothing about
the visitor, and browsers keep them and revalidate them by their ETag.
"""

import hashlib

from flask import Request, Response, request

ENDPOINTS = frozenset(
    ["static", "sheets", "modules", "part", "diagram_frame", "pages.worker", "api.openapi"]
)


UPLOADED = frozenset(["files.original", "files.preview"])
"""Files that people have sent."""


def is_file(request: Request) -> bool:
    return request.endpoint in ENDPOINTS


def text_file(content: bytes, mimetype: str) -> Response:
    """A file made of others. Browsers ask each time whether it has changed."""
    answer = Response(content, mimetype=mimetype, headers={"Cache-Control": "no-cache"})
    answer.set_etag(hashlib.sha256(content).hexdigest()[:16])
    return answer.make_conditional(request.environ)  # type: ignore[return-value]
