"""Downloads: the records that a filter finds, newest first, streamed.

JSON Lines are the bytes of the log itself, so that what was downloaded can still be
checked against it. CSV is for spreadsheets, which take a cell that begins with `=` for a
formula: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import Iterable, Iterator

from chatapp.storage import Logged

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel takes UTF-8 for the code page of 1985."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

COLUMNS = (
    *("n", "room", "seq", "type", "at", "sender", "text"),
    *("reply_to", "target", "emoji", "file", "line"),
)


def json_lines(found: Iterable[Logged]) -> Iterator[bytes]:
    for logged in found:
        yield logged.raw


def csv_rows(found: Iterable[Logged]) -> Iterator[bytes]:
    """RFC 4180: CRLF, quotes doubled."""
    yield BYTE_ORDER_MARK.encode()
    yield _row(COLUMNS)
    for logged in found:
        event = logged.record
        cells = {"n": logged.n, "file": logged.file, "line": logged.line}
        yield _row(cells.get(name, getattr(event, name, None)) for name in COLUMNS)


def _row(cells: Iterable[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue().encode()


def _harmless(cell: object) -> object:
    """The same cell; text that a spreadsheet would calculate is led by an apostrophe."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
