"""A self-contained HTML page of messages: no script, nothing loaded from elsewhere but the files
beside it.

It looks like the chat, because it includes the chat's style sheets with their font and image. Texts
are rendered as Markdown. The page is streamed from templates/export.html, message by message.
"""

import base64
import mimetypes
import re
from collections.abc import Callable, Iterator, Set
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from chatapp import __version__
from chatapp.domain.files import FileKind, kind_of
from chatapp.domain.model import FileInfo, Forwarded, Message, Via, quoted
from chatapp.log.progress import Progress
from chatapp.resources import STATIC, TEMPLATES, style_sheets
from chatapp.text.actions import action_in
from chatapp.text.flags import flag
from chatapp.text.grouping import continues
from chatapp.text.markdown import NO_EMOJI, Markdown
from chatapp.text.mathml import MathMarkup
from chatapp.transfer.exported_files import ExportedFiles
from chatapp.transfer.folded_messages import FoldedMessages, RoomSpan
from chatapp.transfer.shown_polls import ShownPoll, shown_poll

SHEETS = (
    *("layers", "reset", "palette", "type", "tokens", "base", "density"),
    *("flag", "message", "markdown", "forwarded", "poll", "export"),
)
KILO = 1024
QUOTE_CHARACTERS = 120
PIECES_AT_ONCE = 100
_CODE = re.compile(
    r'<pre><code(?: class="(?:language-([\w+#-]+)|[^"]*)")?>.*?</pre>', re.ASCII | re.DOTALL
)
_URL = re.compile(r"""url\("([^"]+)"\)""")


class Quote(msgspec.Struct, frozen=True):
    """A one-line quote of the message that is replied to."""

    id: str
    sender: str
    text: str


class ShownFile(msgspec.Struct, frozen=True):
    """A file as the page shows it; without a path, it only has its name."""

    name: str
    kind: FileKind
    size: str
    alt: str
    path: str | None
    width: int | None
    height: int | None
    removed: bool


class Row(msgspec.Struct, frozen=True):
    id: str
    sender: str
    is_bot: bool
    flag: Markup
    at: str
    html: Markup
    quote: Quote | None
    edited_at: str | None
    is_gone: bool
    reactions: dict[str, list[str]] | None
    deed: bool
    forwarded: Forwarded | None
    via: Via | None
    continued: bool
    thread: "ThreadRows | None"
    files: list[ShownFile]
    poll: ShownPoll | None


class ThreadRows(msgspec.Struct, frozen=True):
    """The answers to a message, which are read lazily; `count` counts what people wrote."""

    count: int
    title: str | None
    rows: Iterator[Row]


class RoomSection(msgspec.Struct, frozen=True):
    """A room and its days with their messages, which are read lazily."""

    name: str
    messages: int
    days: Iterator[tuple[str, Iterator[Row]]]


def page(
    gathered: FoldedMessages,
    progress: Progress,
    files: ExportedFiles | None = None,
    bots: Set[str] = frozenset(),
) -> Iterator[str]:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=False
    )
    rows = _MessageRows(gathered, cache(flag), progress, files, bots)
    spans = gathered.rooms()
    stream = environment.get_template("export.html").stream(
        title=spans[0].room if len(spans) == 1 else "Chat log",
        version=__version__,
        style=Markup(_style()),  # noqa: S704 - our own style sheets
        total=sum(span.messages for span in spans),
        first_day=_day(min((span.first_at for span in spans), default="")),
        last_day=_day(max((span.last_at for span in spans), default="")),
        reaction=lambda emoji: Markup(files.emoji.reaction(emoji)) if files else emoji,  # noqa: S704
        rooms=[RoomSection(span.room, span.messages, rows.days(span)) for span in spans],
    )
    stream.enable_buffering(PIECES_AT_ONCE)
    yield from stream


class _MessageRows:
    def __init__(
        self,
        gathered: FoldedMessages,
        flag: Callable[[str], Markup],
        progress: Progress,
        files: ExportedFiles | None,
        bots: Set[str],
    ) -> None:
        self._gathered = gathered
        self._flag = flag
        self._progress = progress
        self._files = files
        self._bots = bots
        self._markdown = Markdown(MathMarkup().of)
        self._is_here: dict[tuple[str, int], bool] = {}
        """Whether the first messages of threads are, by room and seq."""

    def days(self, span: RoomSpan) -> Iterator[tuple[str, Iterator[Row]]]:
        messages = self._gathered.messages(span.room, self._progress)
        shown = (message for message in messages if self._is_shown(message))
        for day, of_the_day in groupby(shown, key=lambda message: message.at[:10]):
            yield _day(day), self._rows(of_the_day)

    def _rows(self, messages: Iterator[Message], within: str = "") -> Iterator[Row]:
        """`within` is added to the ids of those that stand in the room, too."""
        previous = None
        for message in messages:
            row = self._row(message, previous)
            is_twice = within and message.also_to_room
            yield msgspec.structs.replace(row, id=row.id + within) if is_twice else row
            previous = message

    def _row(self, message: Message, previous: Message | None) -> Row:
        return Row(
            id=f"{message.room}-{message.seq}",
            sender=message.sender,
            is_bot=message.by in self._bots,
            flag=self._flag(message.sender),
            at=message.at,
            html=Markup(self._html(message)),  # noqa: S704 - escaped, or rendered by Markdown
            quote=self._quote(message),
            edited_at=message.edited_at,
            is_gone=bool(_placeholder(message)),
            reactions=message.reactions,
            deed=action_in(message.text) is not None and message.forwarded is None,
            forwarded=message.forwarded,
            via=message.via,
            continued=continues(message, previous),
            thread=None if message.thread else self._thread(message),
            files=[self._file(file) for file in message.files or ()],
            poll=shown_poll(message.poll) if message.poll else None,
        )

    def _is_shown(self, message: Message) -> bool:
        """Whether it stands in the room: answers do so if they were told there as well, or if the
        first message of their thread is not here."""
        if message.thread is None or message.also_to_room:
            return True
        root = message.room, message.thread
        if root not in self._is_here:
            self._is_here[root] = self._gathered.message(*root) is not None
        return not self._is_here[root]

    def _thread(self, root: Message) -> ThreadRows | None:
        count, title = 0, None
        for message in self._gathered.replies(root.room, root.seq):
            if message.system is None:
                count += 1
            elif message.system.what == "titled":
                title = quoted(message)
        replies = self._gathered.replies(root.room, root.seq, self._progress)
        rows = self._rows(replies, within="-in-thread")
        return ThreadRows(count, title, rows) if count else None

    def _file(self, file: FileInfo) -> ShownFile:
        is_beside = self._files is not None and not file.removed
        return ShownFile(
            name=file.name,
            kind=kind_of(file.type),
            size=_size(file.bytes),
            alt=file.alt or file.name,
            path=self._files.path_of(file) if is_beside and self._files else None,
            width=file.width,
            height=file.height,
            removed=file.removed,
        )

    def _html(self, message: Message) -> str:
        if gone := _placeholder(message):
            return str(escape(gone))
        if message.system is not None and message.system.what in ("pinned", "unpinned"):
            return self._about_pin(message, message.system.seqs or [])
        if message.poll:
            return self._markdown.html(message.poll.question)
        deed = action_in(message.text)
        if deed is not None and message.forwarded:
            deed = f"{message.forwarded.sender} {deed}"
        emoji = self._files.emoji if self._files else NO_EMOJI
        if deed is None:
            return _CODE.sub(_framed, self._markdown.html(message.text, emoji=emoji))
        return self._markdown.plain(deed, emoji=emoji)

    def _about_pin(self, line: Message, seqs: list[int]) -> str:
        """A line that pins or unpins a message, with a link to it."""
        links = ", ".join(
            f'<a href="#{escape(line.room)}-{seq}">{seq}</a>'
            for seq in seqs
            if self._gathered.message(line.room, seq) is not None
        )
        return f"{escape(line.text)} ({links})" if links else str(escape(line.text))

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


def _framed(block: re.Match[str]) -> str:
    """A block of code, with its language."""
    language = block[1] or ""
    return f'<div class="code">{block[0]}<span class="code-language">{language}</span></div>'


def _placeholder(message: Message) -> str:
    """The placeholder of a deleted or erased text; empty if the text exists."""
    if message.deleted_by:
        return f"Deleted by {message.deleted_by}"
    return "Erased" if message.erased_at else ""


def _size(size: int) -> str:
    """`812 bytes`, `3.4 MB`."""
    if size < KILO:
        return f"{size} bytes"
    unit = "KB" if size < KILO**2 else "MB"
    return f"{size / (KILO if unit == 'KB' else KILO**2):.1f} {unit}"


def _day(at: str) -> str:
    if not at:
        return ""
    day = date.fromisoformat(at[:10])
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def _style() -> str:
    """The chat's styles, with the files that they refer to embedded."""
    sheets = style_sheets()
    style = "".join(sheets[name].read_text("utf-8") for name in SHEETS)
    style = _URL.sub(lambda found: _inline(STATIC / "css" / found[1]), style)
    return style.replace("font-display: optional", "font-display: block")  # already embedded


def _inline(path: Path) -> str:
    if not path.is_file():
        return "none"  # the font is not installed; the system's font is used
    kind = mimetypes.guess_type(path.name)[0] or "font/woff2"
    return f'url("data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")'
