"""Reads the bodies of uploads: raw, or `multipart/form-data`. Neither is ever in memory."""

import socket
from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Field, File, MultipartDecoder, NeedData, State

from chatapp.domain.errors import BadPayload, Unavailable, Unsupported
from chatapp.domain.limits import MAX_FILES
from chatapp.features.files.receiving import ReceivedFile
from chatapp.transport.http.http_server import HANDLER
from chatapp.transport.wire.request_body import BadBody

READ_BYTES = 64 * 1024
CUT_BOUNDARIES = {b"", b"-", b"--", b"--\r", b"\r"}
"""What can follow a boundary, and does not end it yet."""
MAX_HEAD_BYTES = 64 * 1024
"""Most that may stand before, between and after the parts of a body, and in its fields."""
MAX_BOUNDARY_CHARACTERS = 70
"""RFC 2046, 5.1.1."""
MAX_PARTS = 2 * MAX_FILES

Run = Callable[..., Any]
Sink = Callable[[bytes | memoryview], None]


def pour(sink: Sink, run: Run) -> None:
    """Give the request's body to `sink`, which `run` calls on a real thread."""
    body = request.environ["wsgi.input"]
    try:
        if hasattr(body, "pour"):
            body.pour(sink, run)
            return
        while data := body.read(READ_BYTES):  # a server of tests
            run(sink, data)
    except BadBody as error:
        raise Unavailable("The upload was cut off, or too slow. Try again.") from error


def stop_reading() -> Callable[[], None]:
    """What makes the body of the current request end where it is."""
    handler = request.environ.get(HANDLER)

    def stop() -> None:
        if handler is not None and handler.socket is not None:
            handler.socket.shutdown(socket.SHUT_RD)

    return stop


class MultipartBody:
    """The files of a body, each written to what `new()` makes, in order. Called on one thread at a
    time."""

    def __init__(self, boundary: str, new: Callable[[], ReceivedFile]) -> None:
        self.files: list[tuple[str, ReceivedFile]] = []
        self._new = new
        self._decoder = MultipartDecoder(boundary.encode(), max_parts=MAX_PARTS)
        self._current: ReceivedFile | None = None
        self._is_over = False
        self._field_bytes = 0
        self._line = b"--" + boundary.encode()

    def write(self, data: bytes | memoryview) -> None:
        if self._is_over:
            return  # what follows the last boundary means nothing
        self._decoder.receive_data(data)  # type: ignore[arg-type]  # it takes any buffer
        if not self._is_cut_in_a_boundary():
            self._work()
        if self._current is None and len(self._decoder.buffer) > MAX_HEAD_BYTES:
            raise BadPayload("The body of the request is not what its Content-Type says.")

    def finish(self) -> None:
        """Raises BadPayload if the body has no end, or no file."""
        if not self._is_over:
            self._decoder.receive_data(None)
            self._work()
        if not self._is_over:
            raise BadPayload("The body of the request ends in the middle of a part.")
        if not self.files:
            raise BadPayload("There is no file in the request: curl -F file=@name.")

    def _is_cut_in_a_boundary(self) -> bool:
        """Werkzeug (3.1.9) takes the carriage return before a boundary for a byte of the file, if
        what came ends soon after that boundary. So then more is waited for."""
        tail = bytes(self._decoder.buffer[-len(self._line) - 8 :])
        _, line, rest = tail.rpartition(self._line)
        return bool(line) and rest.strip(b" \t") in CUT_BOUNDARIES

    def _work(self) -> None:
        try:
            while not self._is_over:
                event = self._decoder.next_event()
                if isinstance(event, NeedData):
                    return
                self._take(event)
                self._is_over = self._decoder.state in (State.EPILOGUE, State.COMPLETE)
        except (ValueError, AttributeError, RequestEntityTooLarge) as error:
            raise BadPayload("The body of the request is malformed.") from error

    def _take(self, event: object) -> None:
        if isinstance(event, File):
            if len(self.files) >= MAX_FILES:
                raise BadPayload(f"A request has at most {MAX_FILES} files.")
            self._current = self._new()
            self.files.append((event.filename, self._current))
        elif isinstance(event, Field):
            self._current = None
        elif isinstance(event, Data) and self._current:
            self._current.write(event.data)
            if not event.more_data:
                self._current = None
        elif isinstance(event, Data):
            self._field_bytes += len(event.data)
            if self._field_bytes > MAX_HEAD_BYTES:
                raise BadPayload("A field of the request is too long.")


def boundary_of_body() -> str | None:
    """The boundary of a multipart body; None if the body is a file itself."""
    if request.mimetype != "multipart/form-data":
        return None
    boundary = request.mimetype_params.get("boundary", "")
    if not 0 < len(boundary) <= MAX_BOUNDARY_CHARACTERS or not boundary.isascii():
        raise Unsupported("A multipart body needs a boundary.")
    return boundary
