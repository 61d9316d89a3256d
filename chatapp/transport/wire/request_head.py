"""The head of an HTTP request, parsed strictly and fast.

pywsgi uses the standard library's e-mail parser, which takes longer than the rest of a WebSocket
handshake, and accepts more than HTTP allows: folded lines, blanks before the colon, lines that end
with a bare LF, HTTP/0.9. If two programs interpret a request differently, a second one can be
smuggled past one of them; so this parser refuses everything that RFC 9112 does not allow.
"""

import re
from typing import BinaryIO
from urllib.parse import urlsplit

MAX_LINE_BYTES = 16 * 1024
MAX_LINES = 100

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([!-~\x80-\xff]+) HTTP/1\.([0-9])\r\n")
_LINE = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*\r\n")
_HOST = re.compile(r"(?:[\w.~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+(?:%[\w.~-]+)?\])(?::\d{0,5})?", re.A)
_LENGTH = re.compile(r"[0-9]{1,18}")
_ONCE_ONLY = frozenset(["content-length", "transfer-encoding", "host"])


class BadHead(ValueError):
    """The problem with the head, for the log."""


class RequestHead:
    """`path` is the target's path and query; the authority of an absolute target becomes `Host`.

    pywsgi uses `headers`, `get()`, `getheader()` and `typeheader`.
    """

    def __init__(self, request_line: bytes, stream: BinaryIO) -> None:
        found = _REQUEST_LINE.fullmatch(request_line)
        if found is None:
            raise BadHead("the request line is malformed, or not of HTTP/1")
        self.method = found[1].decode("latin-1")
        self.version = "HTTP/1.0" if found[3] == b"0" else "HTTP/1.1"
        self.headers: list[str] = []
        self._values: dict[str, str] = {}
        for name, value in read_fields(stream):
            self._add(name, value)
        self.path = self._path_of(found[2].decode("latin-1"))
        self._check_host()
        self.content_length = self._content_length()
        self.is_chunked = self._is_chunked()

    @property
    def is_last(self) -> bool:
        """Whether the client sends no other request on this connection."""
        wishes = tokens(self.get("connection", ""))
        return "close" in wishes or (self.version == "HTTP/1.0" and "keep-alive" not in wishes)

    def get(self, name: str, default: str = "") -> str:
        return self._values.get(name.lower(), default)

    def getheader(self, name: str) -> str | None:
        return self._values.get(name.lower())

    @property
    def typeheader(self) -> str | None:
        return self.getheader("content-type")

    def _add(self, name: str, value: str) -> None:
        key = name.lower()
        before = self._values.get(key)
        if before is not None and key in _ONCE_ONLY:
            raise BadHead(f"{key} is there twice")
        self._values[key] = value if before is None else f"{before}, {value}"
        self.headers.append(f"{name}: {value}")

    def _path_of(self, target: str) -> str:
        if target.startswith("/") or target == "*":
            return target
        try:
            url = urlsplit(target)
        except ValueError:
            raise BadHead("the target is malformed") from None
        if url.scheme not in ("http", "https") or not url.netloc:
            raise BadHead("the target is neither a path nor a URL of HTTP")
        self.headers = [line for line in self.headers if not line.lower().startswith("host:")]
        self._values["host"] = url.netloc
        self.headers.append(f"Host: {url.netloc}")
        return (url.path or "/") + (f"?{url.query}" if url.query else "")

    def _check_host(self) -> None:
        host = self.getheader("host")
        if host is None and self.version == "HTTP/1.1":
            raise BadHead("there is no Host")
        if _HOST.fullmatch(host or "") is None:
            raise BadHead("the Host is malformed")

    def _content_length(self) -> int | None:
        length = self.getheader("content-length")
        if length is None:
            return None
        if _LENGTH.fullmatch(length) is None or "transfer-encoding" in self._values:
            raise BadHead("the length of the body is not clear")
        return int(length)

    def _is_chunked(self) -> bool:
        coding = self.getheader("transfer-encoding")
        if coding is None:
            return False
        if coding.lower() != "chunked" or self.version == "HTTP/1.0":
            raise BadHead("the transfer coding is not chunked")
        return True


def read_fields(stream: BinaryIO) -> list[tuple[str, str]]:
    """Header or trailer lines, up to the blank line after them."""
    fields: list[tuple[str, str]] = []
    while (line := stream.readline(MAX_LINE_BYTES)) != b"\r\n":
        found = _LINE.fullmatch(line)
        if found is None or len(fields) >= MAX_LINES:
            raise BadHead("a header line is malformed, or missing, or there are too many")
        fields.append((found[1].decode("latin-1"), found[2].decode("latin-1")))
    return fields


def tokens(value: str) -> list[str]:
    """The values of a comma-separated header, in lower case."""
    return [token.strip().lower() for token in value.split(",")]
