"""Changes a text of Markdown everywhere but in its code."""

from collections.abc import Callable

from chatapp.text.code import MAY_HIDE, hidden_spans


def outside_code(text: str, change: Callable[[str], str]) -> str:
    if not MAY_HIDE.search(text):
        return change(text)
    parts: list[str] = []
    done = 0
    for start, end, *_ in hidden_spans(text):
        parts += change(text[done:start]), text[start:end]
        done = end
    return "".join([*parts, change(text[done:])])
