"""CSV for spreadsheets, as in RFC 4180: CRLF, doubled quotes.

Spreadsheets treat a cell that begins with `=` as a formula, and Excel recognizes UTF-8 only by a
byte order mark.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from chatapp.standard_streams import BYTE_ORDER_MARK

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The header line, then a line for each row. None is an empty cell."""
    yield BYTE_ORDER_MARK + _line(columns)
    for cells in rows:
        yield _line(cells)


def _line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: object) -> object:
    """The cell, with an apostrophe before text that a spreadsheet would treat as a formula."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell
