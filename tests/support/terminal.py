"""A command in a pseudo-terminal, as a person types it into a shell."""

import os
import pty
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path


class Terminal:
    """A shell that runs one command line. `screen` is all that it has shown, as it came."""

    def __init__(self, command: str, folder: Path, environ: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        self._shown = bytearray()
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env={**environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def screen(self) -> str:
        return self._shown.decode(errors="replace")

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def close(self) -> None:
        """Ends the command and all that it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        os.close(self._master)

    def _read(self) -> None:
        try:
            while shown := os.read(self._master, 4096):
                self._shown += shown
        except OSError:  # how Linux says that the other end is closed
            pass
