"""What counts as a word in search: the same for texts that are indexed and for what is sought.

SQLite's `unicode61` tokenizer folds case and accents and splits at what is no letter or
digit. It takes a run of Chinese or Japanese for one word; so those characters are spaced
out, one a word, in the index and, as a phrase, in the query.
"""

import re

_SPACELESS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
)
"""Thai, Lao, Burmese, Khmer, kana, Han: scripts written without spaces between words."""
_SPACELESS_BYTES = re.compile(rb"[\xe0\xe1\xe2-\xe9\xef\xf0]")
"""A byte that UTF-8 text of these scripts has: a fast no for all other lines."""


def may_be_spaceless(line: bytes) -> bool:
    return _SPACELESS_BYTES.search(line) is not None


def spaced(text: str) -> str:
    """The text with every character of a spaceless script a word of its own."""
    return _SPACELESS.sub(r" \1 ", text)


def match_words(query: str) -> str | None:
    """An FTS5 expression for texts that have all words of the query; None where it has no word."""
    words = [word for word in query.replace('"', " ").split() if any(map(str.isalnum, word))]
    return " AND ".join(f'"{spaced(word)}"' for word in words) or None
