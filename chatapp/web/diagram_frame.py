"""The page in which diagrams are drawn: `/static/diagrams.html`, a frame of the chat page.

Mermaid styles what it draws with inline styles, and reads texts of anybody. Its page allows the
styles, and is sandboxed: it has no origin, so no cookies, no storage and nothing of the chat, and
it may ask for nothing but its two scripts. static/js/lib/markdown/diagrams.js makes pictures of
what it draws.
"""

from flask import Flask, Response, render_template

from chatapp.web.file_answers import text_file

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-scripts",
    ]
)


def add_diagram_frame(app: Flask) -> None:
    @app.get("/static/diagrams.html")
    def diagram_frame() -> Response:
        answer = text_file(render_template("diagrams.html").encode(), "text/html")
        answer.headers["Content-Security-Policy"] = POLICY
        return answer
