"""A bar on standard error while a command works: how much is done, how fast, how long yet.

Only where a person looks on: standard error is a terminal. It goes away when the work is done.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from chatapp.storage.progress import Progress, unwatched

STEPS = 1_000
"""A bar that is drawn ten times a second need not hear of every line."""


@contextmanager
def progress_bar(what: str, size: int) -> Iterator[Progress]:
    """A bar for `size` bytes of work, and the function that moves it on."""
    if not sys.stderr.isatty():
        yield unwatched
        return
    bar = Bar(
        TextColumn(what),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
        expand=True,
    )
    with bar:
        task = bar.add_task(what, total=size)
        yield _in_steps(lambda done: bar.advance(task, done), size // STEPS)


def _in_steps(advance: Progress, step: int) -> Progress:
    waiting = 0

    def add(done: int) -> None:
        nonlocal waiting
        waiting += done
        if waiting >= step:
            advance(waiting)
            waiting = 0

    return add
