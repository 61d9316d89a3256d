"""Shared by processes that work beside the server: low priority, input, progress, and their end."""

import os
import sys
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

import msgspec

from chatapp.log.errors import StorageError

NICENESS = 10
"""Niceness: the server has priority."""

T = TypeVar("T")
Tell = Callable[..., None]


def child(asked_type: type[T], work: Callable[[T, Tell], None]) -> None:
    """Call `work(asked, tell)` with the first line of standard input.

    `tell(name=value)` writes a JSON object to standard output; one with an `error` is the last.
    """
    os.nice(NICENESS)
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=asked_type)
    Thread(target=_end_with_the_server, daemon=True).start()

    def tell(**news: object) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(news) + b"\n")
        sys.stdout.flush()

    try:
        work(asked, tell)
    except (StorageError, OSError) as error:
        tell(error=str(error))
        sys.stdout.flush()
        os._exit(1)
    os._exit(0)


def _end_with_the_server() -> None:
    sys.stdin.buffer.read()
    os._exit(1)
