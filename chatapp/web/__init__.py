"""What every page needs: forms that only our own pages can send, safe headers, clear errors.

Written with Flask's own means. Flask-WTF brings a form library for one token, and
Flask-Talisman is a few headers and has had no release for years; both would be more to
read than these files.
"""

from flask import Flask

from chatapp.web.compression import compress_text
from chatapp.web.cookies import keep_cookies_close
from chatapp.web.csrf import refuse_forged_forms
from chatapp.web.errors import answer_errors
from chatapp.web.headers import send_safe_headers
from chatapp.web.languages import speak_languages
from chatapp.web.modules import join_modules
from chatapp.web.sheets import join_sheets

MAX_FORM_BYTES = 64 * 1024

__all__ = ["install_web"]


def install_web(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM_BYTES
    keep_cookies_close(app)
    refuse_forged_forms(app)
    answer_errors(app)
    send_safe_headers(app)
    join_sheets(app)
    join_modules(app)
    compress_text(app)
    speak_languages(app)
