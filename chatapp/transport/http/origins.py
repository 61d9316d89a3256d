"""Origins from which requests are allowed, and the CORS headers for browsers.

Browsers send the page's origin in `Origin`, on every WebSocket and every POST. Such a request that
has a session cookie but no origin is refused: it is either forged or from a client that should not
have that cookie. Other cookies, such as those of a load balancer, prove nothing.
"""

from collections.abc import Collection, Iterable
from typing import Any

from chatapp.domain.addresses import normal_origin

Environ = dict[str, Any]
"""The WSGI environment of a request."""

_OWN_PAGE = ("same-origin", "none")


class Origins:
    """The server's own origin, as named in each request, and `others`; `*` means all."""

    def __init__(self, others: Iterable[str], session_cookies: Iterable[str]) -> None:
        self._others = [normal_origin(origin) for origin in others]
        self._session_cookies = frozenset(session_cookies)

    def is_cross_site(self, environ: Environ) -> bool:
        """Whether the request comes from a page that may not connect."""
        return is_cross_site(environ, self._allowed(environ), self._session_cookies)

    def headers(self, environ: Environ) -> list[tuple[str, str]]:
        """The headers that let the browser pass the response to the page."""
        headers = []
        origin = environ.get("HTTP_ORIGIN")
        allowed = self._allowed(environ)
        if origin is not None and (allowed is None or origin in allowed):
            headers.append(("Access-Control-Allow-Origin", origin))
        if environ["REQUEST_METHOD"] == "OPTIONS":
            headers.append(("Access-Control-Allow-Methods", "OPTIONS, GET, POST"))
        asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
        if asked is not None:
            headers.append(("Access-Control-Allow-Headers", asked))
        headers.append(("Access-Control-Allow-Credentials", "true"))
        return headers

    def _allowed(self, environ: Environ) -> list[str] | None:
        """None allows all. A proxy in front may know another scheme and host than the server
        does."""
        if "*" in self._others:
            return None
        own = []
        if host := environ.get("HTTP_HOST"):
            scheme = environ["wsgi.url_scheme"]
            own.append(f"{scheme}://{host}")
            said_scheme = environ.get("HTTP_X_FORWARDED_PROTO")
            said_host = environ.get("HTTP_X_FORWARDED_HOST")
            if said_scheme is not None or said_host is not None:
                own.append(f"{_first(said_scheme or scheme)}://{_first(said_host or host)}")
        return [normal_origin(origin) for origin in own] + self._others


def _first(values: str) -> str:
    return values.split(",", maxsplit=1)[0].strip()


def is_cross_site(
    environ: Environ, allowed: Collection[str] | None, session_cookies: Collection[str]
) -> bool:
    """Whether a page of a foreign origin sent this. `allowed` None allows all."""
    if allowed is None:
        return False
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        return normal_origin(origin) not in allowed
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in _OWN_PAGE
    can_change = environ["REQUEST_METHOD"] == "POST" or "HTTP_UPGRADE" in environ
    return can_change and _has_session(environ.get("HTTP_COOKIE", ""), session_cookies)


def _has_session(cookies: str, names: Collection[str]) -> bool:
    return any(cookie.partition("=")[0].strip() in names for cookie in cookies.split(";"))
