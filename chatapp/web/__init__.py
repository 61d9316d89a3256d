"""Features of every page: CSRF protection, safe headers, clear errors.

They only use Flask. Flask-WTF would bring a form library for one token, and Flask-Talisman sets a
few headers and has had no release for years; both would be more to read than these files.
"""

from flask import Flask

from chatapp.web.compression import compress_text
from chatapp.web.cookies import set_cookie_policy
from chatapp.web.csrf import refuse_forged_forms
from chatapp.web.diagram_frame import add_diagram_frame
from chatapp.web.errors import answer_errors
from chatapp.web.fixed_parts import install_fixed_parts
from chatapp.web.headers import send_safe_headers
from chatapp.web.languages import install_languages
from chatapp.web.modules import Joiner, join_modules
from chatapp.web.reach import install_reach
from chatapp.web.render_queue import queue_rendering
from chatapp.web.sheets import join_sheets
from chatapp.web.template_filters import install_filters

MAX_FORM_BYTES = 64 * 1024

__all__ = ["install_web"]


def install_web(
    app: Flask, host: str = "127.0.0.1", command: str = "chatapp serve --host 0.0.0.0"
) -> None:
    """`host` is the address to listen on; `command` starts the chat for other machines as well."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    app.url_map.strict_slashes = False  # people also type /admin/
    joiner = Joiner()
    queue_rendering(app)
    set_cookie_policy(app)
    refuse_forged_forms(app)
    answer_errors(app)
    send_safe_headers(app)
    join_sheets(app)
    add_diagram_frame(app)
    join_modules(app, joiner)
    compress_text(app)
    install_languages(app, joiner)
    install_filters(app)
    install_fixed_parts(app)
    install_reach(app, host, command)
