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
import select
import sys
import time
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, cast

import msgspec

from chatapp.storage.errors import IndexFailed, StorageError
from chatapp.storage.questions import ANSWERS, READY, Answer, Answered, Asked, Question
from chatapp.storage.recovery import Mark

STARTED_AGAIN_SECONDS = 60.0
"""A process that has ended is done without for so long."""
ANSWER_SECONDS = 2.0
"""A process that does not answer for so long does not get the processor, and is done without."""
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

    @property
    def is_ready(self) -> bool:
        """It is there, and listens. Where it is not, it is started."""
        if self._is_paused:
            return False
        if self._process is None and time.monotonic() >= self._not_before:
            self._start()
        if self._process and not self._is_ready and _says_something(self._answers, 0):
            self._is_ready = self._answers.readline() == READY
            if not self._is_ready:
                self._do_without("does not start")
        return self._is_ready

    def ask(
        self, question: Question | None, until: Mark | None
    ) -> tuple[int, Answer | None] | None:
        """Up to which number the index goes then, at least to `until`, and the answer; None where
        there is none, and the process is ended.

        Raises StorageError where the log is damaged, IndexFailed where the index cannot be used.
        """
        try:
            self._questions.write(msgspec.json.encode(Asked(until, question)) + b"\n")
            self._questions.flush()
        except BrokenPipeError:
            self._do_without("has ended")
            return None
        if not _says_something(self._answers, ANSWER_SECONDS):
            self._do_without("gets no time on this busy machine")
            return None
        line = self._answers.readline()
        if not line.endswith(b"\n"):
            self._do_without("has ended")
            return None
        answered = msgspec.json.decode(line, type=Answered)
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
                bufsize=PAGE_BYTES,
                process_group=0,  # Ctrl-C is for the server, which ends it
            )
        except OSError as error:
            logger.warning("The index has no process of its own (%s); it works without", error)
            self._not_before = time.monotonic() + STARTED_AGAIN_SECONDS

    def _do_without(self, why: str) -> None:
        logger.warning("The process of the index %s; the server does without for a minute", why)
        self._not_before = time.monotonic() + STARTED_AGAIN_SECONDS
        self.stop()


def _says_something(source: IO[bytes], seconds: float) -> bool:
    """Within so long; or it has ended."""
    poll = select.poll()
    poll.register(source, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
