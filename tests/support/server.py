"""The real server in a process of its own, as people start it, for tests to use and to kill."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from tests.support.checkout import ROOT
from tests.support.ports import free_port
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.support.warm import WarmProcess

START_SECONDS = 60.0
STOP_SECONDS = DEADLINE_SECONDS

CRASHES = {
    -crash: crash.name
    for crash in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)
}
"""Exit codes of a process that the interpreter itself, or a library in C, has brought down."""

COLD = (sys.executable, "-m", "chatapp", "serve")
"""The command that people use; for tests that are about the start itself."""


class Server:
    """A chat on a free port. It keeps its port and its data when it is started again.

    `folder` gets the data, the output and nothing else; `settings` are `CHATAPP_…` variables.
    The rate limit is off, because tests talk faster than people. With a `command` it is that
    which starts it, and not what stands ready for it (warm.py); `{port}` in it is the port.
    """

    passed_fds: tuple[int, ...] = ()
    """Open files of the test that the command gets."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        command: Iterable[str | Path] = (),
        cwd: Path = ROOT,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        self.settings = {
            "CHATAPP_PORT": str(self.port),
            "CHATAPP_DATA": str(self.data),
            "CHATAPP_MESSAGE_RATE": "off",
            **(settings or {}),
        }
        self._command = [str(word).format(port=self.port) for word in command]
        self._environ = environ
        self._cwd = cwd
        self._output = folder / "server.log"
        self._process: subprocess.Popen[bytes] | WarmProcess | None = None

    def start(self, deadline: float = START_SECONDS) -> Self:
        """Returns when the server answers; fails with what it said if it ends instead."""
        assert not self.running, "the server runs already"
        self._process = self._started()
        try:
            wait_until(self._answers_or_ended, deadline, "the server to answer")
        except AssertionError as error:
            self.kill9()
            raise AssertionError(f"{error}; it said:\n{self._said()}") from None
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server does not run"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> list[str]:
        """The lines that it printed, to either stream, over all its starts."""
        return self._said().splitlines()

    @property
    def connections(self) -> int:
        """How many clients are connected, as it tells Prometheus."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=DEADLINE_SECONDS) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            int(float(line.split()[-1]))
            for line in lines
            if line.startswith("chatapp_connections{")
        )

    def stop(self) -> int:
        """Asks it to end, as `systemctl stop` does; returns its exit code."""
        return self._end(signal.SIGTERM)

    def interrupt(self) -> int:
        """Asks it to end, as Ctrl-C does; returns its exit code."""
        return self._end(signal.SIGINT)

    def kill9(self) -> None:
        """Ends it between two instructions, and whatever it may have started, as a power cut."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._wait()

    def close(self) -> None:
        """For the end of a test: no server stays behind, whatever the test did to it.

        One that crashed fails the test, whatever else the test looked at.
        """
        if self._process is None:
            return
        if self.running:
            self.kill9()
        elif (code := self._wait()) in CRASHES:
            raise AssertionError(f"the server ended by {CRASHES[code]}; it said:\n{self._said()}")

    def _started(self) -> subprocess.Popen[bytes] | WarmProcess:
        environ = environment(self.settings, self._environ)
        if not self._command:
            return WarmProcess(
                ("serve",), environ, stdout=self._output, stderr=self._output, cwd=self._cwd
            )
        with self._output.open("ab") as output:
            return subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                pass_fds=self.passed_fds,
            )

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None, "the server does not run"
        self._process.send_signal(how)
        return self._wait()

    def _wait(self) -> int:
        assert self._process is not None, "the server does not run"
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"the server did not end within {STOP_SECONDS:g} s; it said:\n{self._said()}"
            ) from None
        self._process = None
        return code

    def _answers_or_ended(self) -> bool:
        if not self.running:
            raise AssertionError("the server ended at once")
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=DEADLINE_SECONDS) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            raise AssertionError(f"/healthz answered {error.code}") from None
        except OSError:
            return False

    def _said(self) -> str:
        return self._output.read_text(errors="replace") if self._output.exists() else ""


def environment(
    settings: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """This process's environment with these settings, and no other `CHATAPP_…` variable."""
    inherited = {name: value for name, value in environ.items() if not name.startswith("CHATAPP_")}
    return inherited | {"PYTHONUNBUFFERED": "1"} | dict(settings)
