"""Shows Markdown's bold, italics, strikethrough and code in a terminal.

Only marks within a line; lists and quotes read well as typed. Code and formulas are not changed.
Control sequences were already removed from the text.
"""

import re

from chatapp.text.formulas import end_of_block, end_of_formula

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SPAN = r".{0,300}?"
"""Longer spans are hardly intended; the limit keeps lines full of stars fast."""
_CODE = re.compile(rf"(`{{1,8}})(?!`)(.{_SPAN})(?<!`)\1(?!`)")
_EMPHASIS = re.compile(
    r"(?P<address>https?://\S+)"
    rf"|\*\*\*(?P<both>(?=[^\s*]){_SPAN}(?<=[^\s*]))\*\*\*"
    rf"|\*\*(?P<bold>(?=\S){_SPAN}(?<=\S))\*\*"
    rf"|(?<!\w)__(?P<strong>(?=\S){_SPAN}(?<=\S))__(?!\w)"
    rf"|\*(?P<italic>(?=[^\s*]){_SPAN}(?<=[^\s*]))\*(?!\*)"
    rf"|(?<!\w)_(?P<slanted>(?=[^\s_]){_SPAN}(?<=[^\s_]))_(?!\w)"
    rf"|~~(?P<struck>(?=\S){_SPAN}(?<=\S))~~"
)
_DOLLAR = re.compile(r"\\.|\$")
_CODES = {
    "both": ("1;3", "22;23"),
    "bold": ("1", "22"),
    "strong": ("1", "22"),
    "italic": ("3", "23"),
    "slanted": ("3", "23"),
    "struck": ("9", "29"),
}
"""On and off, https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters"""
_DIM = ("2", "22")


def styled(lines: list[str]) -> list[str]:
    """The lines of a text with escape sequences for a terminal."""
    shown = []
    fence = ""
    formula = 0
    for index, line in enumerate(lines):
        mark = FENCE.match(line)
        if fence:
            shown.append(_in(line, _DIM))
            if mark and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = ""
        elif formula:
            formula -= 1
            shown.append(line)
        elif more := end_of_block(line, iter(lines[index + 1 :])):
            formula = more
            shown.append(line)
        elif mark:
            fence = mark[1]
            shown.append(_in(line, _DIM))
        else:
            shown.append(_styled_line(line))
    return shown


def _styled_line(line: str) -> str:
    pieces, end = [], 0
    for code in _CODE.finditer(line):
        pieces += [_beside_formulas(line[end : code.start()]), _in(code[2], _DIM)]
        end = code.end()
    return "".join([*pieces, _beside_formulas(line[end:])])


def _beside_formulas(text: str) -> str:
    pieces, done = [], 0
    for sign in _DOLLAR.finditer(text):
        if sign.start() < done or sign[0] != "$":
            continue
        if end := end_of_formula(text, sign.start(), len(text)):
            pieces += [_emphasised(text[done : sign.start()]), text[sign.start() : end]]
            done = end
    return "".join([*pieces, _emphasised(text[done:])])


def _emphasised(text: str) -> str:
    return _EMPHASIS.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    kind = found.lastgroup or "address"
    if kind == "address":
        return found[0]
    return _in(_emphasised(found[kind]), _CODES[kind])


def _in(text: str, codes: tuple[str, str]) -> str:
    on, off = codes
    return f"\x1b[{on}m{text}\x1b[{off}m"
