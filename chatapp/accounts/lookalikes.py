"""What names that look alike have in common, so that nobody passes for somebody else.

The idea is the skeleton of Unicode's UTS 39, https://www.unicode.org/reports/tr39/, kept to
the letters that are told apart worst: Cyrillic and Greek ones that look Latin, and 0/O, 1/I/l.
Accents stay: José and Jose are two people.
"""

import unicodedata
from collections.abc import Iterator

from chatapp.limits import name_key

_CAPITALS = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧВНТ", "abezhikmnoptyxbht")
"""Greek and Cyrillic capitals that look Latin; as small letters they look otherwise."""
_LETTERS = str.maketrans(
    "авекмнорстухіјѕԁһԛԝ" + "αικνορτυχγω" + "ıɑɡ" + "01i|",
    "abekmhopctyxijsdhqw" + "aikvoptuxyw" + "iag" + "olll",
)
_I_LIKE_L = str.maketrans("i", "l")
_UNSEEN = {ord(character): None for character in " \u200c\u200d"}
_ASCII = str.maketrans("01i|", "olll", " ")


def skeleton(name: str) -> str:
    """The same for all names that could be taken for this one."""
    if name.isascii():  # Most are, and ten thousand are looked at when the server starts.
        return _one_for_two(name.lower().translate(_ASCII))
    folded = unicodedata.normalize("NFKC", name).translate(_CAPITALS).casefold()
    plain = unicodedata.normalize("NFD", folded).translate(_LETTERS).translate(_I_LIKE_L)
    return _one_for_two(plain.translate(_UNSEEN))


def _one_for_two(plain: str) -> str:
    return plain.replace("rn", "m").replace("vv", "w")


class Looks:
    """Which accounts look like what, and what they are called, by all the names that they have."""

    def __init__(self) -> None:
        self._called: dict[str, str] = {}
        self._keys: dict[str, set[str]] = {}
        self._looks: dict[str, set[str]] = {}

    def know(self, key: str, *names: str) -> None:
        """These are the names of this account now; none, and it is gone."""
        for look in self._looks.pop(key, ()):
            self._keys[look].discard(key)
            if not self._keys[look]:
                del self._keys[look]
        self._called.pop(key, None)
        looks = {skeleton(name) for name in names if name}
        if looks:
            self._looks[key] = looks
            self._called[key] = "\n".join(map(name_key, names))
        for look in looks:
            self._keys.setdefault(look, set()).add(key)

    def called(self, part: str) -> Iterator[str]:
        """The keys of the accounts with this in a name, in any spelling."""
        wanted = name_key(part)
        return (key for key, called in list(self._called.items()) if wanted in called)

    def of(self, name: str) -> set[str]:
        """The keys of the accounts that this name could be taken for."""
        return set(self._keys.get(skeleton(name), ()))
