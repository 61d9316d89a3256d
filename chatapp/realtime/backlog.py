"""What a client has not taken yet: whole frames, as many as are good for everybody.

A burst is no crime: who reads on has caught up a moment later. But who does not keep up must
cost neither memory nor anybody's time. So a client is let go when more than `MAX_BYTES` wait
for it beside the largest frame, at once: a page of long texts that it asked for may well be
larger. And when it has been behind for `PATIENCE_SECONDS` and either took nothing
since the last look, or is more than `MAX_PACKETS` behind. It comes back, and catches up.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice

MAX_BYTES = 1_000_000
MAX_PACKETS = 256
PATIENCE_SECONDS = 2.0


class Backlog:
    __slots__ = ("_begun", "_frames", "_moved", "_since", "bytes")

    def __init__(self, now: float) -> None:
        self._frames: deque[bytes | memoryview] = deque()
        self._since = now
        self._moved = True  # since the last look
        self._begun = False  # whether a part of the first frame has been sent
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frames: Iterable[bytes], sent: int = 0) -> None:
        """Keep what of `frames` follows their first `sent` bytes."""
        for frame in frames:
            if sent >= len(frame):
                sent -= len(frame)
                continue
            self._begun = self._begun or sent > 0
            rest = memoryview(frame)[sent:] if sent else frame
            self._frames.append(rest)
            self.bytes += len(rest)
            sent = 0

    def first(self, count: int) -> list[bytes | memoryview]:
        return list(islice(self._frames, count))

    def taken(self, size: int) -> None:
        """The client took so many bytes."""
        self._moved = self._moved or size > 0
        self.bytes -= size
        while size:
            first = self._frames.popleft()
            self._begun = size < len(first)
            if self._begun:
                self._frames.appendleft(memoryview(first)[size:])
                return
            size -= len(first)

    def drop(self) -> None:
        """Forget it, but for the rest of a frame that was begun: without it, all is garbage."""
        kept = self._frames.popleft() if self._begun else b""
        self._frames = deque([kept] if kept else [])
        self.bytes = len(kept)

    @property
    def is_too_large(self) -> bool:
        return self.bytes > MAX_BYTES and self.bytes - max(map(len, self._frames)) > MAX_BYTES

    def is_hopeless(self, now: float) -> bool:
        """Asked once a second or so."""
        moved, self._moved = self._moved, False
        if now - self._since < PATIENCE_SECONDS:
            return False
        return not moved or len(self._frames) > MAX_PACKETS
