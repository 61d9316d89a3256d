"""The session cookie: for this site, not for scripts, for a month.

Over TLS its name begins with `__Host-`: browsers then take it only from this very host,
over TLS, so that neither another subdomain nor somebody on the wire can plant one
(RFC 6265bis, 4.1.3.2). Over plain HTTP, on a LAN, there is no such name.
"""

from datetime import timedelta

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

COOKIE_LIFETIME = timedelta(days=30)
NAME = "chatapp"
SECURE_NAME = "__Host-chatapp"


def keep_cookies_close(app: Flask) -> None:
    """Flask signs the cookie; this says where the browser may send it.

    `Lax`: other sites' forms and frames do not carry it, a link to the chat does.
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
        """A page lengthens the cookie's life. A file does not: it may come late, and would give
        the cookie back to somebody who has signed out since they asked for it."""
        return request.endpoint != "static" and super().should_set_cookie(app, session)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask's own, which asks the current request for the name: a socket has none."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        signed = request.cookies.get(SECURE_NAME)
        if signed is None and not request.is_secure:
            signed = request.cookies.get(NAME)
        try:
            lifetime = int(COOKIE_LIFETIME.total_seconds())
            return self.session_class(serializer.loads(signed or "", max_age=lifetime))
        except BadSignature:
            return self.session_class()
