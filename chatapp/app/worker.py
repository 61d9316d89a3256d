"""One of several processes that `chatapp serve --workers N` has started (workers.py).

File 3 is the listening socket, as from systemd (transport/http/listening.py). File 4 is a line to
the supervisor: the worker says on it when clients can come, and stops when the other end is closed,
because nobody would start it again.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
import msgspec

from chatapp.config import Config, netloc

NUMBER, QUIET = "CHATAPP_WORKER", "CHATAPP_WORKER_QUIET"
"""Variables that only the supervisor sets."""
LINE_FD = 4
READY = b"ready\n"
FOLDER = "workers"

_READ = 1


@dataclass(frozen=True, slots=True)
class Worker:
    """`number` counts from 1. Only the first start of the first one `greets`."""

    number: int
    greets: bool

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Worker | None":
        """None if no supervisor has started this process."""
        number = environ.get(NUMBER)
        return cls(int(number), QUIET not in environ) if number else None

    def config(self, config: Config) -> Config:
        """With a data folder and an address for the others that no other worker has."""
        host, port = config.internal_address
        return msgspec.structs.replace(
            config,
            data=folder_of(config.data, self.number),
            internal=netloc(host, port + self.number - 1) if port else config.internal,
        )

    def begin(self, stop: Callable[[], object]) -> Any:
        """Tell the supervisor that clients can come; `stop()` is called when it is gone. Keep what
        is returned until then."""
        os.environ[QUIET] = "1"  # for when it starts again by itself (restart.py)
        os.write(LINE_FD, READY)
        gone = gevent.get_hub().loop.io(LINE_FD, _READ)

        def ended() -> None:
            gone.stop()
            gevent.spawn(stop)

        gone.start(ended)
        return gone


def folder_of(data: Path, number: int) -> Path:
    """The first worker has the data folder itself, so that commands find it."""
    return data if number == 1 else data / FOLDER / str(number)


def speaker(worker: Worker | None) -> str:
    """Who speaks in the errors and the log."""
    return "chatapp" if worker is None else f"chatapp worker {worker.number}"
