"""Reads the rows of a file to import, and detects its kind from its beginning.

    JSON Lines       one object for each line, as `chatapp log export` writes
    a JSON array     of objects, on any number of lines
    a JSON object    whose "messages" are such an array; also one for each line

The encoding is UTF-8, or UTF-16 as written by some Windows programs. The file may be a pipe. An
array is read as a whole, so that nothing is imported of one that is damaged; a large one is read
row by row.
Anything else is refused with one line that says what the file is.
"""

import io
import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.transfer.sources.archives import DamagedMember
from chatapp.transfer.sources.json_stream import JsonStream

Row = tuple[str, bytes]
"""A row's label, such as "line 7", and its JSON."""

_LOOK_AHEAD_BYTES = 4_096
"""The kind of a file is detected within these first bytes."""
_SHOWN_BYTES = 20
_PART_BYTES = 1 << 20
WHOLE_BYTES = 32 << 20
"""The largest array that is read as a whole."""
_OTHERS = {
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"PK": "a ZIP archive; unpack it first",
    b"SQLite format 3": "a database of SQLite, no JSON",
    b"<": "HTML or XML, no JSON",
}


class _Wrapped(msgspec.Struct):
    messages: msgspec.Raw


_decode_wrapped = msgspec.json.Decoder(_Wrapped).decode


def rows(path: Path, progress: Progress) -> Iterator[Row]:
    """The rows of the file. Raises StorageError if there are none."""
    is_empty = True
    with path.open("rb") as file:
        for row, size in _json_values(path.name, _lines(path.name, file)):
            if row[1].strip():
                is_empty = False
                yield row
            progress(size)
    if is_empty:
        raise StorageError(f"There are no messages in {path.name}.")


def _lines(name: str, file: io.BufferedReader) -> Iterator[bytes]:
    """The lines as UTF-8, without a byte order mark."""
    start = file.peek(_LOOK_AHEAD_BYTES)
    if encoding := _utf_16(start[:2]):
        return _recoded(name, file, encoding)
    if start.startswith(BOM_UTF8):
        start = start[len(file.read(len(BOM_UTF8))) :]
    if start.lstrip()[:1] not in (b"[", b"{", b""):
        raise StorageError(f"{name} is {_other_kind(start)}.")
    if start.lstrip().startswith(b"["):
        return iter(partial(file.read, _PART_BYTES), b"")  # an array may be one line of any length
    return file


def _utf_16(start: bytes) -> str | None:
    """Detects UTF-16 without a byte order mark: an ASCII character has a NUL beside it."""
    if start in (BOM_UTF16_LE, BOM_UTF16_BE):
        return "utf-16"
    first, second = start[:1], start[1:]
    if b"\0" in (first, second) and first != second:
        return "utf-16-be" if first == b"\0" else "utf-16-le"
    return None


def _recoded(name: str, file: io.BufferedReader, encoding: str) -> Iterator[bytes]:
    text = io.TextIOWrapper(file, encoding, newline="\n")
    try:
        for line in text:
            yield line.encode()
    except UnicodeDecodeError as error:
        raise StorageError(f"{name} is damaged UTF-16 ({error.reason}).") from None
    finally:
        text.detach()  # the caller closes the file


def _other_kind(start: bytes) -> str:
    for beginning, kind in _OTHERS.items():
        if start.startswith(beginning):
            return kind
    return f"no JSON: it begins with {start[:_SHOWN_BYTES]!r}"


def _json_values(name: str, lines: Iterator[bytes]) -> Iterator[tuple[Row, int]]:
    """The rows, each with its size in bytes."""
    start = []
    for line in lines:
        start.append(line)
        if line.strip():
            break
    data = b"".join(start)
    if data.lstrip().startswith(b"["):
        yield from _array(name, data, lines)
    elif _is_json(data):
        yield from _of_lines(chain(start, lines))
    else:
        yield from _object(name, data + b"".join(lines))


def _of_lines(lines: Iterable[bytes]) -> Iterator[tuple[Row, int]]:
    for number, line in enumerate(lines, 1):
        messages = _messages_in(line)
        if messages is None:
            yield (f"line {number}", line), len(line)
        else:
            yield from _with_shares(messages, len(line), f"line {number}, row")


def _array(name: str, start: bytes, parts: Iterator[bytes]) -> Iterator[tuple[Row, int]]:
    data = bytearray()
    for part in chain([start], parts):
        data += part
        if len(data) > WHOLE_BYTES:
            yield from _streamed(name, chain([bytes(data)], parts))
            return
    try:
        found = rows_in(bytes(data))
    except (ValueError, RecursionError) as error:
        raise StorageError(f"{name} is no JSON ({error}).") from None
    yield from _with_shares(found, len(data))


def _streamed(name: str, parts: Iterator[bytes]) -> Iterator[tuple[Row, int]]:
    number = 0
    try:
        for number, (row, size) in enumerate(JsonStream(_Parts(parts)).array(), 1):
            yield (f"row {number}", json.dumps(row).encode()), size
    except DamagedMember as error:
        raise StorageError(
            f"{name} is damaged after row {number:,} ({error}). The rows before it were read."
        ) from None


class _Parts:
    """The parts of a file, one after the other."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def read(self, _size: int, /) -> bytes:
        return next(self._parts, b"")


def rows_in(array: bytes) -> list[bytes]:
    try:
        return [bytes(row) for row in msgspec.json.decode(array, type=list[msgspec.Raw])]
    except msgspec.DecodeError:
        # Half a surrogate pair in one row, which other decoders accept; or the whole file is
        # invalid.
        return [json.dumps(row).encode() for row in json.loads(array)]


def _object(name: str, data: bytes) -> Iterator[tuple[Row, int]]:
    """An object on several lines; or the first line is damaged."""
    messages = _messages_in(data)
    if messages is not None:
        yield from _with_shares(messages, len(data))
    elif _is_json(data):
        raise StorageError(f'{name} is one JSON object, and has no list of "messages".')
    else:
        yield from _of_lines(io.BytesIO(data))


def _messages_in(data: bytes) -> list[bytes] | None:
    if b'"messages"' not in data:
        return None
    try:
        return rows_in(bytes(_decode_wrapped(data).messages))
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError):
        return None


def _with_shares(found: list[bytes], size: int, what: str = "row") -> Iterator[tuple[Row, int]]:
    """Each row, with its share of the file's bytes."""
    for number, row in enumerate(found):
        share = size * (number + 1) // len(found) - size * number // len(found)
        yield (f"{what} {number + 1}", row), share


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
