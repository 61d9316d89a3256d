"""A person's flag: their photo, or the first letter on one of eight colours and six patterns.

These are derived from the name, so that a flag is the same on every page and after every restart;
people can choose the colour. static/js/lib/text/flags.js has the same rules; tests/page compares
both.
"""

from typing import Protocol

from markupsafe import Markup, escape

from chatapp.domain.model import COLOURS

PATTERNS = 6
PHOTO = Markup('<img src="/photos/{}" alt="" loading="lazy" decoding="async">')


class Look(Protocol):
    """The profile of somebody with an account."""

    @property
    def display_name(self) -> str: ...
    @property
    def colour(self) -> str | None: ...


def flag(
    name: str, look: Look | None = None, *, small: bool = False, photo: str | None = None
) -> Markup:
    """The flag of this name, for a page. `photo` is a digest; by default, that of the profile. The
    letter stays beneath the photo, for where it does not come."""
    total = 0
    for byte in name.encode():
        total = (total * 131 + byte) % 9973
    hue = COLOURS.index(look.colour) if look and look.colour else total % len(COLOURS)
    letter = ((look and look.display_name) or name)[:1].upper()
    digest = getattr(look, "photo", "") if photo is None else photo
    face = PHOTO.format(digest) if digest else ""
    return Markup(  # noqa: S704 - numbers, a digest and an escaped letter
        f'<span class="flag{" small" if small else ""}" aria-hidden="true" data-hue="{hue}"'
        f' data-pattern="{total // len(COLOURS) % PATTERNS}">{escape(letter)}{face}</span>'
    )
