"""`chatapp` without the wait: each run is a fork of a process that has loaded its code.

Loading it takes far longer than all else that a start does, and the tests start hundreds of
servers and commands. What runs is the same command in a process of its own, which can be asked
to end or be killed like any other. That it starts from nothing too is for those tests to show
that are about starting.

https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods
"""

import atexit
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from chatapp.cli.main import COMMANDS, main
from tests.support import late_modules
from tests.support.checkout import ROOT
from tests.support.made_once import make_once
from tests.support.memory import roomy_memory
from tests.support.shifted_clock import SECONDS, shift_clock

_LOADED = {module.partition(":")[0] for module in COMMANDS.values()} | {
    "chatapp.client.terminal.chat",  # which the commands of the terminal load when they run
    "chatapp.client.terminal.send",
    "chatapp.client.terminal.tail",
    "engineio.async_drivers.gevent",  # which a server loads when it starts
    "psycopg",  # which a server of a cluster loads
    "pytest",  # which a fork loads to find out what __main__ was
    __name__,
}
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(sorted(_LOADED))


class WarmProcess:
    """`chatapp ARGS`, with the verbs of `subprocess.Popen`. What it prints goes into files.

    The standard streams may all be one `terminal`, which is that of the process then.
    """

    def __init__(
        self,
        args: tuple[str, ...],
        environ: Mapping[str, str],
        *,
        stdout: Path,
        stderr: Path,
        stdin: Path = Path(os.devnull),
        cwd: Path = ROOT,
    ) -> None:
        self.args = args
        files = [file.absolute() for file in (stdin, stdout, stderr)]
        self._process = _forks.Process(
            target=_run, args=(args, dict(environ), files, cwd, _made()), daemon=True
        )
        self._process.start()

    @classmethod
    def in_terminal(
        cls, args: tuple[str, ...], environ: Mapping[str, str], terminal: Path, cwd: Path
    ) -> "WarmProcess":
        return cls(args, environ, stdin=terminal, stdout=terminal, stderr=terminal, cwd=cwd)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def send_signal(self, signum: signal.Signals) -> None:
        os.kill(self.pid, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code


@cache
def _made() -> Path:
    """What one process has made for the others of this run of tests."""
    folder = tempfile.mkdtemp(prefix="chatapp-made-", dir=roomy_memory())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def run_warm(
    args: tuple[str, ...],
    environ: Mapping[str, str],
    *,
    cwd: Path = ROOT,
    input: str = "",
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Runs `chatapp ARGS` to its end, as `subprocess.run` does."""
    with tempfile.TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
        stdin.write_text(input)
        process = WarmProcess(args, environ, stdin=stdin, stdout=stdout, stderr=stderr, cwd=cwd)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout)
            raise
        return subprocess.CompletedProcess(args, code, stdout.read_text(), stderr.read_text())


def _run(
    args: tuple[str, ...], environ: dict[str, str], files: list[Path], cwd: Path, made: Path
) -> None:
    """What a shell does before it runs a command, and the command."""
    if files[0] == files[1]:
        os.setsid()  # and the first terminal that is opened is that of the session
    else:
        os.setpgid(0, 0)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    stdin, stdout, stderr = files
    appended = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, (file, how) in enumerate(
        [(stdin, os.O_RDONLY), (stdout, appended), (stderr, appended)]
    ):
        opened = os.open(file, how, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="backslashreplace")
    make_once(made)
    if SECONDS in environ:
        shift_clock(float(environ[SECONDS]))
    if late_modules.LONGEST_MS in environ:
        late_modules.answer_late(float(environ[late_modules.LONGEST_MS]))
    main(args, prog_name="chatapp")
