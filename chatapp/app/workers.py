"""`chatapp serve --workers N`: a process that serves nobody, and starts and watches those that do.

    supervisor ── has the port, and hands it on
      ├─ worker 1      data/
      ├─ worker 2      data/workers/2
      ├─ …
      └─ worker N + 1  data/workers/N+1, only while the others restart

Each worker is the same command again in a new process, so that a restart runs what is installed
now (worker.py). SIGHUP restarts one worker after the other. First, an additional one is started, in
a folder of its own, so that there are always N that serve; it ends when the others are back.
"""

import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fcntl import F_DUPFD_CLOEXEC, fcntl
from time import monotonic

from chatapp.app.worker import LINE_FD, NUMBER, QUIET, READY
from chatapp.exit_codes import OTHER, USAGE

LISTENER_FD = 3
"""See sd_listen_fds(3)."""
SPARE_FDS = 10
"""Files of a new worker have a number above this until they get theirs."""
STEADY_SECONDS = 10.0
"""A worker that was ready for so long has not died at once."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
KILL_SECONDS = 15.0
"""A worker that has not ended by then does not end by itself (serve.py has a limit of its own)."""

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
STOPS = (signal.SIGTERM, signal.SIGINT)


@dataclass(eq=False, slots=True)
class Process:
    """A worker that runs. `line` is our end of its file 4."""

    pid: int
    line: socket.socket
    ready_at: float | None = None
    kill_at: float | None = None
    """When it is killed, because it was told to stop."""


class Place:
    """A worker's number, and the process that has it, if one does."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.process: Process | None = None
        self.start_at: float | None = None
        """When the next process is to be started; None if none is wanted."""
        self.was_ready = False
        self.failures = 0

    @property
    def is_ready(self) -> bool:
        return self.process is not None and self.process.ready_at is not None

    def start_again(self, process: Process, now: float) -> None:
        """At once, or after a pause that grows while processes die at once."""
        if process.kill_at is not None:
            self.start_at = now
        elif process.ready_at is not None and now - process.ready_at >= STEADY_SECONDS:
            self.failures = 0
            self.start_at = now
        else:
            pause = FIRST_PAUSE_SECONDS * 2**self.failures
            self.start_at = now + min(pause, LONGEST_PAUSE_SECONDS)
            self.failures = min(self.failures + 1, 10)


class Supervisor:
    """`complain(line)` tells people what happens to the workers."""

    def __init__(
        self, listener: socket.socket, count: int, *, complain: Callable[[str], None]
    ) -> None:
        self._listener = listener
        self._complain = complain
        self._places = [Place(number) for number in range(1, count + 1)]
        self._additional = Place(count + 1)
        self._selector = selectors.DefaultSelector()
        self._steps: Iterator[Callable[[], bool]] = self._start_all()
        self._until: Callable[[], bool] = lambda: True
        self._hung_up = False
        self._have_started = False
        self._stopping = False
        self._code = 0

    def run(self) -> int:
        """Until all workers have ended. The exit code."""
        signals, wakeup = socket.socketpair()
        with signals, wakeup:
            for end in (signals, wakeup):
                end.setblocking(False)
            self._selector.register(signals, selectors.EVENT_READ, self._signalled)
            signal.set_wakeup_fd(wakeup.fileno())
            for signum in SIGNALS:
                signal.signal(signum, lambda *_: None)
            while self._has_work():
                for key, _ in self._selector.select(self._patience()):
                    key.data(key.fileobj)
        return self._code

    def _has_work(self) -> bool:
        """Whether there is anything to wait for, after all that can be done now."""
        now = monotonic()
        for place in self._all():
            self._reap(place, now)
        self._advance()
        for place in self._all():
            self._start_or_kill(place, now)
        return not self._stopping or any(place.process for place in self._all())

    def _all(self) -> list[Place]:
        return [*self._places, self._additional]

    def _patience(self) -> float | None:
        """Seconds until something is due."""
        due = [place.start_at for place in self._all() if place.start_at is not None]
        due += [
            place.process.kill_at
            for place in self._all()
            if place.process is not None and place.process.kill_at is not None
        ]
        return max(0.0, min(due) - monotonic()) if due else None

    # What is done, step by step: each step waits for its condition

    def _advance(self) -> None:
        while not self._stopping and self._until():
            step = next(self._steps, None)
            if step is None:
                self._steps = self._restart_all()
                step = self._is_hung_up
            self._until = step

    def _is_hung_up(self) -> bool:
        """Whether there was a SIGHUP since the last restart began."""
        return self._hung_up

    def _start_all(self) -> Iterator[Callable[[], bool]]:
        """The first one alone: it may find that none can start, or move old files."""
        first, *others = self._places
        first.start_at = monotonic()
        yield lambda: first.is_ready
        for place in others:
            place.start_at = monotonic()
        yield lambda: all(place.is_ready for place in others)
        self._have_started = True

    def _restart_all(self) -> Iterator[Callable[[], bool]]:
        self._hung_up = False
        additional = self._additional
        additional.start_at = monotonic()
        yield lambda: additional.is_ready
        for place in self._places:
            old = place.process
            if old is not None:
                self._tell(old, signal.SIGTERM)
            yield lambda place=place, old=old: place.process is not old and place.is_ready  # type: ignore[misc]
        additional.start_at = None
        if additional.process is not None:
            self._tell(additional.process, signal.SIGTERM)
        yield lambda: additional.process is None

    # Events

    def _signalled(self, signals: socket.socket) -> None:
        for signum in signals.recv(1024):
            if signum in STOPS:
                self._stop(signal.Signals(signum))
            elif signum == signal.SIGHUP:
                self._hung_up = True

    def _stop(self, signum: signal.Signals) -> None:
        self._stopping = True
        for place in self._all():
            place.start_at = None
            if place.process is not None:
                self._tell(place.process, signum)

    def _said(self, place: Place, process: Process) -> None:
        if process.line.recv(len(READY)) == READY:
            process.ready_at = monotonic()
            place.was_ready = True
        else:  # it has ended, or is about to
            self._selector.unregister(process.line)

    def _reap(self, place: Place, now: float) -> None:
        """Take the end of a process that has ended."""
        process = place.process
        if process is None:
            return
        pid, status = os.waitpid(process.pid, os.WNOHANG)
        if pid:
            with suppress(KeyError):
                self._selector.unregister(process.line)
            process.line.close()
            place.process = None
            self._ended(place, process, os.waitstatus_to_exitcode(status), now)

    def _ended(self, place: Place, process: Process, code: int, now: float) -> None:
        was_told = process.kill_at is not None
        if was_told and code not in (0, *(-signum for signum in STOPS)) and self._stopping:
            self._code = OTHER
        if self._stopping or (was_told and place is self._additional):
            return
        if not (self._have_started or place.was_ready) and (code == USAGE or place.number == 1):
            self._give_up(place, code)
            return
        place.start_again(process, now)
        if not was_told:
            how = (
                f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
            )
            self._complain(f"Worker {place.number} (pid {process.pid}) {how}; it is started again.")

    def _give_up(self, place: Place, code: int) -> None:
        """At the start, what stops one worker stops them all. It has said why."""
        self._complain(f"Worker {place.number} cannot start (exit code {code}); stopped.")
        self._code = OTHER
        self._stop(signal.SIGTERM)

    # Processes

    def _start_or_kill(self, place: Place, now: float) -> None:
        process = place.process
        if process is None and place.start_at is not None and now >= place.start_at:
            place.start_at = None
            place.process = self._started(place)
        elif process is not None and process.kill_at is not None and now >= process.kill_at:
            process.kill_at = now + KILL_SECONDS
            os.kill(process.pid, signal.SIGKILL)

    def _tell(self, process: Process, signum: signal.Signals) -> None:
        process.kill_at = process.kill_at or monotonic() + KILL_SECONDS
        os.kill(process.pid, signum)

    def _started(self, place: Place) -> Process:
        ours, theirs = socket.socketpair()
        with theirs:
            pid = os.fork()
            if not pid:
                self._become_worker(place, theirs)
        process = Process(pid, ours)
        self._selector.register(ours, selectors.EVENT_READ, lambda _: self._said(place, process))
        return process

    def _become_worker(self, place: Place, line: socket.socket) -> None:
        """In the new process; does not return."""
        try:
            environ = {
                **os.environ,
                "LISTEN_FDS": "1",
                "LISTEN_PID": str(os.getpid()),
                NUMBER: str(place.number),
            }
            if place.number != 1 or place.was_ready:
                environ[QUIET] = "1"
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it is for the supervisor alone
            files = [fcntl(each, F_DUPFD_CLOEXEC, SPARE_FDS) for each in (self._listener, line)]
            for file, number in zip(files, (LISTENER_FD, LINE_FD), strict=True):
                os.dup2(file, number)
            os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environ)  # noqa: S606
        finally:
            os._exit(127)
