"""A server on loopback accepts requests for loopback names only.

A foreign web page can make its own host name point to 127.0.0.1 (DNS rebinding); its scripts would
then have the same origin as the chat, and could read it. Such requests have that page's name as
their Host header, and are refused here, before anything else.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from chatapp.config import is_loopback

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

ANSWER = (
    b"This server only accepts requests for localhost. "
    b"Behind a proxy, start it with CHATAPP_PROXIES=1.\n"
)


class OwnHosts:
    """Lets requests for loopback names through, and for the hosts of `origins`."""

    def __init__(self, app: Wsgi, origins: Iterable[str]) -> None:
        self._app = app
        self._known = {urlsplit(origin).hostname for origin in origins}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self._is_own(environ.get("HTTP_HOST", "localhost")):
            return self._app(environ, start_response)
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(ANSWER)))]
        start_response("421 Misdirected Request", headers)
        return [ANSWER]

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return is_loopback(name) or name in self._known
