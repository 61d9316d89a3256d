"""Finds the parts of a text in which mentions do not count: code, formulas, and links with a label.

It applies Markdown's rules in one pass, without building a tree: fences, formulas of several lines
and indented code by line, then pairs of backticks, dollars and brackets in each paragraph.
static/js/lib/text/code.js does the same, and tests/text compares both with markdown-it.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from chatapp.text.formulas import MAX_BLOCK_LINES, end_of_block, end_of_formula

Hidden = tuple[int, int, Literal["code", "link"], str]
"""Start, end, and the target if it is a link."""

MAY_HIDE = re.compile(r"[`\t$]|~~~|\]\(|(?:^|\n)[ >*+\-]*(?:[0-9]+[.)])? {4}")
"""A text that does not match has no such parts, like most texts."""

_CONTAINERS = re.compile(r"(?: {0,3}(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?= |\t|$)))*")
_CODE_COLUMNS = 4
_ITEM = re.compile(r"[-+*.)]")
_FENCE = re.compile(r"[ \t]*(?:(`{3,})[^`]*|(~{3,})[^\n]*)$")
_SPACE = re.compile(r"[ \t]*")
_INLINE = re.compile(r"\\.|`+|[$\[\]]", re.DOTALL)
_BACKTICKS = re.compile(r"`+")
_DESTINATION = re.compile(
    r"\([ \t\n]*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))"
    r"(?:[ \t\n]+(?:\"[^\"]*\"|'[^']*'))?[ \t\n]*\)"
)
_SAFE_LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


class _Fence(NamedTuple):
    start: int
    mark: str
    is_quoted: bool
    column: int


class _Lines:
    """Reads a text line by line and separates code from paragraphs."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.split("\n")
        self.hidden: list[Hidden] = []
        self._fence: _Fence | None = None
        self._paragraph: tuple[int, int] | None = None
        self._is_quoted = False
        self._is_after_blank = True
        self._list_column = 0
        self._formula_ends = 0

    def walk(self) -> None:
        start = 0
        for index, line in enumerate(self._lines):
            prefix = _containers(line)
            if index >= self._formula_ends and not self._is_in_fence(line, prefix, start):
                self._take(line, prefix, start, index)
            start += len(line) + 1
        if self._fence:
            self._hide(self._fence.start, len(self._text))
        self._end_paragraph()

    def _is_in_fence(self, line: str, prefix: str, start: int) -> bool:
        """Whether this line belongs to the fence, including its closing line."""
        fence = self._fence
        if fence is None:
            return False
        if ">" not in prefix if fence.is_quoted else _has_left(line, fence.column):
            self._end_fence(fence, start)
            return False
        closing = line.strip(" \t>" if fence.is_quoted else " \t")
        if len(closing) >= len(fence.mark) and not closing.strip(fence.mark[0]):
            self._end_fence(fence, start + len(line))
        return True

    def _end_fence(self, fence: _Fence, end: int) -> None:
        self._hide(fence.start, end)
        self._fence, self._is_after_blank = None, False

    def _take(self, line: str, prefix: str, start: int, index: int) -> None:
        rest = line[len(prefix) :]
        is_quoted, is_item = ">" in prefix, bool(_ITEM.search(prefix))
        is_blank, indent = not rest.strip(" \t"), _indent(rest)
        column = self._list_column if indent >= self._list_column else 0
        is_deep = indent - (1 if prefix else column) >= _CODE_COLUMNS
        fence = None if is_deep else _FENCE.match(rest)
        column_within = len(prefix) + 1 if is_item else column
        formula = (
            None if is_deep else self._formula(rest, index, column_within, is_quoted=is_quoted)
        )
        if is_blank or is_item or fence or formula or (is_quoted and not self._is_quoted):
            self._end_paragraph()
        leaves = fence or formula or is_quoted or (self._is_after_blank and not is_blank)
        if is_item:
            self._list_column = len(prefix) + 1
        elif leaves and indent < self._list_column:
            self._list_column = 0
        self._is_quoted = is_quoted or (self._paragraph is not None and self._is_quoted)
        self._is_after_blank = is_blank
        begin = start + len(prefix)
        if fence:
            self._fence = _Fence(begin, fence[1] or fence[2], is_quoted, self._list_column)
        elif formula:
            self._formula_ends, self._is_after_blank = index + 1 + formula, False
            more = self._lines[index + 1 : self._formula_ends]
            self._hide(begin, start + len(line) + sum(len(each) + 1 for each in more))
        elif self._paragraph:
            self._paragraph = self._paragraph[0], start + len(line)
        elif is_deep and not is_blank:
            self._hide(begin, start + len(line))
        elif not is_blank:
            self._paragraph = begin, start + len(line)

    def _formula(self, rest: str, index: int, column: int, *, is_quoted: bool) -> int | None:
        """How many more lines belong to the formula that begins here."""

        def following() -> Iterator[str | None]:
            for line in islice(self._lines, index + 1, index + 1 + MAX_BLOCK_LINES):
                is_outside = ">" not in _containers(line) if is_quoted else _has_left(line, column)
                yield None if is_outside else line

        return end_of_block(rest, following()) if "$$" in rest else None

    def _end_paragraph(self) -> None:
        if self._paragraph:
            self.hidden += _in_paragraph(self._text, *self._paragraph)
            self._paragraph = None

    def _hide(self, start: int, end: int) -> None:
        self.hidden.append((start, end, "code", ""))


def hidden_spans(text: str) -> list[Hidden]:
    """The code and labelled links, in order and without overlaps."""
    lines = _Lines(text)
    lines.walk()
    return lines.hidden


def _containers(line: str) -> str:
    """The marks of quotes and lists that a line begins with."""
    found = _CONTAINERS.match(line)
    return found[0] if found else ""


def _has_left(line: str, column: int) -> bool:
    """Whether a line is outside of the list item whose text starts at this column."""
    return bool(line.strip(" \t")) and _indent(line) < column


def _indent(line: str) -> int:
    space = _SPACE.match(line)
    return len(space[0].expandtabs(4)) if space else 0


def _in_paragraph(text: str, start: int, end: int) -> list[Hidden]:
    """Pairs of backticks, and outermost labels that have a target."""
    closing = _Backticks(text, start, end)
    hidden: list[Hidden] = []
    opened: list[int] = []
    at = start
    while sign := _INLINE.search(text, at, end):
        at = sign.end()
        if sign[0][0] == "`" and (close := closing.behind(at, len(sign[0]))):
            at = close
            hidden.append((sign.start(), at, "code", ""))
        elif sign[0] == "$":
            if behind := end_of_formula(text, sign.start(), end):
                at = behind
                hidden.append((sign.start(), at, "code", ""))
        elif sign[0] == "[":
            opened.append(sign.start())
        elif sign[0] == "]" and opened:
            label = opened.pop()
            goal = _DESTINATION.match(text, at, end)
            url = (goal[1] or goal[2]) if goal else ""
            if goal and _SAFE_LINK.match(url):
                at = goal.end()
                label -= text[label - 1 : label] == "!" and label > start
                while hidden and hidden[-1][0] > label:
                    hidden.pop()
                hidden.append((label, at, "link", url))
                opened.clear()
    return hidden


class _Backticks:
    """Finds the closing run of backticks of the same length. Call it from left to right."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._runs: dict[int, list[int]] = {}
        for run in reversed(list(_BACKTICKS.finditer(text, start, end))):
            self._runs.setdefault(len(run[0]), []).append(run.start())

    def behind(self, at: int, length: int) -> int | None:
        """The end of the closing run."""
        runs = self._runs.get(length, [])
        while runs and runs[-1] < at:
            runs.pop()
        return runs[-1] + length if runs else None
