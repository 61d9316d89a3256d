"""Uploads and downloads of one client, which end when it is closed."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from chatapp.client.files.downloads import Downloader, Sink, path_of
from chatapp.client.files.http import ChatHttp
from chatapp.client.files.sources import FileSource, opened
from chatapp.client.files.uploads import FILES, OnProgress, Uploader, file_in
from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import MAX_ALT_CHARACTERS, MAX_FILES
from chatapp.domain.model import FileInfo
from chatapp.protocol.requests import AttachedFile


class Transfers:
    """`auth` is that of the handshake; `delays()` gives the pauses between attempts."""

    def __init__(
        self, url: str, auth: Mapping[str, str], delays: Callable[[], Iterator[float]]
    ) -> None:
        self._url = url
        self._closing = threading.Event()
        self._http = ChatHttp(url, auth)
        self._uploader = Uploader(self._http, self._closing, delays)
        self._downloader = Downloader(self._http, self._closing, delays)

    def close(self) -> None:
        """Let what is under way end with `ClientClosed`."""
        self._closing.set()

    def upload(
        self, files: Iterable[FileSource | FileInfo], timeout: float, progress: OnProgress
    ) -> list[FileInfo]:
        """The files as the server has them. All are opened before the first is sent."""
        with ExitStack() as stack:
            sources = [
                file if isinstance(file, FileInfo) else stack.enter_context(opened(file))
                for file in files
            ]
            if len(sources) > MAX_FILES:
                raise BadPayload(f"A message has at most {MAX_FILES} files.")
            return [
                source
                if isinstance(source, FileInfo)
                else self._uploader.upload(source, timeout, progress)
                for source in sources
            ]

    def info(self, id: str) -> FileInfo:
        with self._http.session() as http:
            return file_in(http.ask("GET", f"{FILES}/{id}").content)

    def download(
        self,
        file: FileInfo,
        to: str | os.PathLike[str] | Sink,
        *,
        overwrite: bool,
        timeout: float,
        progress: OnProgress,
    ) -> Path | None:
        if isinstance(to, str | os.PathLike):
            place = Path(to)
            return self._downloader.to_path(
                file, place, overwrite=overwrite, timeout=timeout, progress=progress
            )
        self._downloader.to_sink(file, to, timeout, progress)
        return None

    def address_of(self, file: FileInfo) -> str:
        return self._url + path_of(file)


def attached(files: Sequence[FileInfo], alts: Sequence[str]) -> list[str | AttachedFile]:
    """What a message says of its files; without a description of its own, a file keeps the one that
    it has."""
    if len(alts) > len(files):
        raise ValueError("There are more descriptions than files.")
    if any(len(alt) > MAX_ALT_CHARACTERS for alt in alts):
        raise BadPayload(f"A description has at most {MAX_ALT_CHARACTERS:,} characters.")
    described = [*alts, *[""] * (len(files) - len(alts))]
    return [
        AttachedFile(id=file.id, alt=alt or file.alt or "") if alt or file.alt else file.id
        for file, alt in zip(files, described, strict=True)
    ]
