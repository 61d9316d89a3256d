"""Whether a text will look otherwise once the page's script has formatted it, and a text in short.

The first page waits a moment with such messages, so that nothing moves under the reader's eyes.
The same rules as in static/js/lib/richness.js; tests/page holds the two together.
"""

import re

_MARKS = re.compile(r"[*_~`|\[\]\\]|^ {0,3}(?:>|[-+] |[0-9]{1,9}[.)] )|^(?: {4}|\t)", re.MULTILINE)
_EMOJI_AT_MOST_CHARACTERS = 64
_SIGNS = re.compile(r"^ {0,3}(?:`{3}|~{3}).*$|^\s*(?:>|[-+*] )\s*", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]+)\]\([^)\s]*\)")
_PAIR = re.compile(
    r"(?<![^\W_])(__?)(?=\S)(.+?)(?<=\S)\1(?![^\W_])|(\*{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\3"
)
_ACTION = re.compile(r"/me (?=\s*\S)")
_NESTED_AT_MOST = 3
_SHORT_CHARACTERS = 200


def is_formatted_by_script(text: str) -> bool:
    return _MARKS.search(text) is not None or _may_be_emoji_alone(text)


def in_short(text: str) -> str:
    """The beginning of a text on one line without its marks; as in static/js/lib/texts.js."""
    words = _ACTION.sub("", text, count=1) if _ACTION.match(text) else text
    words = _LINK.sub(r"\1", _SIGNS.sub("", words[: 5 * _SHORT_CHARACTERS]))
    for _ in range(_NESTED_AT_MOST):
        words = _PAIR.sub(lambda pair: pair[2] or pair[4], words)
    return " ".join(words.split())[:_SHORT_CHARACTERS]


def _may_be_emoji_alone(text: str) -> bool:
    return len(text) <= _EMOJI_AT_MOST_CHARACTERS and not any(
        c.isalnum() or "!" <= c <= "~" for c in text
    )
