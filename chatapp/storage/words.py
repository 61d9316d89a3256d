"""What counts as a word in search: the same for texts that are indexed and for what is sought.

SQLite's `unicode61` tokenizer folds case and splits at what is no letter or digit. What it does
not do is done before: accents, which it takes off Latin letters only; full-width letters and
half-width kana, which read like the usual ones; and Chinese and Japanese, of which it takes a
run for one word: those characters are spaced out, one a word, in the index and, as a phrase, in
the query.
"""

import re
import unicodedata
from collections.abc import Sequence

from chatapp.storage.query import Term

SHORTEST_PREFIX = 2
"""One letter begins too many words for an answer while you type; it is taken for a word."""

_SPACELESS = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
)
"""Thai, Lao, Burmese, Khmer, kana, Han: scripts written without spaces between words."""


_ACCENTS = re.compile("[\u0300-\u036f]")
"""Of Latin, Greek and Cyrillic letters. What kana have on them makes others of them."""
_WHOLE = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE"}
)
"""Letters that Unicode does not take apart, and people who look for them do."""


def indexed(text: str) -> str:
    """The text as the index takes it."""
    if text.isascii():
        return text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).translate(_WHOLE)
    return _SPACELESS.sub(r" \1 ", unicodedata.normalize("NFC", bare))


def expression(terms: Sequence[Term]) -> str:
    """The terms in the language of FTS5: all of them must be there."""
    return " AND ".join(map(_one, terms))


def _one(term: Term) -> str:
    phrase = '"{}"'.format(indexed(term.text).replace('"', " "))
    return f"{phrase} *" if term.prefix and len(term.text) >= SHORTEST_PREFIX else phrase
