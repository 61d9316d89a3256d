"""Detects terminals and closed pipes on the standard streams."""

import os
import select
import stat
import sys
import threading
from collections.abc import Callable
from typing import TextIO


def has_terminal() -> bool:
    """Whether a person at a terminal can see our output."""
    return sys.stdin.isatty() or sys.stderr.isatty()


def is_conversation() -> bool:
    """Whether input and output are a terminal that can move its cursor."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def has_colour(stream: TextIO) -> bool:
    """https://no-color.org"""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def when_reader_closes(output: TextIO, then: Callable[[], None]) -> None:
    """Call `then` when the other end of a pipe is closed, for example by `| head`.

    Otherwise a program that waits for the next message would notice only when it writes.
    """
    if not stat.S_ISFIFO(os.fstat(output.fileno()).st_mode):
        return
    poll = select.poll()
    poll.register(output, 0)

    def watch() -> None:
        poll.poll()
        then()

    threading.Thread(target=watch, name="chatapp-pipe", daemon=True).start()
