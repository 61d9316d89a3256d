"""A self-contained HTML page of messages: no script, nothing loaded from elsewhere.

It looks like the chat, because it includes the chat's style sheets with their font and image. Texts
are rendered as Markdown. The page is streamed from templates/export.html, message by message.
"""

import base64
import mimetypes
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from chatapp import __version__
from chatapp.domain.model import Message
from chatapp.log.progress import Progress
from chatapp.resources import STATIC, TEMPLATES
from chatapp.text.actions import action_in
from chatapp.text.flags import flag
from chatapp.text.grouping import continues
from chatapp.text.markdown import Markdown
from chatapp.transfer.folded_messages import FoldedMessages, RoomSpan

SHEETS = (
    *("layers", "reset", "palette", "type", "tokens", "base"),
    *("flag", "message", "markdown", "export"),
)
QUOTE_CHARACTERS = 120
PIECES_AT_ONCE = 100
_URL = re.compile(r"""url\("([^"]+)"\)""")


class Quote(msgspec.Struct, frozen=True):
    """A one-line quote of the message that is replied to."""

    id: str
    sender: str
    text: str


class Row(msgspec.Struct, frozen=True):
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


class RoomSection(msgspec.Struct, frozen=True):
    """A room and its days with their messages, which are read lazily."""

    name: str
    messages: int
    days: Iterator[tuple[str, Iterator[Row]]]


def page(gathered: FoldedMessages, progress: Progress) -> Iterator[str]:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=False
    )
    rows = _MessageRows(gathered, cache(flag), progress)
    spans = gathered.rooms()
    stream = environment.get_template("export.html").stream(
        title=spans[0].room if len(spans) == 1 else "Chat log",
        version=__version__,
        style=Markup(_style()),  # noqa: S704 - our own style sheets
        total=sum(span.messages for span in spans),
        first_day=_day(min((span.first_at for span in spans), default="")),
        last_day=_day(max((span.last_at for span in spans), default="")),
        rooms=[RoomSection(span.room, span.messages, rows.days(span)) for span in spans],
    )
    stream.enable_buffering(PIECES_AT_ONCE)
    yield from stream


class _MessageRows:
    def __init__(
        self, gathered: FoldedMessages, flag: Callable[[str], Markup], progress: Progress
    ) -> None:
        self._gathered = gathered
        self._flag = flag
        self._progress = progress
        self._markdown = Markdown()

    def days(self, span: RoomSpan) -> Iterator[tuple[str, Iterator[Row]]]:
        messages = self._gathered.messages(span.room, self._progress)
        for day, of_the_day in groupby(messages, key=lambda message: message.at[:10]):
            yield _day(day), self._rows(of_the_day)

    def _rows(self, messages: Iterator[Message]) -> Iterator[Row]:
        previous = None
        for message in messages:
            yield self._row(message, previous)
            previous = message

    def _row(self, message: Message, previous: Message | None) -> Row:
        return Row(
            id=f"{message.room}-{message.seq}",
            sender=message.sender,
            flag=self._flag(message.sender),
            at=message.at,
            html=Markup(self._html(message)),  # noqa: S704 - escaped, or rendered by Markdown
            quote=self._quote(message),
            edited_at=message.edited_at,
            is_gone=bool(_placeholder(message)),
            reactions=message.reactions,
            deed=action_in(message.text) is not None,
            continued=continues(message, previous),
        )

    def _html(self, message: Message) -> str:
        if gone := _placeholder(message):
            return str(escape(gone))
        deed = action_in(message.text)
        return self._markdown.html(message.text) if deed is None else self._markdown.plain(deed)

    def _quote(self, message: Message) -> Quote | None:
        if message.reply_to is None or _placeholder(message):
            return None
        answered = self._gathered.message(message.room, message.reply_to)
        if answered is None:
            return None
        text = _placeholder(answered) or " ".join(answered.text.split())
        if len(text) > QUOTE_CHARACTERS:
            text = text[:QUOTE_CHARACTERS] + "…"
        return Quote(f"{answered.room}-{answered.seq}", answered.sender, text)


def _placeholder(message: Message) -> str:
    """The placeholder of a deleted or erased text; empty if the text exists."""
    if message.deleted_by:
        return f"Deleted by {message.deleted_by}"
    return "Erased" if message.erased_at else ""


def _day(at: str) -> str:
    if not at:
        return ""
    day = date.fromisoformat(at[:10])
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def _style() -> str:
    """The chat's styles, with the files that they refer to embedded."""
    folder = STATIC / "css"
    style = "".join((folder / f"{name}.css").read_text("utf-8") for name in SHEETS)
    style = _URL.sub(lambda found: _inline(folder / found[1]), style)
    return style.replace("font-display: optional", "font-display: block")  # already embedded


def _inline(path: Path) -> str:
    if not path.is_file():
        return "none"  # the font is not installed; the system's font is used
    kind = mimetypes.guess_type(path.name)[0] or "font/woff2"
    return f'url("data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")'
