"""Prevents other sites from sending forms in a visitor's name.

Each session has a random token. Pages have it in their forms (`csrf_token` in every template) or
send it as `X-CSRF-Token`, masked differently each time, because a compressed page must not
contain the same secret twice. Every request that could change something is refused without it.
Programs that say who they are in `Authorization` need none (authorization.py), and neither do those
that post to a secret address, where no cookie counts. (Socket.IO does not go through Flask; it
checks the Origin.)
"""

import binascii
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from flask import Flask, request, session

from chatapp.domain.errors import ChatError
from chatapp.web import authorization

API = "/api/"
ADDRESSES_OF_HOOKS = "/hooks/"
SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])


class Forged(ChatError):
    code = "not_allowed"


def refuse_forged_forms(app: Flask) -> None:
    app.before_request(_check_token)
    app.context_processor(lambda: {"csrf_token": csrf_token()})


def csrf_token() -> str:
    """This session's token, masked; created on first use."""
    return masked(session.setdefault("csrf", secrets.token_urlsafe(32)))


def masked(token: str) -> str:
    mask = secrets.token_bytes(len(token))
    return urlsafe_b64encode(mask + _xor(mask, token.encode())).decode()


def _unmasked(sent: str) -> bytes:
    """The unmasked token; empty if we did not mask this."""
    try:
        both = urlsafe_b64decode(sent.encode())
    except (binascii.Error, ValueError):
        return b""
    return _xor(both[: len(both) // 2], both[len(both) // 2 :])


def _xor(mask: bytes, text: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(mask, text, strict=False))


def _check_token() -> None:
    if request.method in SAFE_METHODS or request.path.startswith(ADDRESSES_OF_HOOKS):
        return
    if authorization.shown():
        return
    sent = request.headers.get("X-CSRF-Token", "")
    if not request.path.startswith(API):  # whose bodies are not forms, and may be large
        sent = request.form.get("csrf_token") or sent
    check_forgery(session, sent)


def check_forgery(session: Mapping[str, Any], sent: str) -> None:
    """Raises `Forged` unless this is the session's token, masked."""
    known = session.get("csrf", "")
    if not known or not hmac.compare_digest(_unmasked(sent), known.encode()):
        raise Forged("This form is out of date. Open the page again, and send it once more.")
