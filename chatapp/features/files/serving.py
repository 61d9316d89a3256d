"""Serves files and their previews: `/files/<id>/<name>`, `/files/<id>/preview`.

Who may read the message may read the file; that is asked at each request, so a browser may keep a
file, and asks whether it still may show it. No file runs as a page of this site, whatever it is:
its type comes from its bytes, browsers must not guess another one, and everything but passive types
is saved instead of opened.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from urllib.parse import quote

from flask import Blueprint, Response, request

from chatapp.domain.errors import NotFound
from chatapp.domain.model import FileInfo, Person
from chatapp.features.files.manager import FileManager
from chatapp.features.files.model import FULL, PREVIEW
from chatapp.features.files.types import PASSIVE, PDF, PICTURES, TEXT

PREVIEW_LINES = 40
PREVIEW_BYTES = 32 * 1024
SANDBOX = "sandbox; default-src 'none'"
NO_SANDBOX = "default-src 'none'; object-src 'self'"
"""For PDF: browsers do not show one in a sandbox, and their viewers have one of their own."""

Who = Callable[[], Person]
Span = tuple[int, int]
"""The first byte of a part of a file, and the one behind it."""


def add_file_pages(files: Blueprint, who: Who, manager: FileManager) -> None:
    @files.get("/files/<id>/<name>")
    def original(id: str, name: str) -> Response:
        file = manager.info(who(), id)
        return send_file(manager, file)

    @files.get("/files/<id>/preview")
    def preview(id: str) -> Response:
        return send_preview(manager, manager.info(who(), id))


def send_preview(manager: FileManager, file: FileInfo) -> Response:
    """What is shown of a file, to somebody who may read it: its picture, or its first lines."""
    if file.type.startswith("text/"):
        return _first_lines(manager, file)
    if file.type not in PICTURES and file.type != PDF:
        if file.name == "preview":  # This is the address of the file itself.
            return _send(manager, file, file.sha256, file.type, file.bytes)
        raise NotFound("This file has no preview.")
    if request.args.get("size") == "full" and file.type in PICTURES:
        if size := manager.size(file.sha256 + FULL):
            return _send(manager, file, file.sha256 + FULL, "image/webp", size)
        return _send(manager, file, file.sha256, file.type, file.bytes)
    size = manager.size(file.sha256 + PREVIEW)
    if size is None:
        raise NotFound("This file has no preview.")
    return _send(manager, file, file.sha256 + PREVIEW, "image/webp", size)


def send_file(manager: FileManager, file: FileInfo) -> Response:
    """A file to somebody who may read it."""
    return _send(manager, file, file.sha256, file.type, file.bytes)


def send_picture(manager: FileManager, name: str, size: int) -> Response:
    """A blob that is a WebP to somebody who may see it, and who may keep it: its address says which
    bytes there are."""
    picture = FileInfo(id="", name="emoji.webp", type="image/webp", bytes=size, sha256=name)
    answer = _send(manager, picture, name, picture.type, size)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _send(manager: FileManager, file: FileInfo, name: str, type: str, size: int) -> Response:
    """The whole of a blob, or the part of it that was asked for."""
    answer = Response(mimetype=type)
    _set_headers(answer, file, type)
    answer.set_etag(name)
    answer.headers["Accept-Ranges"] = "bytes"
    if request.if_none_match.contains(name):
        answer.status_code = 304
        return answer
    span = _span(name, size)
    if span is not None and span[0] >= span[1]:
        answer.status_code = 416
        answer.headers["Content-Range"] = f"bytes */{size}"
        return answer
    start, end = span or (0, size)
    if span is not None:
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    answer.content_length = end - start
    if request.method != "HEAD":
        answer.response = _begun(manager.read(name, start, end - start)) if end > start else []
    return answer


def _begun(parts: Iterator[bytes]) -> Iterable[bytes]:
    """The parts, of which the first is read: what fails before it is answered in words."""
    first = list(islice(parts, 1))

    def all() -> Iterator[bytes]:
        yield from first
        yield from parts

    return all()


def _first_lines(manager: FileManager, file: FileInfo) -> Response:
    head = b"".join(manager.read(file.sha256, 0, PREVIEW_BYTES)) if file.bytes else b""
    text = head.decode(errors="ignore")
    lines = text.splitlines(keepends=True)[:PREVIEW_LINES]
    answer = Response("".join(lines), mimetype=TEXT)
    _set_headers(answer, file, TEXT)
    answer.set_etag(f"{file.sha256}{PREVIEW}")
    return answer.make_conditional(request.environ)  # type: ignore[return-value]


def _set_headers(answer: Response, file: FileInfo, type: str) -> None:
    how = "inline" if type in PASSIVE or type == "image/webp" else "attachment"
    answer.headers["Content-Disposition"] = f"{how}; {_named(file.name)}"
    answer.headers["Content-Security-Policy"] = NO_SANDBOX if type == PDF else SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-cache"
    if type == TEXT:
        answer.content_type = f"{TEXT}; charset=utf-8"


def _named(name: str) -> str:
    """The file's name for all clients, and in full for those that know RFC 6266."""
    plain = re.sub(r'[^ !#-\[\]-~]|"', "_", name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _span(etag: str, size: int) -> Span | None:
    """The part that is asked for; None for the whole, also if several parts are, or of another
    version. One that begins behind the end is empty."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or not size:
        return None
    if request.if_range and request.if_range.etag and request.if_range.etag != etag:
        return None
    if request.if_range and request.if_range.date:
        return None
    [(start, end)] = wanted.ranges
    if start < 0:
        return max(0, size + start), size
    return start, min(size, size if end is None else end)
