"""`chatapp` on a disk that stops answering.

    python -m tests.support.hanging_disk serve

As long as there is a file `hang` in the data folder, nothing becomes durable, and nothing fails.
A stop is given up sooner than for people, so that tests need not wait for it.
"""

import os
import sys
import time
from pathlib import Path

import chatapp.app.serve
from chatapp.cli.main import main
from chatapp.log.disk import Disk

COMMAND = (sys.executable, "-m", "tests.support.hanging_disk", "serve")
STOP_SECONDS = 1.0

_answer = Disk.fdatasync


def _answer_or_hang(disk: Disk, fd: int) -> None:
    while Path(os.environ["CHATAPP_DATA"], "hang").exists():
        time.sleep(0.01)
    _answer(disk, fd)


if __name__ == "__main__":
    Disk.fdatasync = _answer_or_hang  # type: ignore[assignment, method-assign]
    chatapp.app.serve.STOP_SECONDS = STOP_SECONDS
    main(prog_name="chatapp")
