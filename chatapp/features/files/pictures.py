"""Looks at pictures in a separate process: what decodes them reads what strangers have made.

The process (picture_process.py) has little memory and time, and does one picture after another. If
it crashes or hangs, that picture counts as one that does not decode, and the next one gets a new
process.
"""

import logging
import subprocess
import sys
from pathlib import Path
from threading import Lock, Timer
from typing import IO, Literal, cast

import msgspec

from chatapp.domain.structs import prepare
from chatapp.features.files.types import PDF, PICTURES

PICTURE_SECONDS = 60.0
"""Time limit for one picture, for a process that hangs. What works too hard is ended earlier, by
its limit of processor time."""
IDLE_SECONDS = 60.0
"""The process ends when it has had nothing to do for so long: it takes some tens of megabytes."""

SmallUse = Literal["emoji", "photo"]

logger = logging.getLogger(__name__)


class AskedPicture(msgspec.Struct, frozen=True):
    """`smaller` is where the process writes the preview, and `fitting` a picture for a screen. Of
    one that becomes an emoji or a photo, `smaller` is that, and `fitting` the first frame of an
    emoji."""

    path: str
    type: str
    smaller: str
    fitting: str
    use: SmallUse | None = None


class SeenPicture(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a picture as it is seen, after turning it upright. None: it could not be decoded, or it
    has no size. What was made is said by `has_…`. `reason` is an error in words, if there are any
    for people; `is_animated`: an emoji has several frames."""

    width: int | None = None
    height: int | None = None
    has_smaller: bool = False
    has_fitting: bool = False
    error: str = ""
    reason: str = ""
    is_animated: bool = False


prepare([AskedPicture, SeenPicture])


class Pictures:
    """Called from real threads; one picture at a time."""

    def __init__(self, seconds: float = PICTURE_SECONDS) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._idle: Timer | None = None

    @staticmethod
    def are(type: str) -> bool:
        """Whether there is something to look at."""
        return type in PICTURES or type == PDF

    def look(
        self, path: Path, type: str, use: SmallUse | None = None
    ) -> tuple[SeenPicture, Path, Path]:
        """What is seen, and the paths of what was made."""
        smaller, fitting = (path.with_name(path.name + end) for end in (".smaller", ".fitting"))
        asked = AskedPicture(str(path), type, str(smaller), str(fitting), use)
        with self._lock:
            seen = self._ask(asked)
        if seen.error:
            logger.info("A file of type %s was not decoded: %s", type, seen.error)
        return seen, smaller, fitting

    def close(self) -> None:
        with self._lock:
            self._end()

    def _ask(self, asked: AskedPicture) -> SeenPicture:
        if self._idle:
            self._idle.cancel()
        process = self._running()
        limit = Timer(self._seconds, process.kill)
        limit.start()
        try:
            asking, telling = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            asking.write(msgspec.json.encode(asked) + b"\n")
            asking.flush()
            answer = telling.readline()
        except OSError as error:
            answer = b""
            logger.info("The process that looks at pictures is gone: %s", error)
        finally:
            limit.cancel()
        if not answer.endswith(b"\n"):
            self._end()
            return SeenPicture(error="the process that decodes it ended")
        self._idle = Timer(IDLE_SECONDS, self._end_if_idle, [process])
        self._idle.daemon = True
        self._idle.start()
        return msgspec.json.decode(answer, type=SeenPicture)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chatapp.features.files.picture_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _end_if_idle(self, process: "subprocess.Popen[bytes]") -> None:
        if self._lock.acquire(blocking=False):
            try:
                if self._process is process:
                    self._end()
            finally:
                self._lock.release()

    def _end(self) -> None:
        if self._idle:
            self._idle.cancel()
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    _close(pipe)
            self._process = None


def _close(pipe: "IO[bytes]") -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # of what the process no longer reads
