"""Static files are sent compressed to browsers that take it.

Only static files: a page has secrets in it (form tokens) beside what visitors typed, and
compressed together they can be guessed from the length (BREACH, 2013). Each file is
compressed once for each version of it and kept in memory; all of them are small.
"""

import gzip

from flask import Flask, Response, request

LEAST_BYTES = 1024
"""Below that, it is not worth the header."""
LEVEL = 6
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")


def compress_static_files(app: Flask) -> None:
    kept: dict[str, bytes] = {}

    @app.after_request
    def compress(response: Response) -> Response:
        etag, _ = response.get_etag()
        if not etag or not _is_compressible(response):
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings["gzip"]:
            return response
        response.direct_passthrough = False
        plain, version = response.get_data(), f"{request.path} {etag}"
        if version not in kept:
            kept[version] = gzip.compress(plain, LEVEL, mtime=0)
        response.set_data(kept[version])
        response.content_encoding = "gzip"
        response.set_etag(f"{etag}-gzip")
        return response.make_conditional(request.environ)  # type: ignore[return-value]


def _is_compressible(response: Response) -> bool:
    return (
        request.endpoint == "static"
        and request.method == "GET"
        and response.status_code == 200
        and (response.mimetype or "").startswith(COMPRESSIBLE)
        and (response.content_length or 0) >= LEAST_BYTES
    )
