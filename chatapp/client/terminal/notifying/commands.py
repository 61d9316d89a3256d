"""`/notify` of `chatapp chat`: keywords, quiet hours, and what to hear of this room."""

import os
import re
from pathlib import Path
from typing import get_args

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.notifying.bell import Bell
from chatapp.client.terminal.slash_commands import CommandContext, SlashCommand, WrongArguments
from chatapp.domain.errors import BadPayload
from chatapp.domain.visible import visible
from chatapp.protocol.values import Level, Notifications, QuietHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORDS = ("add", "remove", "quiet", "room")
"""What completion offers."""

_HOURS = re.compile(r"([0-2]?[0-9]:[0-5][0-9])\s*-\s*([0-2]?[0-9]:[0-5][0-9])")
_LOCALTIME = Path("/etc/localtime")


class NotifyCommands:
    def __init__(self, chat: ChatClient, rooms: KnownRooms, bell: Bell) -> None:
        self._chat = chat
        self._rooms = rooms
        self._bell = bell
        self.commands: dict[str, SlashCommand] = {"notify": self._notify}

    def _notify(self, rest: str, context: CommandContext) -> str:
        what, _, rest = rest.partition(" ")
        rest = rest.strip()
        match what:
            case "":
                return summary(self._take(self._chat.notifications()))
            case "add" if rest:
                keywords = [*self._chat.notifications().keywords, rest]
                return summary(self._take(self._chat.notifications(keywords=keywords)))
            case "remove" if rest:
                return summary(self._take(self._chat.notifications(keywords=self._without(rest))))
            case "quiet" if rest:
                quiet = None if rest == "off" else parsed_hours(rest)
                return summary(self._take(self._chat.notifications(quiet=quiet)))
            case "room":
                return self._room(rest, context.room)
        raise WrongArguments

    def _take(self, rules: Notifications) -> Notifications:
        self._bell.take(rules)
        return rules

    def _without(self, keyword: str) -> list[str]:
        keywords = self._chat.notifications().keywords
        left = [each for each in keywords if each.casefold() != keyword.casefold()]
        if len(left) == len(keywords):
            raise BadPayload(f"{keyword!r} is not one of your keywords.")
        return left

    def _room(self, rest: str, room: str) -> str:
        level: Level | None = next((each for each in get_args(Level) if each == rest), None)
        if level is None:
            raise WrongArguments
        self._bell.prefer(self._chat.prefs(room, level=level))
        what = {"all": "all messages", "mentions": "mentions only", "nothing": "nothing"}[level]
        return f"{self._rooms.shown(room)} notifies you of: {what}."


def parsed_hours(rest: str) -> QuietHours:
    """`22:00-07:00 [mon-fri] [Europe/Madrid] [mentions]`; raises BadPayload."""
    found = _HOURS.match(rest)
    if found is None:
        raise BadPayload("Give the hours, such as /notify quiet 22:00-07:00 mon-fri.")
    days, zone, mentions = list(range(1, 8)), None, False
    for word in rest[found.end() :].split():
        if word == "mentions":
            mentions = True
        elif "/" in word or word == "UTC":
            zone = word
        else:
            days = _days(word)
    start, end = (time.zfill(len("22:00")) for time in found.groups())
    return QuietHours(start=start, end=end, days=days, zone=zone or _own_zone(), mentions=mentions)


def summary(rules: Notifications) -> str:
    """What notifies, in two lines."""
    keywords = ", ".join(rules.keywords)
    words = f"are direct, mention you, or have one of these words: {keywords}"
    what = words if keywords else "are direct or mention you"
    lines = [f"You are notified of messages that {what}."]
    if quiet := rules.quiet:
        but = "of mentions by name only" if quiet.mentions else "of nothing"
        days = "" if len(quiet.days) == len(DAYS) else f" ({_days_shown(quiet.days)})"
        hours = f"{quiet.start} to {quiet.end} ({quiet.zone}){days}"
        lines.append(f"Quiet hours: from {hours}, you are notified {but}.")
    return visible(lines[0]) + "".join(f"\n{visible(line)}" for line in lines[1:])


def _days(word: str) -> list[int]:
    """`mon-fri`, or `sat,sun`."""
    days: set[int] = set()
    for part in word.casefold().split(","):
        first, _, last = part.partition("-")
        if first[:3] not in DAYS or (last or first)[:3] not in DAYS:
            raise BadPayload(f"{word!r} is not a list of days, such as mon-fri or sat,sun.")
        begin, end = DAYS.index(first[:3]), DAYS.index((last or first)[:3])
        days |= {(begin + ahead) % 7 + 1 for ahead in range((end - begin) % 7 + 1)}
    return sorted(days)


def _days_shown(days: list[int]) -> str:
    return ", ".join(DAYS[day - 1] for day in days)


def _own_zone() -> str:
    """The time zone of this machine, by its name."""
    if zone := os.environ.get("TZ", "").removeprefix(":"):
        return zone
    _, _, zone = str(_LOCALTIME.resolve()).partition("zoneinfo/")
    return zone or "UTC"
