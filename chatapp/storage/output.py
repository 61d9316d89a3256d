"""Where a command writes what it was asked for: standard output, or a file that is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click


@contextmanager
def written(path: Path | None) -> Iterator[IO[str]]:
    """A file that appears, or takes the place of an older one, when all is in it.

    Where that fails, what was there is there still. What is there and is no file (a pipe, a
    device) is written to. Without a path, standard output.
    """
    if path is None:
        with click.open_file("-", "w", encoding="utf-8") as file:
            yield file
        return
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    path = path.resolve()
    making = path.with_name(f"{path.name}.making")
    try:
        with making.open("w", encoding="utf-8", newline="") as file:
            yield file
        making.replace(path)
    except BaseException:
        making.unlink(missing_ok=True)
        raise
