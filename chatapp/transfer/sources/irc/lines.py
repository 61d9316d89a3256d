"""The lines of logs of IRC, as WeeChat, irssi and ZNC write them.

2024-02-29 09:46:40⇥@ana⇥hello            WeeChat
09:46 <@ana> hello                         irssi, below `--- Log opened Thu Feb 29 09:46:40 2024`
[09:46:40] <ana> hello                     ZNC, in a file that is called 2024-02-29.log
"""

import re
from datetime import date, datetime, time
from typing import Literal, NamedTuple

LineKind = Literal["said", "did", "joined", "left", "topic", "other"]

_MODES = "@+%&~! "
"""What stands before the name of somebody with rights."""
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x04\x0f\x11\x16\x1d\x1e\x1f]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEECHAT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t([^\t]*)\t(.*)")
_IRSSI = re.compile(r"(\d\d):(\d\d)(?::(\d\d))? (?:<([^>]+)> ?(.*)| \* (\S+) ?(.*)|-!- (.*))")
_IRSSI_DAY = re.compile(
    r"--- (?:Log opened|Log closed|Day changed) \w+ (\w{3}) (\d\d) (?:\d\d:\d\d:\d\d )?(\d{4})"
)
_ZNC = re.compile(r"\[(\d\d):(\d\d):(\d\d)\] (?:<([^>]+)> ?(.*)|\* (\S+) ?(.*)|\*\*\* (.*)|-(.*))")
_CAME = re.compile(r"(?:Joins: )?(\S+) [\[(][^\])]*[\])](?: has joined .*)?")
_WENT = re.compile(r"(?:Parts|Quits): (\S+) .*|(\S+) [\[(][^\])]*[\])] has (?:left|quit).*")
_TOPIC = re.compile(
    r"(\S+) (?:has changed topic for \S+ (?:from \".*\" )?to \"(.*)\"|changes topic to '(.*)'"
    r"|changed the topic of \S+ to: (.*))"
)


class LogLine(NamedTuple):
    """`at` is the local time; None if nothing says which day it is."""

    kind: LineKind
    at: datetime | None
    nick: str
    text: str


class LineParser:
    """Understands the lines of one file, whichever program wrote it. `day` is that of its name."""

    def __init__(self, day: date | None = None) -> None:
        self._day = day

    def parse(self, line: str) -> LogLine | None:
        """None for a line that says only which day it is. Raises ValueError for anything that is
        no line of a log."""
        if line.startswith("---") and (found := _IRSSI_DAY.match(line)):
            month, day, year = found.groups()
            self._day = date(int(year), _MONTHS.index(month) + 1, int(day))
            return None
        if found := _WEECHAT.fullmatch(line):
            at, prefix, text = found.groups()
            return _of_weechat(datetime.fromisoformat(at), prefix.strip(), _plain(text))
        if found := _IRSSI.fullmatch(line) or _ZNC.fullmatch(line):
            hour, minute, second, nick, said, actor, did, news, *_ = found.groups()
            moment = time(int(hour), int(minute), int(second or 0))
            at = datetime.combine(self._day, moment) if self._day else None
            if nick:
                return LogLine("said", at, nick.lstrip(_MODES), _plain(said))
            if actor:
                return LogLine("did", at, actor, _plain(did))
            return _news(at, _plain(news or ""))
        raise ValueError("it is no line of WeeChat, irssi or ZNC")


def _of_weechat(at: datetime, prefix: str, text: str) -> LogLine:
    match prefix:
        case "-->" | "<--" | "--":
            return _news(at, text)
        case "*":
            nick, _, did = text.partition(" ")
            return LogLine("did", at, nick.lstrip(_MODES), did)
        case "" | "=!=":
            return LogLine("other", at, "", text)
    return LogLine("said", at, prefix.lstrip(_MODES), text)


def _news(at: datetime | None, text: str) -> LogLine:
    if found := _TOPIC.fullmatch(text):
        nick, *topics = found.groups()
        return LogLine("topic", at, nick, next(filter(None, topics), ""))
    if found := _WENT.fullmatch(text):
        return LogLine("left", at, found[1] or found[2], "")
    if found := _CAME.fullmatch(text):
        return LogLine("joined", at, found[1], "")
    return LogLine("other", at, "", text)


def _plain(text: str) -> str:
    """Without colours and bold type."""
    return _COLOURS.sub("", text).rstrip()
