"""A person's flag: the first letter on one of eight colours and six patterns.

They are derived from the name, so that a flag is the same on every page and after every restart;
people can choose the colour. static/js/lib/text/flags.js has the same rules; tests/page compares
both.
"""

from typing import Protocol

from markupsafe import Markup, escape

from chatapp.domain.model import COLOURS

PATTERNS = 6


class Look(Protocol):
    """The profile of somebody with an account."""

    @property
    def display_name(self) -> str: ...
    @property
    def colour(self) -> str | None: ...


def flag(name: str, look: Look | None = None, *, small: bool = False) -> Markup:
    """The flag of this name, for a page."""
    total = 0
    for byte in name.encode():
        total = (total * 131 + byte) % 9973
    hue = COLOURS.index(look.colour) if look and look.colour else total % len(COLOURS)
    letter = ((look and look.display_name) or name)[:1].upper()
    return Markup(  # noqa: S704 - numbers, and an escaped letter
        f'<span class="flag{" small" if small else ""}" aria-hidden="true" data-hue="{hue}"'
        f' data-pattern="{total // len(COLOURS) % PATTERNS}">{escape(letter)}</span>'
    )
