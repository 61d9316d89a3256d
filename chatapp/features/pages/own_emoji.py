"""The chat's own emoji in the messages of the first page.

The page gets those, and draws the ones in reactions; static/js/elements/page/emoji-picture.js draws
the same, and those in texts."""

import re
from collections.abc import Callable, Iterable

from chatapp.domain.emoji import own_name, own_names_in
from chatapp.domain.model import Message
from chatapp.protocol.values import CustomEmoji

SIGN = "🙂"
_WRITTEN = re.compile(r":[a-z0-9_+-]{2,32}:")


class ShownEmoji:
    """By name and alias."""

    def __init__(self, known: dict[str, CustomEmoji]) -> None:
        self._known = known

    @property
    def all(self) -> list[CustomEmoji]:
        return list({one.name: one for one in self._known.values()}.values())

    def called(self, written: str) -> CustomEmoji | None:
        """The one that is written so, as `:name:`."""
        name = own_name(written)
        return self._known.get(name) if name else None

    def without(self, text: str) -> str:
        """A text as it would be with standard emoji; same as in static/js/models/own-emoji.js."""
        if not self._known:
            return text
        return _WRITTEN.sub(lambda found: SIGN if self.called(found[0]) else found[0], text)


def emoji_in(messages: Iterable[Message], find: Callable[[str], CustomEmoji | None]) -> ShownEmoji:
    """Those in texts and reactions. `find(name)` is an emoji by its name or alias."""
    names: set[str] = set()
    for message in messages:
        for written in (message.text, *(message.reactions or ())):
            if ":" in written:
                names.update(own_names_in(written))
    return ShownEmoji({name: one for name in sorted(names) if (one := find(name))})
