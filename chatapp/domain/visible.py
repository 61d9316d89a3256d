"""Makes other people's text safe to print on a terminal.

A terminal executes control sequences: one in a message could overwrite the lines above it, change
the window's title, or type for its reader; a character that changes the writing direction could
show a text that was never sent. So control characters are replaced by visible symbols: `␛` for
ESC, `<U+202E>` for those without a symbol.
"""

import re
import unicodedata
from collections.abc import Callable

TAB = " " * 4
JOINERS = "\u200c\u200d"
"""Invisible, but needed to write Persian words and emoji families."""
_TAGS = {ord(letter): 0xE0000 + ord(letter) for letter in "begnlsctw"}
FLAG_TAGS = re.compile("(?<=\U0001f3f4)(?:gbeng|gbsct|gbwls)\U000e007f".translate(_TAGS))
"""Invisible, but they turn a black flag into that of England, Scotland or Wales.

Other tags are removed: otherwise two names with different tags would look the same.
https://www.unicode.org/reports/tr51/#Emoji_Tag_Sequences
"""
_COMMANDING = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])


def visible(text: str) -> str:
    """The text on one line, with control characters replaced by visible symbols."""
    return _replaced(text.replace("\r\n", "\n"), _shown)


def visible_lines(text: str) -> list[str]:
    """Like `visible`, for each line of the text."""
    return [visible(line) for line in text.replace("\r\n", "\n").split("\n")]


def harmless_json(line: str, encoding: str = "utf-8") -> str:
    """Equivalent JSON in which control characters for terminals, such as U+009B, are escaped.

    Characters that the encoding lacks are escaped too, so that the output is valid JSON.
    """
    harmless = _replaced(line, lambda c: _escaped(c) if _commands(c) else c)
    if _can_encode(harmless, encoding):
        return harmless
    return "".join(c if c.isascii() else _escaped(c) for c in harmless)


def _replaced(text: str, replacement: Callable[[str], str]) -> str:
    """The text with every character replaced, except the tags in flags."""
    pieces, end = [], 0
    for tags in FLAG_TAGS.finditer(text):
        pieces += [*map(replacement, text[end : tags.start()]), tags[0]]
        end = tags.end()
    return "".join([*pieces, *map(replacement, text[end:])])


def _shown(character: str) -> str:
    if character == "\t":
        return TAB
    if not _commands(character):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def _commands(character: str) -> bool:
    return unicodedata.category(character) in _COMMANDING and character not in JOINERS


def _escaped(character: str) -> str:
    return "".join(
        f"\\u{unit:04x}"
        for unit in memoryview(character.encode("utf-16-le", "surrogatepass")).cast("H")
    )


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
