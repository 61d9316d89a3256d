"""Tells whether formatting will change how a text looks, and shortens texts for previews.

The first page delays such messages a moment, so that nothing moves while people read.
static/js/lib/markdown/richness.js and texts.js have the same rules; tests/page compares them.
"""

import re

from chatapp.text.actions import action_in

LONG_CHARACTERS = 1_800
LONG_BREAKS = 25
_FOLDED = re.compile(
    r"(?<![^\n])( {0,3}(`{3,}|~{3,})[^\n]*\n(?:[^\n]*\n){12})(?:[^\n]*\n){9,}? {0,3}\2"
)
"""A block of code that is folded, of which the beginning is shown, as by code-blocks.js."""
_MARKS = re.compile(
    r"[*_~`|\[\]\\]|\$\$|\$\S[^$\n]*\$|^ {0,3}(?:>|[-+] |[0-9]{1,9}[.)] )|^(?: {4}|\t)",
    re.MULTILINE,
)
_EMOJI_AT_MOST_CHARACTERS = 64
_SIGNS = re.compile(r"^ {0,3}(?:`{3}|~{3}).*$|^[ \t]*(?:>|[-+*] )\s*", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\([^)\s]{0,300}\)")
_MARKS_IN_PAIRS = re.compile(r"(__?|\*{1,3}|~~|`+)")
_SHORT_CHARACTERS = 200


def is_formatted_by_script(text: str) -> bool:
    return is_rich(text) or _may_be_emoji_alone(text)


def is_rich(text: str) -> bool:
    """Whether the script needs its formatter for it."""
    return _MARKS.search(text) is not None


def is_long(text: str) -> bool:
    """Whether only the beginning of a text is shown."""
    shown = _FOLDED.sub(r"\1", text)
    return len(shown) > LONG_CHARACTERS or shown.count("\n") > LONG_BREAKS


def in_short(text: str) -> str:
    """The beginning of a text on one line without its marks; same as in texts.js."""
    words = _LINK.sub(r"\1", _SIGNS.sub("", (action_in(text) or text)[: 5 * _SHORT_CHARACTERS]))
    return " ".join(_without_pairs(words).split())[:_SHORT_CHARACTERS]


def _without_pairs(text: str) -> str:
    """The line without pairs of marks: in one pass, a mark closes the first open one like it."""
    pieces = _MARKS_IN_PAIRS.split(text)  # words, a mark, words, a mark, … words
    kept = list(pieces)
    opened: dict[str, int] = {}
    for place in range(1, len(pieces), 2):
        mark, words = pieces[place], pieces[place - 1]
        before = "".join(pieces[max(0, place - 2) : place])[-1:]
        after = "".join(pieces[place + 1 : place + 3])[:1]
        if "\n" in words:
            opened.clear()
        first = opened.get(mark, place)
        if _ends_at(before, mark, after) and (first < place - 2 or (first < place and words)):
            kept[opened.pop(mark)] = kept[place] = ""
        elif _ends_at(after, mark, before):
            opened.setdefault(mark, place)
    return "".join(kept)


def _ends_at(inside: str, mark: str, outside: str) -> bool:
    """Whether a mark can open or close here; "_" cannot inside a word."""
    in_a_word = mark[0] == "_" and outside.isalnum()
    return inside != "" and not inside.isspace() and not in_a_word


def _may_be_emoji_alone(text: str) -> bool:
    return len(text) <= _EMOJI_AT_MOST_CHARACTERS and not any(
        c.isalnum() or "!" <= c <= "~" for c in text
    )
