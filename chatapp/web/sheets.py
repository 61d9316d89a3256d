"""Several style sheets as one file: `/static/sheets/palette+type.css`.

A page has some thirty of them, one idea each, and a request and its headers for each would weigh
more than what is in them. The address names them; nothing is kept, and nothing is built.
"""

import hashlib
import re

from flask import Flask, Response, abort, request, url_for

from chatapp.files import STATIC

SHEETS_AT_MOST = 40
_NAMES = re.compile(r"[a-z-]{1,40}(?:\+[a-z-]{1,40})*")


def join_sheets(app: Flask) -> None:
    @app.get("/static/sheets/<names>.css")
    def sheets(names: str) -> Response:
        wanted = names.split("+")
        if len(wanted) > SHEETS_AT_MOST or not _NAMES.fullmatch(names):
            abort(404)
        files = [STATIC / "css" / f"{name}.css" for name in wanted]
        if not all(file.is_file() for file in files):
            abort(404)
        joined = b"\n".join(file.read_bytes() for file in files)
        answer = Response(joined, mimetype="text/css", headers={"Cache-Control": "no-cache"})
        answer.set_etag(hashlib.sha256(joined).hexdigest()[:16])
        return answer.make_conditional(request.environ)  # type: ignore[return-value]

    @app.context_processor
    def sheets_url() -> dict[str, object]:
        return {"sheets": lambda *names: url_for("sheets", names="+".join(names))}
