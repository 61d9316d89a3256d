"""The texts of Mattermost. They are Markdown, with other names for people, rooms and emoji."""

import re
from functools import partial

from chatapp.domain.model import SystemLine
from chatapp.text.shortcodes import emoji_called
from chatapp.transfer.sources.mattermost.values import MattermostReply
from chatapp.transfer.sources.outside_code import outside_code
from chatapp.transfer.sources.records import KnownNames

_MAY_CHANGE = re.compile(r"[@~:]")
_SIGN = re.compile(
    r"(?<![\w@~])@([a-z0-9][a-z0-9._-]{0,63})"
    r"|(?<![\w~])~([a-z0-9][a-z0-9_-]{0,63})(?!~)"
    r"|:([a-z0-9_+-]{1,60}):"
)
_EVERYONE = frozenset(["all", "channel", "here"])
_LINES = {
    "system_join_channel": ("joined", "joined"),
    "system_leave_channel": ("left", "left"),
}


class MattermostTexts:
    def __init__(self, names: KnownNames) -> None:
        self._names = names

    def markdown(self, text: str, team: str) -> str:
        """The text as it would have been written here, by somebody of a team. Code stays as it
        is."""
        if not _MAY_CHANGE.search(text):
            return text
        here = partial(self._here, team=team)
        return outside_code(text, lambda plain: _SIGN.sub(here, plain))

    def _here(self, found: re.Match[str], *, team: str) -> str:
        person, room, emoji = found.groups()
        if person:
            return self._mention(person)
        if room:
            return f"#{self._names.room(f'{team}/{room}') or room}"
        return emoji_called(emoji) or found[0]

    def _mention(self, called: str) -> str:
        name = called.rstrip("._-")  # The end of a sentence is not part of a name.
        if name in _EVERYONE:
            return f"@room{called[len(name) :]}"
        for known in (called, name):
            if here := self._names.person(known):
                return f"@{here}{called[len(known) :]}"
        return f"@{called}"


def line_of(post: MattermostReply, sender: str) -> tuple[SystemLine | None, str]:
    """What happened in the room, and its sentence; None for what is no such line."""
    known = _LINES.get(post.type or "")
    if known is None:
        return None, ""
    what, news = known
    return SystemLine(what=what), f"{sender} {news}"
