"""Recognizes texts that mention a person."""

from chatapp.domain.limits import name_key
from chatapp.text.tokens import EVERYONE, NOBODY, Names, first_word, mentioned_keys


class Mentions:
    """Recognizes texts that mention a person, and not another person with a `known` longer name.

    With `everyone`, `@room` and `@all` count too; they mention the members of a room.
    """

    def __init__(self, name: str, known: Names = NOBODY, *, everyone: bool = True) -> None:
        self._wanted = {name_key(name), *(EVERYONE if everyone else ())}
        self.words = frozenset(map(first_word, self._wanted))
        """The first words of the mentions sought. A text with none of these among its
        `mentioned_words` does not match."""
        self._names = Names([name], known)

    def __contains__(self, text: str) -> bool:
        if "@" not in text:
            return False
        folded = name_key(text)
        if not any(wanted in folded for wanted in self._wanted):
            return False  # most texts mention other people; this check is faster
        return not self._wanted.isdisjoint(mentioned_keys(text, self._names))

    def are_certain(self, word: str) -> bool:
        """Whether a mention of exactly this word cannot mean another person."""
        return word in self._wanted and not self._names.goes_on(word)
