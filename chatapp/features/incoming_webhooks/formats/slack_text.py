"""The texts of a payload of Slack as Markdown, and what in them has no meaning in this chat."""

import re

from chatapp.features.incoming_webhooks.formats.payload import Unknown
from chatapp.features.incoming_webhooks.formats.writing import line, one_line, seen
from chatapp.text.shortcodes import emoji_called
from chatapp.text.slack_mrkdwn import as_markdown

EVERYONE = "@room"
_SHORTCODE = re.compile(r":([a-z0-9_+'-]{1,60}(?:::skin-tone-[2-6])?):")
_SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{5,20}")
_COMMAND = re.compile(r"<!(?!here|channel|everyone|date\^)([^<>|\n]{1,100})>")


class SlackText:
    """Translates the texts of one payload. It says what stands there for people and rooms."""

    def __init__(self, unknown: Unknown) -> None:
        self._unknown = unknown

    def markdown(self, mrkdwn: str) -> str:
        for command in _COMMAND.finditer(mrkdwn):
            self._unknown.add(f"<!{command[1]}>")
        return seen(as_markdown(mrkdwn, self))

    @staticmethod
    def emoji(text: str) -> str:
        """A text with pictures for the names of standard emoji; those of this chat stay names."""
        return _SHORTCODE.sub(lambda found: emoji_called(found[1]) or found[0], text)

    def person(self, id: str, label: str) -> str:
        return f"@{self._named('@', id, label)}"

    def room(self, id: str, label: str) -> str:
        return f"#{self._named('#', id, label)}"

    @staticmethod
    def everyone(_word: str) -> str:
        return EVERYONE

    def _named(self, sign: str, id: str, label: str) -> str:
        name = one_line(label).removeprefix(sign)
        if not name and _SLACK_ID.fullmatch(id):
            self._unknown.add(f"<{sign}{id}>")
        return name or line(id)
