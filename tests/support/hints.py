"""Hints that get lost: a tenth of what a server tells by itself is dropped, doubled or reordered.

PostgreSQL's notifications and Redis's published messages, as bytes on their way to a client. What
is asked for is answered untouched.
"""

import random
from collections.abc import Callable, Iterator
from functools import partial

SHARE = 0.1
"""Of each of the three kinds."""

End = Callable[[bytes, int], int]
"""Where the frame ends that begins there; 0 if it is not complete."""


class Hints:
    """They get lost from `begin()` to `end()`. Each connection gets a filter of its own, which
    takes the bytes as they come: `of_postgres()`, `of_redis()`."""

    def __init__(self, seed: int) -> None:
        self._get_lost = False
        self._chance = random.Random(seed)

    def begin(self) -> None:
        self._get_lost = True

    def end(self) -> None:
        self._get_lost = False

    def of_postgres(self) -> Callable[[bytes], bytes]:
        """For connections without TLS."""
        return partial(self._passed, Frames(_postgres_end), (b"A",), [])

    def of_redis(self) -> Callable[[bytes], bytes]:
        published = (b"*3\r\n$7\r\nmessage\r\n", b">3\r\n$7\r\nmessage\r\n")
        return partial(self._passed, Frames(_redis_end), published, [])

    def _passed(
        self, frames: "Frames", beginnings: tuple[bytes, ...], late: list[bytes], data: bytes
    ) -> bytes:
        passed = b""
        for frame in frames.of(data):
            if frame.startswith(beginnings) and self._get_lost:
                passed += self._mistreated(frame, late)
            else:
                passed += frame
        return passed

    def _mistreated(self, frame: bytes, late: list[bytes]) -> bytes:
        lot = self._chance.random()
        if lot < SHARE:
            return b""
        if lot < 2 * SHARE:
            return frame + frame
        if lot < 3 * SHARE:
            late.append(frame)
            return b""
        overtaken = b"".join(late)
        late.clear()
        return frame + overtaken


class Frames:
    """What comes in any parts, as whole frames."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._rest = b""

    def of(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        begin = 0
        while end := self._end(self._rest, begin):
            yield self._rest[begin:end]
            begin = end
        self._rest = self._rest[begin:]


def _postgres_end(data: bytes, begin: int) -> int:
    """A type, and a length that counts itself.

    https://www.postgresql.org/docs/current/protocol-overview.html
    """
    end = begin + 1 + int.from_bytes(data[begin + 1 : begin + 5], "big")
    return end if begin + 5 <= len(data) >= end else 0


def _redis_end(data: bytes, begin: int) -> int:
    """https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    end = data.find(b"\r\n", begin) + 2
    if end < 2:
        return 0
    kind = data[begin : begin + 1]
    if kind in b"$=!":
        size = int(data[begin + 1 : end - 2])
        end += size + 2 if size >= 0 else 0
        return end if end <= len(data) else 0
    if kind in b"*>~%":
        for _ in range(int(data[begin + 1 : end - 2]) * (2 if kind == b"%" else 1)):
            end = _redis_end(data, end)
            if not end:
                return 0
    return end
