"""The session cookie: for this site, not for scripts, for a month."""

from datetime import timedelta

from flask import Flask

COOKIE_LIFETIME = timedelta(days=30)


def keep_cookies_close(app: Flask) -> None:
    """Flask signs the cookie; this says where the browser may send it.

    `Lax`: other sites' forms and frames do not carry it, a link to the chat does.
    """
    app.config.update(
        SESSION_COOKIE_NAME="chatapp",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=COOKIE_LIFETIME,
    )
