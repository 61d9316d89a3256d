"""Splits texts into search words, in the same way for indexed texts and for queries.

SQLite's `unicode61` tokenizer splits at everything except letters, marks and digits. Before that,
these rules make equivalent spellings equal, and turn symbols that people search for into words.

    case, width, composition            Unicode's own rules
    accents, and optional marks         of Latin, Greek, Cyrillic; of Arabic and Hebrew. Not of
    Indic scripts or of kana, where they make other words
    letters that are typed otherwise    ł, ø, ı; the forms of the Arabic alef
    Chinese, Japanese, Thai …           they have no spaces: each character is a word
    emoji, arrows, €                    each is a word
    c++, c#                             + and # directly after a word are words as well

static/js/lib/search/search-words.js highlights results by the same rules; tests/text/words.json has
examples for both. A change of these rules needs a new version of the index (schema.py).
"""

import re
import unicodedata
from collections.abc import Sequence

import msgspec

SHORTEST_PREFIX = 2
"""The shortest prefix: a single letter begins too many words, so it is searched as a whole word."""

_UNWRITTEN = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1"
    "\u08e3-\u08ff\u180b-\u180d\u180f\u200d\u20d0-\u20ff\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Removed: accents; Hebrew points; Arabic vowels and tatweel; variation selectors of emoji.
"""
_TYPED_OTHERWISE = {
    **dict(zip("łøđıħŧðŋɓɗƙƴɛɔəĸ", "lodihtdnbdkyeoek", strict=True)),
    **{"æ": "ae", "œ": "oe", "þ": "th"},
    **dict(zip("ٱىیکة", "اييكه", strict=True)),
}
"""Letters that Unicode does not decompose but people type without their strokes or dots. The Arabic
ones are from Lucene's ArabicNormalizer and PersianNormalizer.
"""
_OTHERWISE = re.compile(f"[{''.join(_TYPED_OTHERWISE)}]")
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana, Han: scripts written without spaces between words."""
_SIGNS = (
    "\u00a2-\u00a6\u00a9\u00ae\u00b0\u20a0-\u20cf\u2100-\u214f\u2190-\u2bff\u3030\u303d"
    "\U0001f000-\U0001fbff"
)
"""Emoji, arrows and other pictures; currencies."""
_ALONE = re.compile(f"([{_SPACELESS}])|([{_SIGNS}])")
_BEHIND_A_WORD = re.compile(r"(?<=[^\W_])[+#]+")
_BETWEEN_WORDS = re.compile(r"[\s._\-]+")
_PRIVATE = 0xF0000
"""The first private-use character: they replace symbols, so that FTS5 treats those as words."""


class Term(msgspec.Struct, frozen=True):
    """Consecutive words. With `prefix`, the last word may be the beginning of a longer one."""

    text: str
    prefix: bool = False


def indexed(text: str) -> str:
    """The text in the form that is indexed."""
    alike = text if text.isascii() else _alike(text)
    apart = _BEHIND_A_WORD.sub(_spaced_out, alike) if "+" in alike or "#" in alike else alike
    return apart if apart.isascii() else _ALONE.sub(_alone, apart)


def words(text: str) -> list[str]:
    """The words of a text as they are indexed, in order."""
    folded = indexed(text).casefold()
    apart = "".join(c if _is_of_word(c) else " " for c in folded)
    return apart.split()


def folded(text: str) -> str:
    """The text in its form for comparison: without case, accents and other optional marks."""
    return text.lower() if text.isascii() else _alike(text)


def begins_a_word(name: str, typed: str) -> bool:
    """Whether consecutive words of a name begin with the words that were typed."""
    return words_apart(typed) in words_apart(name)


def words_apart(name: str) -> str:
    """A name in the form that `begins_a_word` compares: folded, with a space before each word."""
    return " " + _BETWEEN_WORDS.sub(" ", folded(name)).strip()


def expression(terms: Sequence[Term]) -> str:
    """An FTS5 query that matches texts with all of the terms."""
    return " AND ".join(map(_one, terms))


def any_of(terms: Sequence[Term]) -> str:
    """An FTS5 query that matches texts with any of the terms."""
    return " OR ".join(map(_one, terms))


def _one(term: Term) -> str:
    found = words(term.text)
    is_prefix = term.prefix and found and len(found[-1]) >= SHORTEST_PREFIX
    return f'"{" ".join(found)}"{" *" if is_prefix else ""}'


def _alike(text: str) -> str:
    bare = _UNWRITTEN.sub("", unicodedata.normalize("NFKD", text)).casefold()
    if bare.isascii():  # most texts in Latin script are, by now
        return bare
    typed = _OTHERWISE.sub(lambda letter: _TYPED_OTHERWISE[letter[0]], bare)
    return unicodedata.normalize("NFC", typed)


def _spaced_out(signs: re.Match[str]) -> str:
    return "".join(f" {_private(sign)} " for sign in signs[0])


def _alone(character: re.Match[str]) -> str:
    return f" {character[1] or _private(character[2])} "


def _private(sign: str) -> str:
    return chr(_PRIVATE + (ord(sign) & 0xFFFF))


def _is_of_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "Co"
