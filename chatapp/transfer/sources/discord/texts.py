"""The texts of Discord. They are Markdown, with other names for people, channels and emoji."""

import re
from datetime import UTC, datetime
from functools import partial

from chatapp.domain.model import SystemLine
from chatapp.transfer.sources.discord.values import DiscordEmbed, DiscordMessage, DiscordUser
from chatapp.transfer.sources.outside_code import outside_code
from chatapp.transfer.sources.records import KnownNames

_MAY_CHANGE = re.compile(r"[@<]")
_SIGN = re.compile(
    r"<@!?(?P<person>\d{1,20})>|<#(?P<room>\d{1,20})>|<@&(?P<role>\d{1,20})>"
    r"|<a?:(?P<emoji>\w{1,60}):\d{1,20}>|<t:(?P<time>\d{1,11})(?::[a-zA-Z])?>"
    r"|(?<![\w@])@(?P<everyone>everyone|here)\b"
)
_LINES = {
    "GuildMemberJoin": ("joined", "joined"),
    "RecipientAdd": ("joined", "added somebody"),
    "RecipientRemove": ("left", "left"),
}


class DiscordTexts:
    def __init__(self, names: KnownNames) -> None:
        self._names = names

    def markdown(self, message: DiscordMessage) -> str:
        """What a message says, with what apps say in boxes below it."""
        text = message.content
        if _MAY_CHANGE.search(text):
            text = outside_code(text, partial(self._here, people=message.mentions))
        embeds = (_embed(each) for each in message.embeds if not _is_preview(each, text))
        stickers = (f"({each.name})" for each in message.stickers)
        return "\n".join(filter(None, [text, *embeds, *stickers]))

    def _here(self, text: str, people: list[DiscordUser]) -> str:
        text = _SIGN.sub(self._sign, text)
        for person in people:  # The program has written what they are called there.
            called = self._names.person(person.id)
            for name in (person.nickname, person.name):
                if called and name:
                    text = text.replace(f"@{name}", f"@{called}")
        return text

    def _sign(self, found: re.Match[str]) -> str:
        match found.lastgroup, found[found.lastgroup or 0]:
            case "person", id:
                return f"@{self._names.person(id) or id}"
            case "room", id:
                return f"#{self._names.room(id) or id}"
            case "role", id:
                return f"@{id}"
            case "emoji", name:
                return f":{name}:"
            case "time", seconds:
                return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"
        return "@room"


def line_of(message: DiscordMessage, sender: str) -> tuple[SystemLine | None, str]:
    """What happened in the room, and its sentence; None for what is no such line."""
    if message.type == "ChannelNameChange" and message.content:
        title = message.content.rpartition(": ")[2].strip("*. ") or message.content
        return SystemLine(what="renamed"), f"{sender} renamed the room to “{title}”"
    known = _LINES.get(message.type)
    if known is None:
        return None, ""
    what, news = known
    return SystemLine(what=what), f"{sender} {news}"


def _embed(embed: DiscordEmbed) -> str:
    title = embed.title or ""
    if title and embed.url:
        title = f"[{title}]({embed.url})"
    fields = [f"**{field.name}** {field.value}" for field in embed.fields if field.value]
    return "\n".join(filter(None, [title and f"**{title}**", embed.description, *fields]))


def _is_preview(embed: DiscordEmbed, text: str) -> bool:
    """Whether it shows a page to which the text has a link."""
    return bool(embed.url) and (embed.url or "") in text
