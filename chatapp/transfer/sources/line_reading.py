"""Reads a file line by line, when nobody knows whether it has lines, and how long they are."""

from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE_BYTES = 32 << 20


def bounded_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None, int]]:
    """The number of each line, its bytes and how many bytes were read for it; None in place of
    the bytes of one that is too long. Lines without anything are left out."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        size = len(line)
        if size > MAX_LINE_BYTES:
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE_BYTES)
                size += len(rest)
            yield number, None, size
        elif line.strip():
            yield number, line, size
