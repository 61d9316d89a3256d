"""Detects names that look alike, so that nobody can impersonate someone else.

It follows the skeletons of Unicode's UTS 39, https://www.unicode.org/reports/tr39/, for the most
confusable letters only: Cyrillic and Greek letters that look Latin, and 0/O, 1/I/l.
Accents count: José and Jose are two people.
"""

import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain

from chatapp.text.words import folded

_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧВНТ", "abezhikmnoptyxbht")
"""Greek and Cyrillic capitals that look Latin, while their lower-case letters do not."""
_LETTERS = str.maketrans(
    "авекмнорстухіјѕԁһԛԝ" + "αικνορτυχγω" + "ıɑɡ" + "01i|",
    "abekmhopctyxijsdhqw" + "aikvoptuxyw" + "iag" + "olll",
)
_I_LIKE_L = str.maketrans("i", "l")
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_UNSEEN = dict.fromkeys([*map(ord, " \u200c\u200d"), *chain(*_SELECTORS)])
"""Spaces, joiners and variation selectors."""
_ASCII = str.maketrans("01i|", "olll", " ")


def skeleton(name: str) -> str:
    """A key that is equal for all names that look like this one."""
    if name.isascii():  # Most names are, and the server computes thousands of skeletons at start.
        return _one_for_two(name.lower().translate(_ASCII))
    small = unicodedata.normalize("NFKC", name).translate(_CAPITALS).casefold()
    plain = unicodedata.normalize("NFD", small).translate(_LETTERS).translate(_I_LIKE_L)
    return _one_for_two(plain.translate(_UNSEEN))


def _one_for_two(plain: str) -> str:
    return plain.replace("rn", "m").replace("vv", "w")


class Confusables:
    """An index of all names and display names of accounts, by name and by look."""

    def __init__(self) -> None:
        self._called: dict[str, str] = {}
        self._keys: dict[str, set[str]] = {}
        self._looks: dict[str, set[str]] = {}
        self._retired: dict[str, str] = {}

    def know(self, key: str, *names: str) -> None:
        """Set all names of an account; without names, remove it."""
        for look in self._looks.pop(key, ()):
            self._keys[look].discard(key)
            if not self._keys[look]:
                del self._keys[look]
        self._called.pop(key, None)
        looks = {skeleton(name) for name in names if name}
        if looks:
            self._looks[key] = looks
            self._called[key] = "\n".join(map(folded, names))
        for look in looks:
            self._keys.setdefault(look, set()).add(key)

    def retire(self, key: str, name: str) -> None:
        """Keep the look of a removed account reserved permanently."""
        self._retired[skeleton(name)] = key

    def keys_containing(self, part: str) -> Iterator[str]:
        """The keys of accounts whose names contain `part`, ignoring case and accents."""
        wanted = folded(part)
        return (key for key, names in list(self._called.items()) if wanted in names)

    def of(self, name: str) -> set[str]:
        """The keys of accounts, also removed ones, that this name could be confused with."""
        look = skeleton(name)
        retired = {self._retired[look]} if look in self._retired else set()
        return {*self._keys.get(look, ()), *retired}

    @staticmethod
    def like(*names: str) -> Callable[[str], bool]:
        """A function that tells whether a name could be confused with one of these."""
        looks = {skeleton(name) for name in names if name}
        return lambda name: skeleton(name) in looks
