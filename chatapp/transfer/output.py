"""Writes a command's result to standard output, or atomically to a file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Protocol

from chatapp.domain.visible import visible_lines
from chatapp.standard_streams import BYTE_ORDER_MARK


class Output(Protocol):
    def write(self, text: str, /) -> object: ...


Harmless = Callable[[str], str]
"""Makes a text safe for terminals."""


def harmless_lines(text: str) -> str:
    return "\n".join(visible_lines(text.removeprefix(BYTE_ORDER_MARK)))


class Printed:
    """Standard output: UTF-8 for programs and files; without control sequences for terminals."""

    def __init__(self, harmless: Harmless = harmless_lines) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._harmless = harmless
        if not self._is_terminal and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")

    def write(self, text: str, /) -> None:
        sys.stdout.write(self._harmless(text) if self._is_terminal else text)

    def flush(self) -> None:
        sys.stdout.flush()


@contextmanager
def written(path: Path | None, harmless: Harmless = harmless_lines) -> Iterator[Output]:
    """A file that appears, or replaces an older one, when it is complete.

    If writing fails, the older file is unchanged. A path to a pipe or a device is written to
    directly. Without a path, it is standard output.
    """
    if path is None:
        output = Printed(harmless)
        yield output
        output.flush()
        return
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    with appearing(path) as making, making.open("w", encoding="utf-8", newline="") as text:
        yield text


@contextmanager
def written_bytes(path: Path) -> Iterator[BinaryIO]:
    """The same for bytes, which need a file."""
    with appearing(path) as making, making.open("wb") as file:
        yield file


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """What is to be written in its place: a file that takes its name when it is complete."""
    path = path.resolve()
    making = path.with_name(f"{path.name}.making")
    try:
        yield making
        making.replace(path)
    except BaseException:
        making.unlink(missing_ok=True)
        raise
