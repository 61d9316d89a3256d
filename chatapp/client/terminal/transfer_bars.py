"""Progress bars of files, one after the other."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Self

from chatapp.domain.visible import visible

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""`progress_bar` of the command line: a bar for so many bytes, and what advances it."""


class TransferBars:
    """Shows what it is told as an `OnProgress`. A context manager."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._shown = ExitStack()
        self._file: tuple[str, int] | None = None
        self._done = 0
        self._advance: Callable[[int], None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.close()

    def __call__(self, name: str, done: int, size: int) -> None:
        if self._file != (name, size):
            self._shown.close()
            self._file, self._done = (name, size), 0
            self._advance = self._shown.enter_context(self._bar(visible(name), size))
        self._advance(done - self._done)
        self._done = done
