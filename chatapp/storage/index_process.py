"""A process of its own for the index: it takes records in, and answers what the index is asked.

A search takes milliseconds of processor time, the index some twenty microseconds for each record,
and all of it would be time of the event loop's own interpreter.

    server                                     python -m chatapp.storage.index_service FOLDER INDEX
    what is wanted, and up to which record ──▶ reads the log on from where the index ends,
                                               takes it in, and asks the index
    up to which record it goes now, answer ◀──

A line of JSON each. The process ends when its standard input does: with the server, however the
server ends.
"""

import logging
import sys
import time
from pathlib import Path
from select import PIPE_BUF, POLLIN, POLLOUT, poll
from subprocess import PIPE, Popen
from typing import IO, cast

import msgspec

from chatapp.storage.errors import IndexFailed, StorageError
from chatapp.storage.questions import ANSWERS, READY, Answer, Answered, Asked, Question
from chatapp.storage.recovery import Mark

STARTED_AGAIN_SECONDS = 60.0
"""A process that has ended is done without for so long."""
ANSWER_SECONDS = 2.0
"""A process that does not go on for so long does not get the processor, and is done without."""
PAGE_BYTES = 1 << 16
"""So much of an answer is read at once."""

logger = logging.getLogger(__name__)


class IndexProcess:
    """The server's side. Not for two threads at once, but `resume`."""

    def __init__(self, folder: Path, index: Path) -> None:
        self._arguments = [str(folder), str(index)]
        self._process: Popen[bytes] | None = None
        self._is_ready = False
        self._not_before = 0.0
        self._is_paused = False

    def listens(self) -> bool:
        """Whether it can be asked. Where there is none it is started, and can be a moment later."""
        if self._is_paused:
            return False
        if self._process is None and time.monotonic() >= self._not_before:
            self._start()
        if self._process and not self._is_ready and _is_open_for(self._answers, POLLIN, 0):
            self._is_ready = self._answers.read(len(READY)) == READY
            if not self._is_ready:
                self._do_without("does not start")
        return self._is_ready

    def ask(self, question: Question | None, until: Mark | None) -> tuple[int, Answer] | None:
        """Up to which number the index goes then, at least to `until`, and the answer; None where
        there is none, and the process is ended.

        Raises StorageError where the log is damaged, IndexFailed where the index cannot be used.
        """
        try:
            self._send(msgspec.json.encode(Asked(until, question)) + b"\n")
            answered = msgspec.json.decode(self._receive(), type=Answered)
        except _NoAnswer as why:
            self._do_without(str(why))
            return None
        if answered.damage is not None:
            raise StorageError(answered.damage)
        if answered.failure is not None:
            raise IndexFailed(answered.failure)
        if question is None:
            return answered.n, None
        return answered.n, msgspec.json.decode(answered.answer, type=ANSWERS[type(question)])

    def pause(self) -> None:
        """No process, until `resume`."""
        self._is_paused = True
        self.stop()

    def resume(self) -> None:
        self._is_paused = False

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None
            self._is_ready = False

    def _send(self, line: bytes) -> None:
        """In pieces that a pipe takes at once where it takes anything: writing never blocks."""
        rest = memoryview(line)
        while rest:
            _wait_for(self._questions, POLLOUT)
            try:
                rest = rest[self._questions.write(rest[:PIPE_BUF]) :]
            except BrokenPipeError:
                raise _NoAnswer("has ended") from None

    def _receive(self) -> bytearray:
        """A line, which is more than a pipe holds where it answers much."""
        line = bytearray()
        while not line.endswith(b"\n"):
            _wait_for(self._answers, POLLIN)
            page = self._answers.read(PAGE_BYTES)
            if not page:
                raise _NoAnswer("has ended")
            line += page
        return line

    @property
    def _questions(self) -> IO[bytes]:
        return cast("IO[bytes]", cast("Popen[bytes]", self._process).stdin)

    @property
    def _answers(self) -> IO[bytes]:
        return cast("IO[bytes]", cast("Popen[bytes]", self._process).stdout)

    def _start(self) -> None:
        try:
            self._process = Popen(  # noqa: S603 - nothing here is typed by anyone
                [sys.executable, "-m", "chatapp.storage.index_service", *self._arguments],
                stdin=PIPE,
                stdout=PIPE,
                bufsize=0,
                process_group=0,  # Ctrl-C is for the server, which ends it
            )
        except OSError as error:
            logger.warning("The index has no process of its own (%s); it works without", error)
            self._not_before = time.monotonic() + STARTED_AGAIN_SECONDS

    def _do_without(self, why: str) -> None:
        logger.warning("The process of the index %s; the server does without for a minute", why)
        self._not_before = time.monotonic() + STARTED_AGAIN_SECONDS
        self.stop()


class _NoAnswer(Exception):
    """Says what is the matter with the process."""


def _wait_for(pipe: IO[bytes], event: int) -> None:
    if not _is_open_for(pipe, event, ANSWER_SECONDS):
        raise _NoAnswer("gets no time on this busy machine")


def _is_open_for(pipe: IO[bytes], event: int, seconds: float) -> bool:
    """Within so long; or its other end is closed."""
    polling = poll()
    polling.register(pipe, event)
    return bool(polling.poll(seconds * 1000))
