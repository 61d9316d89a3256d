"""The files that a program hands to `ChatClient.send`, opened and measured.

Bytes are read when they are sent, a little at a time. What cannot be read twice, such as a pipe,
is first copied to a temporary file.
"""

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

FileSource = str | os.PathLike[str] | tuple[str, bytes | BinaryIO] | BinaryIO
"""A path; a name and its content; or an open binary file, from where it stands."""

NAMELESS = "file"


class OpenFile(NamedTuple):
    """A file to send: `size` bytes of `content`, from `start`."""

    name: str
    content: BinaryIO
    start: int
    size: int


@contextmanager
def opened(file: FileSource) -> Iterator[OpenFile]:
    """Raises the `OSError` of a path that cannot be read."""
    if isinstance(file, str | os.PathLike):
        with Path(file).open("rb") as bytes_of_path, _seekable(bytes_of_path) as found:
            yield _measured(Path(file).name, found)
        return
    name, content = file if isinstance(file, tuple) else (_name_of(file), file)
    if isinstance(content, io.TextIOBase):
        raise ValueError("Open files in binary mode: open(path, 'rb').")
    with _seekable(io.BytesIO(content) if isinstance(content, bytes) else content) as found:
        yield _measured(name, found)


@contextmanager
def _seekable(content: BinaryIO) -> Iterator[BinaryIO]:
    if content.seekable():
        yield content
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(content, copy)
        copy.seek(0)
        yield copy


def _measured(name: str, content: BinaryIO) -> OpenFile:
    start = content.tell()
    end = content.seek(0, os.SEEK_END)
    return OpenFile(name or NAMELESS, content, start, max(0, end - start))


def _name_of(file: BinaryIO) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) and not name.startswith("<") else NAMELESS
