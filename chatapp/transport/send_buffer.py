"""A client's backlog: whole frames that it has not read yet, up to a limit.

Short bursts are fine: a client that keeps reading catches up a moment later, and other clients may
have caused the burst. But a client that does not keep up must not cost memory or time. So it is
disconnected when it has been behind for `PATIENCE_SECONDS` and either has read nothing since the
last check, or is still more than `MAX_PACKETS` or `MAX_BYTES` behind. The largest frame does not
count: a page of long texts that the client asked for may exceed the limit. Beyond `MEMORY_BYTES`
the client is disconnected immediately. It then reconnects and catches up.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice

MAX_BYTES = 1_000_000
MEMORY_BYTES = 8_000_000
"""Most of it is shared: all clients that have not read a broadcast share its bytes."""
MAX_PACKETS = 256
PATIENCE_SECONDS = 2.0


class SendBuffer:
    __slots__ = ("_frames", "_has_progress", "_is_partly_sent", "_started_at", "bytes")

    def __init__(self, now: float) -> None:
        self._frames: deque[bytes | memoryview] = deque()
        self._started_at = now
        self._has_progress = True  # since the last check
        self._is_partly_sent = False  # whether part of the first frame has been sent
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frames: Iterable[bytes], sent: int = 0) -> None:
        """Keep the part of `frames` after their first `sent` bytes."""
        for frame in frames:
            if sent >= len(frame):
                sent -= len(frame)
                continue
            self._is_partly_sent = self._is_partly_sent or sent > 0
            rest = memoryview(frame)[sent:] if sent else frame
            self._frames.append(rest)
            self.bytes += len(rest)
            sent = 0

    def first(self, count: int) -> list[bytes | memoryview]:
        return list(islice(self._frames, count))

    def taken(self, size: int) -> None:
        """The client has read `size` bytes."""
        self._has_progress = self._has_progress or size > 0
        self.bytes -= size
        while size:
            first = self._frames.popleft()
            self._is_partly_sent = size < len(first)
            if self._is_partly_sent:
                self._frames.appendleft(memoryview(first)[size:])
                return
            size -= len(first)

    def drop(self) -> None:
        """Discard all but the rest of a partly sent frame; without it, the stream would be
        corrupt."""
        kept = self._frames.popleft() if self._is_partly_sent else b""
        self._frames = deque([kept] if kept else [])
        self.bytes = len(kept)

    @property
    def is_too_large(self) -> bool:
        """Whether the backlog exceeds the hard limit."""
        return self._is_beyond(MEMORY_BYTES)

    def is_stalled(self, now: float) -> bool:
        """Whether the client reads too slowly. Called about once a second."""
        has_progress, self._has_progress = self._has_progress, False
        if now - self._started_at < PATIENCE_SECONDS:
            return False
        return not has_progress or len(self._frames) > MAX_PACKETS or self._is_beyond(MAX_BYTES)

    def _is_beyond(self, most: int) -> bool:
        return self.bytes > most and self.bytes - max(map(len, self._frames)) > most
