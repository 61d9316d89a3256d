"""Forms that another site cannot send in a visitor's name.

Each session has a random token; pages carry it in their forms (`csrf_token` in every
template) or send it as `X-CSRF-Token`. Whatever may change something and does not bring
it is refused, without exception. (Socket.IO is not behind Flask; it checks the Origin.)
"""

import hmac
import secrets

from flask import Flask, request, session

from chatapp.errors import ChatError

SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])


class Forged(ChatError):
    code = "not_allowed"


def refuse_forged_forms(app: Flask) -> None:
    app.before_request(_check_token)
    app.context_processor(lambda: {"csrf_token": csrf_token()})


def csrf_token() -> str:
    """The token of this session; made when the first page asks for it."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(32))
    return token


def _check_token() -> None:
    if request.method in SAFE_METHODS:
        return
    brought = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    known = session.get("csrf", "")
    if not known or not hmac.compare_digest(brought.encode(), known.encode()):
        raise Forged("This form is out of date. Open the page again, and send it once more.")
