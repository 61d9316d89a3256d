"""Formulas as MathML, which browsers draw without a script, a font or a style sheet of ours.

For pages that have to do without scripts; on the chat page, KaTeX draws
(static/js/lib/markdown/math.js). The conversion is that of math-core, compiled Rust. Where there is
no wheel of it, as on 32-bit machines, and for what it refuses, the source is shown.
"""

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from chatapp.text.formulas import MAX_SOURCE_CHARACTERS

_MATH_CORE: Any = import_module("math_core") if find_spec("math_core") else None
MAX_DEPTH = 40
"""It is recursive, and has the stack of a thread."""
_NESTING = re.compile(r"[{}]|\\(?:begin|end|left|right)(?![A-Za-z])")
_CHAIN = re.compile(r"(?:\\[A-Za-z]+[ \t\n]*){40}")
"""Commands that are each the argument of the one before: \\sqrt\\sqrt\\sqrt x."""


class MathMarkup:
    def __init__(self) -> None:
        # Macros are refused, because they multiply the depth.
        self._converter = _MATH_CORE and _MATH_CORE.LatexToMathML(max_expansions=0)

    def of(self, source: str, displayed: bool) -> str | None:
        """Markup for a page; None if the source is to be shown instead."""
        if self._converter is None or not _is_modest(source):
            return None
        try:
            markup: str = self._converter.convert_with_local_state(source, displaystyle=displayed)
        except _MATH_CORE.LatexError:
            return None
        return markup


def _is_modest(source: str) -> bool:
    if len(source) > MAX_SOURCE_CHARACTERS or _CHAIN.search(source):
        return False
    depth = 0
    for sign in _NESTING.findall(source):
        depth += 1 if sign in ("{", r"\begin", r"\left") else -1
        if depth > MAX_DEPTH:
            return False
    return True
