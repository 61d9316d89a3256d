"""Where a command writes what it was asked for: standard output, or a file that is whole."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import click


class Output(Protocol):
    def write(self, text: str, /) -> object: ...


class StandardOutput:
    """Where it takes no more, as on a full disk, the error names it, and not the data."""

    def __init__(self) -> None:
        self._file = click.open_file("-", "w", encoding="utf-8")

    def write(self, text: str, /) -> None:
        try:
            self._file.write(text)
        except OSError as error:
            raise _of_standard_output(error) from None

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise _of_standard_output(error) from None


def _of_standard_output(error: OSError) -> OSError:
    """What is left of the output goes nowhere: the interpreter would try it again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return OSError(error.errno, error.strerror, "standard output")


@contextmanager
def written(path: Path | None) -> Iterator[Output]:
    """A file that appears, or takes the place of an older one, when all is in it.

    Where that fails, what was there is there still. What is there and is no file (a pipe, a
    device) is written to. Without a path, standard output.
    """
    if path is None:
        output = StandardOutput()
        yield output
        output.flush()
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
