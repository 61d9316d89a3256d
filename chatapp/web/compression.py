"""Compresses static text files and the page of a room for browsers that accept it.

A thread does the compressing. Each version of a file is compressed once and kept in memory; all
files are small. Comments on lines of their own, half of our source text, are removed from scripts
and styles; line numbers stay the same.

Pages contain secrets beside text that visitors typed, and when both are compressed together, the
secrets can be guessed from the length (BREACH, 2013). So only the page of a room, the one large
page, is compressed: its only secret, the CSRF token, is masked differently each time (`csrf.py`),
and its length is blurred.
"""

import gzip
import re
import secrets

import brotli
from flask import Flask, Response, request
from gevent import get_hub

from chatapp.web.file_answers import is_file

MIN_BYTES = 512
"""Shorter answers are not worth an extra header."""
FILE_QUALITY = 11
LARGE_BYTES = 1_000_000
LARGE_FILE_QUALITY = 9
"""Brotli's last two levels would take five seconds for what draws diagrams, and save a tenth."""
PAGE_QUALITY = 6
"""A lower level for pages, which are compressed for each request."""
BLUR_BYTES = 64
PAGES = {"pages.home", "pages.chat", "pages.inbox"}
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")
COMMENTED = ("text/javascript", "text/css")

_COMMENT = re.compile(
    rb"^[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t]*$"  # /* … */ alone on its lines
    rb"|^[ \t]*//[^\n]*$",
    re.MULTILINE,
)
_BESIDE_CODE = re.compile(
    rb"/\*\* @type \{[^\n*]*\} \*/ ?"
    rb"|(?<=[;{,)}]) +(?://[^\n'\"`]*|/\*[^\n'\"`*]*\*/)$",  # after code, outside strings
    re.MULTILINE,
)
_LAYOUT = re.compile(rb"\n[ \t\n]+")
_NEEDLESS_BREAK = re.compile(rb"^((?:(?!//)[^\n])*[;{,(])\n", re.MULTILINE)
"""A line break that can be removed. Lines that may end with a comment keep theirs."""


def compress_text(app: Flask) -> None:
    kept: dict[str, bytes] = {}

    def file(response: Response) -> Response:
        etag, _ = response.get_etag()
        if not etag:
            return response
        response.vary.add("Accept-Encoding")
        encoding = _encoding()
        if encoding is None:
            return response
        response.direct_passthrough = False
        plain, version = response.get_data(), f"{request.path} {etag} {encoding}"
        if version not in kept:
            is_large = len(plain) > LARGE_BYTES
            if response.mimetype in COMMENTED and not is_large:
                plain = without_comments(plain)
            quality = LARGE_FILE_QUALITY if is_large else FILE_QUALITY
            kept[version] = get_hub().threadpool.apply(_compress, (encoding, plain, quality))
        _send(response, encoding, kept[version])
        response.set_etag(f"{etag}-{encoding}")
        return response.make_conditional(request.environ)  # type: ignore[return-value]

    def page(response: Response) -> Response:
        response.vary.add("Accept-Encoding")
        if encoding := _encoding():
            blur = f"<!-- {secrets.token_hex(secrets.randbelow(BLUR_BYTES))} -->".encode()
            plain = response.get_data() + blur
            compressed = get_hub().threadpool.apply(_compress, (encoding, plain, PAGE_QUALITY))
            _send(response, encoding, compressed)
        return response

    @app.after_request
    def compress(response: Response) -> Response:
        if not _is_compressible(response):
            return response
        if is_file(request):
            return file(response)
        return page(response) if request.endpoint in PAGES else response


def without_comments(source: bytes) -> bytes:
    """The source without comments on lines of their own."""
    return _COMMENT.sub(lambda found: b"\n" * found.group().count(b"\n"), source)


def without_layout(source: bytes) -> bytes:
    """The source without any comments, indentation and blank lines; line numbers change."""
    return _LAYOUT.sub(b"\n", _BESIDE_CODE.sub(b"", without_comments(source)))


def without_breaks(source: bytes) -> bytes:
    """The source without layout and most line breaks; a browser's tools can format it again."""
    return _NEEDLESS_BREAK.sub(rb"\1", source)


def _encoding() -> str | None:
    """The best encoding that the browser accepts; most accept Brotli over TLS and on localhost."""
    return next((each for each in ("br", "gzip") if request.accept_encodings[each]), None)


def _compress(encoding: str, plain: bytes, quality: int) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(plain, quality=quality))
    return gzip.compress(plain, min(quality, 9), mtime=0)


def _send(response: Response, encoding: str, compressed: bytes) -> None:
    response.set_data(compressed)
    response.content_encoding = encoding


def _is_compressible(response: Response) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and (response.mimetype or "").startswith(COMPRESSIBLE)
        and (response.content_length or 0) >= MIN_BYTES
    )
