"""The lines that the chat itself writes into a room, in the language of the page."""

# static/js/lib/system-lines.js does the same, after the first render.

import re

import msgspec

from chatapp.domain.model import Message

_VALUE = re.compile("“(.*)”", re.DOTALL)


class Sentence(msgspec.Struct, frozen=True):
    """The key of a text, and a new title or topic in it."""

    key: str
    value: str = ""


def sentence(message: Message) -> Sentence | None:
    """What a line of the chat says; None for a message of a person."""
    if message.system is None:
        return None
    key = f"system.{message.system.what}"
    value = _VALUE.search(message.text[len(message.sender) :])
    if value or message.system.what not in {"topic", "renamed"}:
        return Sentence(key, value[1] if value else "")
    is_cleared = message.system.what == "topic" and message.text
    return Sentence(f"{key}.cleared" if is_cleared else f"{key}.erased")
