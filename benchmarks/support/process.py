"""A server's processes, and what they cost: processor time and memory as /proc tells."""

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 20.0


class ServerProcess:
    """Started, and ready when something answers on `port`."""

    def __init__(self, command: list[str], port: int, cwd: Path) -> None:
        self._process = subprocess.Popen(
            command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.address = ("127.0.0.1", port)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(self.address).close()
                return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.05)

    def cpu_seconds(self) -> float:
        """Of all its threads and of the processes it has started, in user and system mode."""
        return cpu_seconds(self._process.pid)

    def own_cpu_seconds(self) -> float:
        """Of all its threads, without the processes that it has started."""
        return _ticks(self._process.pid, 2) / TICKS_PER_SECOND

    def cpu_seconds_of_threads(self) -> float:
        """Of the threads that there are now: finer than `cpu_seconds`, which counts in 10 ms."""
        tasks = (task for pid in self._pids() for task in Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory_bytes(self) -> int:
        pages = (Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in self._pids())
        return sum(map(int, pages)) * PAGE_BYTES

    def _pids(self) -> list[int]:
        return with_children(self._process.pid)

    def kill(self) -> None:
        """At once, as a crash would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def cpu_seconds(pid: int) -> float:
    """Of a process and of those that it has started, in user and system mode."""
    ticks = 0
    for each in with_children(pid):
        with suppress(FileNotFoundError):  # It has just ended: its parent has its time.
            ticks += _ticks(each, 4)
    return ticks / TICKS_PER_SECOND


def _ticks(pid: int, fields: int) -> int:
    """User and system time; with four fields, those of children that have ended, too."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, after_name[11 : 11 + fields]))


def with_children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    started = (child for task in tasks for child in (task / "children").read_text().split())
    return [pid, *map(int, started)]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
