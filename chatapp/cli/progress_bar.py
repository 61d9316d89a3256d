"""A progress bar on standard error: share done, speed and remaining time.

It is only shown if standard error is a terminal, and disappears when the work is done.
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

from chatapp.log.progress import Progress, unwatched

STEPS = 1_000
"""The bar is drawn ten times a second, so it does not need every line."""


@contextmanager
def progress_bar(what: str, size: int) -> Iterator[Progress]:
    """A bar for `size` bytes of work, and the function that advances it."""
    if not sys.stderr.isatty():
        yield unwatched
        return
    bar = Bar(
        TextColumn("{task.description}", markup=False),
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
