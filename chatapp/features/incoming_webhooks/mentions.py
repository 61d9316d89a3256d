"""Which mentions of a delivered text count: most webhooks may not call everybody."""

from chatapp.text.tokens import EVERYONE, Names, spans

_HARMLESS = "＠"
"""Looks like the sign of a mention, and mentions nobody."""
GROWTH = len(_HARMLESS.encode()) - 1
"""How many bytes a text grows by for each mention."""


def tamed(text: str, names: Names, *, calls_all: bool, is_elsewhere: bool) -> str:
    """The text, in which `@room` and `@all` mention nobody unless the webhook `calls_all`, and
    nothing mentions anybody if its people are `is_elsewhere`."""
    while unwanted := [
        span.start
        for span in spans(text, names)
        if span.kind == "mention" and (is_elsewhere or (span.value in EVERYONE and not calls_all))
    ]:
        letters = list(text)
        for at in unwanted:
            letters[at] = _HARMLESS
        text = "".join(letters)
    return text
