"""Texts of other programs, without the mentions that they may not make."""

from collections.abc import Callable

from chatapp.text.tokens import EVERYONE, Names, spans

_HARMLESS = "＠"
"""Looks like the sign of a mention, and mentions nobody."""
GROWTH = len(_HARMLESS.encode()) - 1
"""How many bytes a text grows by for each mention."""


def without_mentions(text: str, names: Names) -> str:
    """The text, in which nothing mentions anybody."""
    return _without(text, names, lambda _who: True)


def without_mentions_of_all(text: str, names: Names) -> str:
    """The text, in which `@room` and `@all` mention nobody."""
    return _without(text, names, EVERYONE.__contains__)


def _without(text: str, names: Names, is_unwanted: Callable[[str], bool]) -> str:
    """Without one mention, the text may have another one."""
    while unwanted := [
        span.start
        for span in spans(text, names)
        if span.kind == "mention" and is_unwanted(span.value)
    ]:
        letters = list(text)
        for at in unwanted:
            letters[at] = _HARMLESS
        text = "".join(letters)
    return text
