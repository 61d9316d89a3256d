"""Shows Markdown's bold, italics, strikethrough and code in a terminal.

Only marks within a line; lists and quotes read well as typed. Code is not changed. Control
sequences were already removed from the text.
"""

import re

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
    for line in lines:
        mark = FENCE.match(line)
        if fence:
            shown.append(_in(line, _DIM))
            if mark and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = ""
        elif mark:
            fence = mark[1]
            shown.append(_in(line, _DIM))
        else:
            shown.append(_styled_line(line))
    return shown


def _styled_line(line: str) -> str:
    pieces, end = [], 0
    for code in _CODE.finditer(line):
        pieces += [_emphasised(line[end : code.start()]), _in(code[2], _DIM)]
        end = code.end()
    return "".join([*pieces, _emphasised(line[end:])])


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
