"""Serves several style sheets as one file: `/static/sheets/palette+type.css`.

A page has some thirty small style sheets, and a request with headers for each would weigh more
than its content. The URL names the sheets, wherever they are in static/css: no two have one name,
and what one refers to is relative to this URL. There is no build step and nothing is stored.
"""

import re

from flask import Flask, Response, abort, url_for

from chatapp.resources import style_sheets
from chatapp.web.compression import without_breaks, without_layout
from chatapp.web.file_answers import text_file

MAX_SHEETS = 40
_NAMES = re.compile(r"[a-z-]{1,40}(?:\+[a-z-]{1,40})*")


def join_sheets(app: Flask) -> None:
    @app.get("/static/sheets/<names>.css")
    def sheets(names: str) -> Response:
        wanted = names.split("+")
        if len(wanted) > MAX_SHEETS or not _NAMES.fullmatch(names):
            abort(404)
        known = style_sheets()
        if not known.keys() >= set(wanted):
            abort(404)
        files = [known[name].read_bytes() for name in wanted]
        joined = b"\n".join(without_breaks(without_layout(file)) for file in files)
        return text_file(joined, "text/css")

    @app.context_processor
    def sheets_url() -> dict[str, object]:
        return {"sheets": lambda *names: url_for("sheets", names="+".join(names))}
