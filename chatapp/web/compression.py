"""What is text leaves compressed, for browsers that take it: static files, and the page of a room.

Each file is compressed once for each version of it, in a thread, and kept in memory; all of them
are small.
Scripts and styles go without the comments that stand on lines of their own: they are half of
what we write. Their lines keep their numbers.

Pages have secrets in them beside what visitors typed, and compressed together those can be
guessed from the length (BREACH, 2013). So only the page of a room is compressed: its one
secret, the token of its forms, is written differently each time (`csrf.py`), and its length is
blurred. It is also the one page that is large.
"""

import gzip
import re
import secrets

import brotli
from flask import Flask, Response, request
from gevent import get_hub

LEAST_BYTES = 1024
"""Below that, it is not worth the header."""
BEST = 11
QUICK = 5
"""A page is compressed anew each time."""
BLUR_BYTES = 64
FILES = {"static", "sheets", "modules"}
PAGES = {"pages.home", "pages.chat"}
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")
COMMENTED = ("text/javascript", "text/css")

_COMMENT = re.compile(
    rb"^[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t]*$"  # /* … */, with nothing before it or behind
    rb"|^[ \t]*//[^\n]*$",
    re.MULTILINE,
)


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
            if response.mimetype in COMMENTED:
                plain = without_comments(plain)
            kept[version] = get_hub().threadpool.apply(_compress, (encoding, plain, BEST))
        _send(response, encoding, kept[version])
        response.set_etag(f"{etag}-{encoding}")
        return response.make_conditional(request.environ)  # type: ignore[return-value]

    def page(response: Response) -> Response:
        response.vary.add("Accept-Encoding")
        if encoding := _encoding():
            blur = f"<!-- {secrets.token_hex(secrets.randbelow(BLUR_BYTES))} -->".encode()
            _send(response, encoding, _compress(encoding, response.get_data() + blur, QUICK))
        return response

    @app.after_request
    def compress(response: Response) -> Response:
        if not _is_compressible(response):
            return response
        if request.endpoint in FILES:
            return file(response)
        return page(response) if request.endpoint in PAGES else response


def without_comments(source: bytes) -> bytes:
    """Scripts and styles, less the comments that have their lines to themselves."""
    return _COMMENT.sub(lambda found: b"\n" * found.group().count(b"\n"), source)


def _encoding() -> str | None:
    """The best that the browser takes; most take Brotli over TLS, and from this machine."""
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
        and (response.content_length or 0) >= LEAST_BYTES
    )
