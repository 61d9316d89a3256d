"""Standard input and output that cope with closed pipes, full disks and limited encodings."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

from chatapp.domain.errors import BadPayload
from chatapp.domain.visible import harmless_json

BYTE_ORDER_MARK = "\ufeff"
STANDARD_OUTPUT = "standard output"


class StandardOutput(io.TextIOWrapper):
    """Standard output whose errors, such as a full disk, name standard output as their file."""

    def write(self, text: str, /) -> int:
        if text == "":  # click tests for text streams like this, which fails on a full disk
            return 0
        try:
            return super().write(text)
        except OSError as error:
            raise _of_standard_output(error) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _of_standard_output(error) from None


def print_everything() -> None:
    """Make printing safe for any text: characters that the locale's encoding lacks are escaped.

    The C locale names no encoding, so its output is UTF-8. If standard output is closed, output
    is discarded.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end
    if isinstance(sys.stdout, io.TextIOWrapper) and _is_the_process_own(sys.stdout):
        attributes = (sys.stdout.encoding, None, None)
        buffering = (sys.stdout.line_buffering, sys.stdout.write_through)
        sys.stdout = StandardOutput(sys.stdout.detach(), *attributes, *buffering)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=_encoding_of(stream), errors="backslashreplace")


def printable_json(line: str) -> str:
    """The JSON line, safe for a terminal and printable in any locale."""
    return harmless_json(line, getattr(sys.stdout, "encoding", None) or "utf-8")


def is_of_standard_output(error: OSError) -> bool:
    return bool(error.filename == STANDARD_OUTPUT)


def input_lines() -> Iterator[str]:
    """The lines of standard input, each with its line feed.

    They are split only at line feeds, so that messages are not changed. A byte order mark at the
    beginning and the carriage returns of Windows are removed.
    """
    lines = [] if sys.stdin is None else sys.stdin.buffer
    for number, line in enumerate(lines, start=1):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise BadPayload(f"Line {number} of standard input is not UTF-8.") from None
        if number == 1:
            text = text.removeprefix(BYTE_ORDER_MARK)
        yield text.replace("\r\n", "\n")


def _of_standard_output(error: OSError) -> OSError:
    """Redirects further output to nowhere, since Python would try to flush it again at exit.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return OSError(error.errno, error.strerror, STANDARD_OUTPUT)


def _is_the_process_own(output: io.TextIOWrapper) -> bool:
    """Whether it is the process's real standard output, not a test's replacement."""
    try:
        return output.fileno() == 1
    except OSError:
        return False


def _encoding_of(stream: TextIO) -> str:
    return "utf-8" if codecs.lookup(stream.encoding).name == "ascii" else stream.encoding
