"""One HTML page of messages that can be read for good: no script, nothing from elsewhere.

It looks like the chat, because its styles are the chat's, written into the page with the
font and the one picture that they use. A text is Markdown, as it is there. The page is made
from templates/export.html while it is written, message by message.
"""

import base64
import mimetypes
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from chatapp import __version__
from chatapp.files import STATIC, TEMPLATES
from chatapp.model import Message
from chatapp.storage.gathered import Gathered, Span
from chatapp.storage.progress import Progress
from chatapp.storage.talk import Talk

SHEETS = (
    *("layers", "reset", "palette", "type", "tokens", "base"),
    *("flag", "message", "markdown", "export"),
)
GROUP_MINUTES = 5
"""Who says several things within so long is named once."""
QUOTE_CHARACTERS = 120
PIECES_AT_ONCE = 100
_URL = re.compile(r"""url\("([^"]+)"\)""")
_DEED = "/me "


class Quote(msgspec.Struct, frozen=True):
    """What a message answers, in a line."""

    id: str
    sender: str
    text: str


class Row(msgspec.Struct, frozen=True):
    """A message as the template shows it."""

    id: str
    sender: str
    flag: Markup
    at: str
    html: Markup
    quote: Quote | None
    edited_at: str | None
    is_gone: bool
    reactions: dict[str, list[str]] | None
    deed: bool
    continued: bool


class OneRoom(msgspec.Struct, frozen=True):
    """A room, and its days with their messages, which are read when they are asked for."""

    name: str
    messages: int
    days: Iterator[tuple[str, Iterator[Row]]]


def page(gathered: Gathered, progress: Progress) -> Iterator[str]:
    """The pieces of the page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=False
    )
    flag: Callable[[str], Markup] = environment.get_template("_flag.html").module.flag  # type: ignore[attr-defined]
    rows = _Rows(gathered, cache(flag), progress)
    spans = gathered.rooms()
    stream = environment.get_template("export.html").stream(
        title=spans[0].room if len(spans) == 1 else "Chat log",
        version=__version__,
        style=Markup(_style()),  # noqa: S704 - our own
        total=sum(span.messages for span in spans),
        first_day=_day(min((span.first_at for span in spans), default="")),
        last_day=_day(max((span.last_at for span in spans), default="")),
        rooms=[OneRoom(span.room, span.messages, rows.days(span)) for span in spans],
    )
    stream.enable_buffering(PIECES_AT_ONCE)
    yield from stream


class _Rows:
    """Makes rows of messages."""

    def __init__(
        self, gathered: Gathered, flag: Callable[[str], Markup], progress: Progress
    ) -> None:
        self._gathered = gathered
        self._flag = flag
        self._progress = progress
        self._talk = Talk()

    def days(self, span: Span) -> Iterator[tuple[str, Iterator[Row]]]:
        messages = self._gathered.messages(span.room, self._progress)
        for day, of_the_day in groupby(messages, key=lambda message: message.at[:10]):
            yield _day(day), self._rows(of_the_day)

    def _rows(self, messages: Iterator[Message]) -> Iterator[Row]:
        previous = None
        for message in messages:
            yield self._row(message, previous)
            previous = message

    def _row(self, message: Message, previous: Message | None) -> Row:
        is_deed = message.text.startswith(_DEED)
        return Row(
            id=f"{message.room}-{message.seq}",
            sender=message.sender,
            flag=self._flag(message.sender),
            at=message.at,
            html=Markup(self._html(message)),  # noqa: S704 - escaped, or made by Talk
            quote=self._quote(message),
            edited_at=message.edited_at,
            is_gone=bool(_gone(message)),
            reactions=message.reactions,
            deed=is_deed,
            continued=_continues(message, previous),
        )

    def _html(self, message: Message) -> str:
        if gone := _gone(message):
            return str(escape(gone))
        return self._talk.html(message.text.removeprefix(_DEED))

    def _quote(self, message: Message) -> Quote | None:
        if message.reply_to is None or _gone(message):
            return None
        answered = self._gathered.message(message.room, message.reply_to)
        if answered is None:
            return None
        text = _gone(answered) or " ".join(answered.text.split())
        if len(text) > QUOTE_CHARACTERS:
            text = text[:QUOTE_CHARACTERS] + "…"
        return Quote(f"{answered.room}-{answered.seq}", answered.sender, text)


def _gone(message: Message) -> str:
    """What stands in the place of a text that is gone; nothing where it is there."""
    if message.deleted_by:
        return f"Deleted by {message.deleted_by}"
    return "Erased" if message.erased_at else ""


def _continues(message: Message, previous: Message | None) -> bool:
    if previous is None or previous.sender != message.sender or message.reply_to:
        return False
    if message.text.startswith(_DEED) or previous.text.startswith(_DEED):
        return False
    apart = datetime.fromisoformat(message.at) - datetime.fromisoformat(previous.at)
    return apart.total_seconds() < GROUP_MINUTES * 60


def _day(at: str) -> str:
    if not at:
        return ""
    day = date.fromisoformat(at[:10])
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def _style() -> str:
    """The chat's styles, with the files that they name inside them."""
    folder = STATIC / "css"
    style = "".join((folder / f"{name}.css").read_text() for name in SHEETS)
    style = _URL.sub(lambda found: _inline(folder / found[1]), style)
    return style.replace("font-display: optional", "font-display: block")  # it is here already


def _inline(path: Path) -> str:
    if not path.is_file():
        return "none"  # a font that was not set up: the system's own does
    kind = mimetypes.guess_type(path.name)[0] or "font/woff2"
    return f'url("data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")'
