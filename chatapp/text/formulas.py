r"""Finds the formulas of a text: `$x^2$` in a line, `$$ … $$` in a paragraph or on its own lines.

static/js/lib/text/formulas.js has the same rules; tests/text has examples for both. A price is no
formula:

- No letter or digit is before the first dollar or behind the last: $5 and $6, US$5, $HOME/$PATH.
- `$` has no space on its inner side, and ends in its line: 5 $ or 6 $.
- `\$` is a dollar.

The source is TeX. The server changes nothing in it; what shows it may refuse it.
"""

import re
from collections.abc import Iterator

SIGN = "$"
MAX_BLOCK_LINES = 50
"""A block that is longer is text, so that texts full of beginnings are cheap."""
MAX_SOURCE_CHARACTERS = 2_000
"""A longer formula is shown as its source."""

_FORMULA = re.compile(
    r"(?<![0-9A-Za-z$/?&#%+.])\$"
    r"(?:(?![ \t$])(?:[^\\$\n]|\\[^\n])+(?<![ \t])"  # in a line
    r"|\$(?!\s*\$)(?:[^\\$]|\\.|\$(?!\$))+\$)"  # displayed
    r"\$(?![0-9A-Za-z$])",
    re.DOTALL,
)
_OPENING = re.compile(r"[ \t]*\$\$[^$]*$")
_CLOSING = re.compile(r"(?:[^$]|\$(?!\$))*\$\$[ \t]*$")


def end_of_formula(text: str, start: int, stop: int) -> int | None:
    """The end of the formula that starts at this dollar; None if it is only a dollar. `stop` is the
    end of its paragraph."""
    found = _FORMULA.match(text, start, stop)
    return found.end() if found else None


def end_of_block(first: str, following: Iterator[str | None]) -> int | None:
    """How many lines of `following` belong to the block that the line `first` opens: up to the one
    that ends with two dollars. None if it opens no block, or the block does not end in its quote or
    list; there, `following` has a None."""
    if not _OPENING.match(first):
        return None
    for count, line in zip(range(1, MAX_BLOCK_LINES + 1), following, strict=False):
        if line is None:
            return None
        if "$$" in line:
            return count if _CLOSING.match(line) else None
    return None


def source_of(formula: str) -> str:
    """The TeX of a formula without its dollars."""
    marks = 2 if is_displayed(formula) else 1
    return formula[marks:-marks].strip(" \t\n")


def is_displayed(formula: str) -> bool:
    """Whether it stands on lines of its own."""
    return formula.startswith("$$")
