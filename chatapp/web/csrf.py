"""Forms that another site cannot send in a visitor's name.

Each session has a random token; pages carry it in their forms (`csrf_token` in every
template) or send it as `X-CSRF-Token`, under a mask that is another one each time: a page that
is compressed must not have the same secret in it twice. Whatever may change something and
does not bring it is refused, without exception. (Socket.IO is not behind Flask; it checks the
Origin.)
"""

import binascii
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import Flask, request, session

from chatapp.errors import ChatError

SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])


class Forged(ChatError):
    code = "not_allowed"


def refuse_forged_forms(app: Flask) -> None:
    app.before_request(_check_token)
    app.context_processor(lambda: {"csrf_token": csrf_token()})


def csrf_token() -> str:
    """The token of this session, masked; made when the first page asks for it."""
    return masked(session.setdefault("csrf", secrets.token_urlsafe(32)))


def masked(token: str) -> str:
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _xor(mask, token.encode())).decode()


def _unmasked(brought: str) -> bytes:
    """Empty for what we have not masked."""
    try:
        both = urlsafe_b64decode(brought.encode())
    except (binascii.Error, ValueError):
        return b""
    return _xor(both[: len(both) // 2], both[len(both) // 2 :])


def _xor(mask: bytes, text: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(mask, text, strict=False))


def _check_token() -> None:
    if request.method in SAFE_METHODS:
        return
    brought = request.form.get("csrf_token") or request.headers.get("X-CSRF-Token", "")
    known = session.get("csrf", "")
    if not known or not hmac.compare_digest(_unmasked(brought), known.encode()):
        raise Forged("This form is out of date. Open the page again, and send it once more.")
