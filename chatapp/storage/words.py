"""What counts as a word in search: the same for texts that are indexed and for what is sought.

SQLite's `unicode61` tokenizer folds case and accents and splits at what is no letter or
digit. It takes a run of Chinese or Japanese for one word; so those characters are spaced
out, one a word, in the index and, as a phrase, in the query.
"""

import re
from collections.abc import Sequence

from chatapp.storage.query import Term

SHORTEST_PREFIX = 2
"""One letter begins too many words for an answer while you type; it is taken for a word."""

_SPACELESS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
)
"""Thai, Lao, Burmese, Khmer, kana, Han: scripts written without spaces between words."""


def spaced(text: str) -> str:
    """The text with every character of a spaceless script a word of its own."""
    return text if text.isascii() else _SPACELESS.sub(r" \1 ", text)


def expression(terms: Sequence[Term]) -> str:
    """The terms in the language of FTS5: all of them must be there."""
    return " AND ".join(map(_one, terms))


def _one(term: Term) -> str:
    phrase = f'"{spaced(term.text)}"'
    return f"{phrase} *" if term.prefix and len(term.text) >= SHORTEST_PREFIX else phrase
