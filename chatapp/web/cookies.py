"""The session cookie: for this site, not for scripts, for a month.

Over TLS its name begins with `__Host-`: browsers then accept it only from this exact host over TLS,
so that neither another subdomain nor an attacker on the network can plant one
(RFC 6265bis, 4.1.3.2). Over plain HTTP, on a LAN, the prefix is not available.
"""

from datetime import timedelta

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from chatapp.web.file_answers import UPLOADED, is_file

COOKIE_LIFETIME = timedelta(days=30)
NAME = "chatapp"
SECURE_NAME = "__Host-chatapp"
NAMES = (NAME, SECURE_NAME)


def set_cookie_policy(app: Flask) -> None:
    """Flask signs the cookie; this sets where the browser may send it.

    `Lax`: forms and frames of other sites do not send it, a link to the chat does.
    """
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=COOKIE_LIFETIME,
    )
    app.session_interface = HostCookies()


class HostCookies(SecureCookieSessionInterface):
    def get_cookie_name(self, app: Flask) -> str:
        return SECURE_NAME if request.is_secure else NAME

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether to extend the cookie. Pages do; files do not, because a late response would give
        the cookie back to somebody who has signed out meanwhile."""
        if is_file(request) or request.endpoint in UPLOADED:
            return False
        return super().should_set_cookie(app, session)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open a session that we signed at any time.

        Flask's method needs the current request for the cookie's name, and a socket has none. It
        also rejects signatures that are older than a month or from the future, and the next page
        would then replace the cookie: a clock that is wrong for a minute would sign everybody out
        for good. The server decides how long a session is valid (see
        features/accounts/sign_in/sessions.py); a browser drops the cookie after a month.
        """
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        signed = request.cookies.get(SECURE_NAME)
        if signed is None and not request.is_secure:
            signed = request.cookies.get(NAME)
        try:
            return self.session_class(serializer.loads(signed or ""))
        except BadSignature:
            return self.session_class()
