"""Whom a text calls: `@ana`, `@room`."""

import re

from chatapp.limits import name_key

EVERYONE = ("room", "all")
"""`@room` and `@all` call all who are in the room."""


def mentions(text: str, name: str) -> bool:
    """Whether a text calls the person of this name, in any spelling, or everyone."""
    if "@" not in text:
        return False
    called = "|".join(re.escape(name_key(who)) for who in (name, *EVERYONE))
    return re.search(rf"(?<!\w)@(?:{called})(?!\w)", name_key(text)) is not None
