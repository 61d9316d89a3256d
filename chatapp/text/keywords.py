"""Finds a person's keywords in texts: whole words, in any script, without case and accents.

Texts are split as the search index splits them (words.py): in Chinese, Japanese and Thai, each
character is a word, so a keyword is found wherever its characters follow each other.
static/js/models/page/notify-rules.js has the same rules; tests/text/keywords.json has
examples for both.
"""

from collections.abc import Iterable

from chatapp.text.words import words


class Keywords:
    """A person's keywords. They are looked for where a text has the first word of one."""

    def __init__(self, keywords: Iterable[str]) -> None:
        self._by_first: dict[str, list[list[str]]] = {}
        for keyword in keywords:
            if sought := words(keyword):
                self._by_first.setdefault(sought[0], []).append(sought)

    def are_in(self, text: str) -> bool:
        """Whether one of them is in the text."""
        if not self._by_first:
            return False
        found = words(text)
        return any(
            found[at : at + len(sought)] == sought
            for at, word in enumerate(found)
            for sought in self._by_first.get(word, ())
        )
