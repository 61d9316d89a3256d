"""Downloads a file, goes on after lost connections, and proves its bytes by their SHA-256.

.cat.png.3f2a91c04e7b.part     what has come; also where the next download of it goes on
cat.png                        the whole file, whose digest is right
"""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import requests
import urllib3

from chatapp.client.errors import ConnectionFailed, NotUnderstood, WrongContent
from chatapp.client.files.http import ChatHttp, HttpSession
from chatapp.client.files.names import safe_name
from chatapp.client.files.persistence import Persistence
from chatapp.client.files.uploads import OnProgress
from chatapp.domain.errors import RateLimited, Unavailable
from chatapp.domain.model import FileInfo

PIECE_BYTES = 64 << 10
DIGITS_OF_PART = 12
PREVIEW = "preview"
AGAIN = (RateLimited, Unavailable)


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Downloader:
    def __init__(
        self, http: ChatHttp, closing: threading.Event, delays: Callable[[], Iterator[float]]
    ) -> None:
        """See `Persistence`."""
        self._http = http
        self._closing = closing
        self._delays = delays

    def to_path(
        self, file: FileInfo, to: Path, *, overwrite: bool, timeout: float, progress: OnProgress
    ) -> Path:
        """Download into a folder, under the file's name, or to a path; returns the path.

        Raises `FileExistsError` if there is something already, unless it may be overwritten.
        """
        place = to / safe_name(file.name) if to.is_dir() else to
        if not overwrite and os.path.lexists(place):
            raise FileExistsError(f"{place} exists already.")
        part = place.with_name(f".{place.name}.{file.sha256[:DIGITS_OF_PART]}.part")
        tries = 2 if part.exists() else 1  # what an earlier download left may be wrong
        while tries:
            tries -= 1
            try:
                self._to_part(file, part, timeout, progress)
                break
            except WrongContent:
                part.unlink(missing_ok=True)
                if not tries:
                    raise
        _put_in_place(part, place, overwrite=overwrite)
        return place

    def to_sink(self, file: FileInfo, sink: Sink, timeout: float, progress: OnProgress) -> None:
        """Write the bytes to a pipe or the like, which keeps them even if they turn out wrong."""
        self._fetch(file, _Received(sink, hashlib.sha256(), 0), timeout, progress)

    def _to_part(self, file: FileInfo, part: Path, timeout: float, progress: OnProgress) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(part, flags, 0o666), "r+b") as content:
            digest = hashlib.file_digest(content, "sha256")
            received = _Received(content, digest, content.tell())
            try:
                self._fetch(file, received, timeout, progress)
            except BaseException:
                if not received.done:
                    part.unlink()
                raise
            content.flush()
            os.fsync(content.fileno())

    def _fetch(
        self, file: FileInfo, received: "_Received", timeout: float, progress: OnProgress
    ) -> None:
        patience = Persistence(timeout, self._closing, self._delays)
        with self._http.session() as http:
            while received.done < file.bytes:
                try:
                    self._go_on(http, file, received, patience, progress)
                except AGAIN as error:
                    patience.pause(error)
        progress(file.name, received.done, file.bytes)
        if received.digest.hexdigest() != file.sha256:
            raise WrongContent(f"What came is not {file.name}: its SHA-256 is another.")

    def _go_on(
        self,
        http: HttpSession,
        file: FileInfo,
        received: "_Received",
        patience: Persistence,
        progress: OnProgress,
    ) -> None:
        before = received.done
        wanted = {"Range": f"bytes={before}-"} if before else {}
        with http.ask("GET", path_of(file), wanted, stream=True) as answer:
            skipped = before - _start_of(answer)
            for data in _pieces(answer):
                patience.check()
                new = data[skipped:]
                skipped = max(0, skipped - len(data))
                if received.done + len(new) > file.bytes:
                    raise WrongContent(f"What comes is longer than {file.name}.")
                received.write(new)
                if new:
                    patience.progressed()
                progress(file.name, received.done, file.bytes)
        if received.done == before:
            raise ConnectionFailed("The server sends nothing of the file.")


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Received:
    """What has come: `done` bytes, written to a sink."""

    def __init__(self, sink: Sink, digest: _Digest, done: int) -> None:
        self._sink = sink
        self.digest = digest
        self.done = done

    def write(self, data: bytes) -> None:
        self._sink.write(data)
        self.digest.update(data)
        self.done += len(data)


def path_of(file: FileInfo) -> str:
    """The path of its bytes, below the chat's address. The server finds them by the id; a file that
    is called `preview` needs another name there."""
    name = safe_name(file.name)
    return f"/files/{file.id}/{quote('file' if name == PREVIEW else name, safe='')}"


def _start_of(answer: requests.Response) -> int:
    """The place of the first byte that comes."""
    if answer.status_code != requests.codes.partial_content:
        return 0
    found = re.match(r"bytes (\d{1,18})-", answer.headers.get("Content-Range", ""))
    if found is None:
        raise NotUnderstood("The server does not say which part of the file it sends.")
    return int(found[1])


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    try:
        while data := answer.raw.read(PIECE_BYTES, decode_content=False):
            yield data
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise ConnectionFailed(f"The connection was lost: {error}") from None


def _put_in_place(part: Path, place: Path, *, overwrite: bool) -> None:
    if not overwrite:
        place.touch(exist_ok=False)  # something may have come there meanwhile
    part.replace(place)
