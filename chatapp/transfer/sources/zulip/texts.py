"""The texts of Zulip: Markdown, with other signs for people, channels, topics and files."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from chatapp.transfer.sources.outside_code import outside_code

_MAY_CHANGE = re.compile(r"\*\*|<time:|/user_uploads/|```")
_SIGN = re.compile(
    r"@_?\*\*(?P<person>[^*|\n]{1,100})(?:\|(?P<id>\d{1,12}))?\*\*"
    r"|@_?\*(?P<group>[^*\n]{1,100})\*"
    r"|#\*\*(?P<room>[^*>\n]{1,100})(?:>(?P<topic>[^*\n]{0,100}))?\*\*"
    r"|<time:(?P<time>[^>\n]{1,40})>"
)
_UPLOAD = re.compile(r"!?\[([^\]\n]{0,300})\]\(/user_uploads/([^)\s]{1,300})\)")
_EVERYONE = frozenset(["all", "everyone", "channel", "stream", "topic"])
_FENCE = re.compile(r"^```(?:quote|spoiler)\b[^\n]*\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


class ZulipTexts:
    """`person(id)` and `room(name)` are what they are called here; None if they are unknown.
    `ids` has the ids of people by their full names."""

    def __init__(
        self, person: Callable[[int], str | None], room: Callable[[str], str | None]
    ) -> None:
        self._person = person
        self._room = room
        self.ids: dict[str, int] = {}

    def markdown(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """The text, and the files in it: the name and the path of each."""
        if not _MAY_CHANGE.search(text):
            return text, []
        uploads = [(name, path) for name, path in _UPLOAD.findall(text)]
        if uploads:
            text = _UPLOAD.sub("", text).strip()
        text = _FENCE.sub(lambda found: _quoted(found[1]), text)
        return outside_code(text, lambda plain: _SIGN.sub(self._here, plain)), uploads

    def _here(self, found: re.Match[str]) -> str:
        if person := found["person"]:
            if person in _EVERYONE:
                return "@room"
            id = int(found["id"]) if found["id"] else self.ids.get(person)
            return f"@{(id is not None and self._person(id)) or person}"
        if group := found["group"]:
            return f"@{group}"
        if room := found["room"]:
            here = f"#{self._room(room) or room}"
            return f"{here} > {found['topic']}" if found["topic"] else here
        return _shown(found["time"])


def _shown(time: str) -> str:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))
