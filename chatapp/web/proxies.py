"""Takes a request's client address, scheme and host from trusted proxies.

X-Forwarded-For: 203.0.113.9, 198.51.100.7:6123     the last proxy adds the last entry,
X-Forwarded-Proto: https                            the proxy before it the entry before;
X-Forwarded-Host: chat.example.org                  a client can forge the entries before those
Forwarded: for="[2001:db8::7]:6123";proto=https     RFC 7239, where X-Forwarded-For is absent
"""

from collections.abc import Callable, Iterable
from typing import Any

from chatapp.domain.addresses import normal_address, normal_host

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class BehindProxies:
    """Replaces a request's address, scheme and host by those from the last `proxies` proxies."""

    def __init__(self, app: Wsgi, proxies: int) -> None:
        self._app = app
        self._proxies = proxies

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        forwarded = self._forwarded(environ)
        address = normal_address(forwarded.get("for", ""))
        if address is not None:
            environ["REMOTE_ADDR"] = address
        if forwarded.get("proto", "").lower() in ("http", "https"):
            environ["wsgi.url_scheme"] = forwarded["proto"].lower()
        host = forwarded.get("host") or environ.get("HTTP_HOST")
        if host:
            environ["HTTP_HOST"] = normal_host(host, environ["wsgi.url_scheme"])
        return self._app(environ, start_response)

    def _forwarded(self, environ: Environ) -> dict[str, str]:
        if "HTTP_X_FORWARDED_FOR" not in environ and "HTTP_FORWARDED" in environ:
            return _parts(self._own_entry(environ["HTTP_FORWARDED"]))
        return {
            name: self._own_entry(environ.get(f"HTTP_X_FORWARDED_{name.upper()}", ""))
            for name in ("for", "proto", "host")
        }

    def _own_entry(self, value: str) -> str:
        """The entry of the first trusted proxy; empty if there are too few entries.

        Commas inside quotes separate entries too: a leading quote could be forged.
        """
        entries = value.split(",")
        return entries[-self._proxies].strip() if len(entries) >= self._proxies else ""


def _parts(entry: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in entry.split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
