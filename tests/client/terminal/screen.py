"""A terminal with a screen that can be looked at, and a program that runs in it."""

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte

from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.support.warm import WarmProcess

COLUMNS, ROWS = 80, 24


class _Screen(pyte.Screen):
    """A pyte screen that answers its program, as terminals do when asked where the cursor is."""

    def __init__(self, answer) -> None:
        super().__init__(COLUMNS, ROWS)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """Runs `chatapp ARGS` in a pseudo-terminal, or the `program` with these words.

    `lines` is what a person would see now.
    """

    def __init__(
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, program: str | None = None
    ) -> None:
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._screen = _Screen(self.type)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._seen = b""
        env = {**env, "TERM": "xterm-256color"}
        self.process: WarmProcess | subprocess.Popen[bytes]
        if program is None:
            terminal = Path(os.ttyname(self._slave))
            self.process = WarmProcess.in_terminal(tuple(args), env, terminal, cwd)
        else:
            self.process = self._started([program, *args], env, cwd)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _started(
        self, command: list[str], env: Mapping[str, str], cwd: Path
    ) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    @property
    def lines(self) -> list[str]:
        with self._lock:
            return [line.rstrip() for line in self._screen.display]

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column."""
        with self._lock:
            return self._screen.cursor.y, self._screen.cursor.x

    @property
    def written(self) -> bytes:
        """All that the program has ever written."""
        with self._lock:
            return self._seen

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait_for(self, *texts: str) -> list[str]:
        """The lines, as soon as all these texts are on the screen at once."""

        def lines() -> list[str]:
            lines = self.lines
            return lines if all(any(text in line for line in lines) for text in texts) else []

        try:
            return wait_until(lines, what=f"{texts} on the screen")
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), *self.lines])) from None

    def wait_for_end(self) -> int:
        """The exit code, when all that the program wrote is on the screen."""
        code = self.process.wait(DEADLINE_SECONDS)
        self._let_go()
        self._reader.join(DEADLINE_SECONDS)
        return code

    def close(self) -> None:
        """Ends the program, and what a shell has begun in it."""
        if (in_front := os.tcgetpgrp(self._master)) > 0:
            os.killpg(in_front, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(DEADLINE_SECONDS)
        self._let_go()
        self._reader.join(DEADLINE_SECONDS)
        os.close(self._master)

    def _let_go(self) -> None:
        """Of the program's end, which has to be open until the program opens it: nobody has it
        open now, and whoever reads the other end comes to the end."""
        if self._slave is not None:
            os.close(self._slave)
            self._slave = None

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self._seen += data
                self._stream.feed(data)
