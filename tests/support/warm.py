"""Servers without the wait: each is a fork of a process that has loaded the server's code.

Loading it takes far longer than all else that a start does, and the tests start hundreds. What
runs is `chatapp serve`, in a process of its own that can be asked to end or be killed like any
other. That it starts from nothing too is for those tests to show that are about starting.

https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from chatapp.cli import main
from tests.support.checkout import ROOT

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["chatapp.serve", "pytest", __name__])


class WarmServer:
    """A server that starts at once, with the verbs of `subprocess.Popen`."""

    def __init__(self, environ: Mapping[str, str], output: Path, cwd: Path | None) -> None:
        arguments = (dict(environ), output.absolute(), cwd or ROOT)
        self._process = _forks.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def send_signal(self, signum: signal.Signals) -> None:
        os.kill(self.pid, signum)

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired("chatapp serve", timeout)
        return code


def _serve(environ: dict[str, str], output: Path, cwd: Path) -> None:
    """What a shell does before it runs a command, and the command."""
    os.setpgid(0, 0)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    with output.open("ab") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    main(["serve"])
