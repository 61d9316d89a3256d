"""The header lines of an HTTP request, read strictly and without detours.

pywsgi has them parsed by the standard library's e-mail parser, which takes longer than all
else that a WebSocket handshake needs, and understands more than HTTP allows: folded lines,
blanks before the colon. Where two programs understand a request differently, one can be
smuggled past the other; so what RFC 9112 does not allow is refused here.
"""

import re
from typing import BinaryIO

MAX_LINE_BYTES = 16 * 1024
MAX_LINES = 100

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*\r?\n")
_ONCE_ONLY = frozenset(["content-length", "transfer-encoding", "host"])


class BadHead(ValueError):
    """What is wrong with it, for the log."""


class RequestHead:
    """What pywsgi wants of its `MessageClass`."""

    status = ""

    def __init__(self, stream: BinaryIO, _seekable: int = 0) -> None:
        self.headers: list[str] = []
        self._values: dict[str, str] = {}
        while (line := stream.readline(MAX_LINE_BYTES)) not in (b"\r\n", b"\n", b""):
            self._add(line)
        if line == b"":
            raise BadHead("the request ends within its head")
        if "content-length" in self._values:
            self._check_length()

    def _add(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None or len(self.headers) >= MAX_LINES:
            raise BadHead("a header line is malformed, or there are too many")
        name, value = found[1].decode("latin-1"), found[2].decode("latin-1")
        key = name.lower()
        if key in self._values and key in _ONCE_ONLY:
            raise BadHead(f"{key} is there twice")
        self._values[key] = value
        self.headers.append(f"{name}: {value}")

    def _check_length(self) -> None:
        length = self._values["content-length"]
        if not (length.isascii() and length.isdigit()) or "transfer-encoding" in self._values:
            raise BadHead("the length of the body is not clear")

    def get(self, name: str, default: str | None = None) -> str | None:
        return self._values.get(name.lower(), default)

    getheader = get

    @property
    def typeheader(self) -> str | None:
        return self._values.get("content-type")
