"""Sorts the messages of a source by room and time, for formats that have them in any order.

Encoded messages are gathered up to a number of bytes, sorted, and written to a temporary file as
one run; then the runs are merged. The memory is bounded, however large the source is.

    run   (length: 4 bytes, MessagePack of a SourceMessage) …
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import IO

import msgspec

from chatapp.domain.structs import prepare
from chatapp.transfer.sources.records import Record, SourceMessage

RUN_BYTES = 8 << 20
"""Of the encoded messages of a run; with their keys they take some three times as much."""
LENGTH_BYTES = 4
BUFFER_BYTES = 16 * 1024

_Gathered = tuple[str, str, bytes]
"""Room, time, and the encoded message."""

_order = attrgetter("room", "at")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SourceMessage).decode
prepare([SourceMessage])


def by_room_and_time(records: Iterable[Record], scratch: Path) -> Iterator[Record]:
    """All other records as they come, then the messages in order. Those of the same room and time
    stay in the order of the source."""
    with ExitStack() as files:
        runs: list[IO[bytes]] = []
        gathered: list[_Gathered] = []
        rooms: dict[str, str] = {}
        size = 0
        for record in records:
            if not isinstance(record, SourceMessage):
                yield record
                continue
            encoded = _encode(record)
            room = rooms.setdefault(record.room, record.room)
            gathered.append((room, record.at, encoded))
            size += len(encoded)
            if size >= RUN_BYTES:
                runs.append(_run(files, gathered, scratch))
                gathered, size = [], 0
        runs.append(_run(files, gathered, scratch))
        gathered = []
        yield from merge(*map(_read, runs), key=_order)


def _run(files: ExitStack, gathered: list[_Gathered], scratch: Path) -> IO[bytes]:
    """A file with these messages in order, which goes when it is closed."""
    gathered.sort(key=itemgetter(0, 1))
    temporary = tempfile.TemporaryFile(dir=scratch, buffering=BUFFER_BYTES)  # noqa: SIM115
    file = files.enter_context(temporary)
    for _, _, encoded in gathered:
        file.write(len(encoded).to_bytes(LENGTH_BYTES))
        file.write(encoded)
    file.seek(0)
    return file


def _read(run: IO[bytes]) -> Iterator[SourceMessage]:
    while length := run.read(LENGTH_BYTES):
        yield _decode(run.read(int.from_bytes(length)))
