"""Uploads files by tus 1.0, which goes on where a lost connection has left it.

    POST  …/tus            Upload-Length, name          →  where the upload is
    PATCH …/tus/ID         bytes from Upload-Offset     →  the next offset
    HEAD  …/tus/ID         after an error               →  the offset that the server has

https://tus.io/protocols/resumable-upload
"""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from chatapp.client.errors import NotUnderstood
from chatapp.client.files.http import ChatHttp, HttpSession
from chatapp.client.files.persistence import Persistence
from chatapp.client.files.sources import OpenFile
from chatapp.domain.errors import BadPayload, NotFound, RateLimited, Unavailable, WrongOffset
from chatapp.domain.model import FileInfo
from chatapp.domain.structs import prepare

FILES = "/api/v1/files"
TUS = f"{FILES}/tus"
PART_BYTES = 8 << 20
"""Of one PATCH. Some proxies hand a request on only when they have all of it."""
MAX_BEGINNINGS = 3
"""How often a file is sent from its beginning, because the server has lost what it had."""
AGAIN = (RateLimited, Unavailable, WrongOffset)

OnProgress = Callable[[str, int, int], None]
"""`progress(name, done, size)`: so many of the file's bytes are done. After a lost connection they
may be fewer than before."""


def no_progress(_name: str, _done: int, _size: int) -> None:
    """For those who do not want to know."""


class Uploader:
    def __init__(
        self, http: ChatHttp, closing: threading.Event, delays: Callable[[], Iterator[float]]
    ) -> None:
        """See `Persistence`."""
        self._http = http
        self._closing = closing
        self._delays = delays

    def upload(self, file: OpenFile, timeout: float, progress: OnProgress) -> FileInfo:
        """The file as the server has it. Raises the `ChatError` of a refusal, or the last error
        when nothing has moved on for `timeout` seconds."""
        patience = Persistence(timeout, self._closing, self._delays)
        with self._http.session() as http:
            return _Upload(http, file, patience, progress).run()


class _Upload:
    def __init__(
        self, http: HttpSession, file: OpenFile, patience: Persistence, progress: OnProgress
    ) -> None:
        self._http = http
        self._file = file
        self._patience = patience
        self._progress = progress
        self._place: str | None = None
        self._offset: int | None = None
        """None if only the server knows."""
        self._confirmed = 0
        self._beginnings = 0

    def run(self) -> FileInfo:
        while True:
            try:
                place = self._send_all()
                return self._info(place)
            except NotFound as error:
                if self._place is None or self._beginnings == MAX_BEGINNINGS:
                    raise
                self._place = None
                self._patience.pause(error)
            except AGAIN as error:
                self._offset = None
                self._patience.pause(error)

    def _send_all(self) -> str:
        if self._place is None:
            self._place, self._offset = self._create(), 0
        if self._offset is None:
            self._offset = self._has(self._ask_offset(self._place))
        while self._offset < self._file.size:
            self._offset = self._has(self._send_part(self._place, self._offset))
        return self._place

    def _has(self, offset: int) -> int:
        """The server has so many bytes."""
        if offset > self._confirmed:
            self._confirmed = offset
            self._patience.progressed()
        self._progress(self._file.name, offset, self._file.size)
        return offset

    def _create(self) -> str:
        self._beginnings += 1
        name = b64encode(self._file.name.encode(errors="replace")).decode()
        answer = self._ask(
            "POST",
            TUS,
            {"Upload-Length": str(self._file.size), "Upload-Metadata": f"filename {name}"},
        )
        place = urlsplit(answer.headers.get("Location", "")).path
        if TUS not in place:
            raise NotUnderstood("The server does not say where the upload goes.")
        return place[place.index(TUS) :]

    def _ask_offset(self, place: str) -> int:
        return _offset_in(self._ask("HEAD", place))

    def _send_part(self, place: str, offset: int) -> int:
        size = min(PART_BYTES, self._file.size - offset)
        self._file.content.seek(self._file.start + offset)
        part = _Part(self._file, offset, size, self._patience, self._progress)
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(size),
        }
        return _offset_in(self._ask("PATCH", place, headers, part))

    def _info(self, place: str) -> FileInfo:
        id = place.rsplit("/", 1)[-1]
        return file_in(self._http.ask("GET", f"{FILES}/{id}").content)

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> requests.Response:
        self._patience.check()
        return self._http.ask(method, path, {"Tus-Resumable": "1.0.0", **(headers or {})}, body)


class _Part:
    """A part of a file as the body of a request; requests reads it a little at a time."""

    def __init__(
        self,
        file: OpenFile,
        offset: int,
        size: int,
        patience: Persistence,
        progress: OnProgress,
    ) -> None:
        self._file = file
        self._done = offset
        self._left = size
        self._patience = patience
        self._progress = progress

    def __len__(self) -> int:
        return self._left

    def read(self, size: int = -1) -> bytes:
        self._patience.check()
        data = self._file.content.read(self._left if size < 0 else min(size, self._left))
        if self._left and not data:
            raise BadPayload(f"{self._file.name} became shorter while it was sent.")
        self._left -= len(data)
        self._progress(self._file.name, self._done, self._file.size)
        self._done += len(data)
        return data


def file_in(answer: bytes) -> FileInfo:
    """The file in an answer to `GET /api/v1/files/ID`."""
    try:
        return msgspec.json.decode(answer, type=_FileAnswer).file
    except msgspec.DecodeError as error:
        raise NotUnderstood(f"The server's answer is invalid: {error}.") from None


class _FileAnswer(msgspec.Struct, frozen=True):
    file: FileInfo


prepare([_FileAnswer])


def _offset_in(answer: requests.Response) -> int:
    offset = answer.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit()):
        raise NotUnderstood("The server does not say how many bytes it has.")
    return int(offset)
