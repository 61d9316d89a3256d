"""Prepares published messages for the templates of the web: safe HTML, addresses, short texts."""

from collections.abc import Callable

import msgspec
from flask import url_for
from markupsafe import Markup

from chatapp.domain.files import FileKind, kind_of
from chatapp.domain.model import FileInfo, Forwarded, Message, Via
from chatapp.features.files.types import PDF, PICTURES
from chatapp.features.pages.richness import in_short
from chatapp.features.published.addresses import address_of
from chatapp.features.published.manager import PublishedRoom
from chatapp.features.published.reading import PublishedMessages, is_gone
from chatapp.text.actions import action_in
from chatapp.text.grouping import continues
from chatapp.text.markdown import Markdown
from chatapp.transfer.shown_polls import ShownPoll, shown_poll

TITLE_CHARACTERS = 70


class WebFile(msgspec.Struct, frozen=True):
    """A file with the address of its bytes, and of its picture, if it has one."""

    info: FileInfo
    kind: FileKind
    url: str
    preview: str | None


class WebQuote(msgspec.Struct, frozen=True):
    url: str
    sender: str
    text: str


class WebMessage(msgspec.Struct, frozen=True):
    """A message as the web shows it. `day` is YYYY-MM-DD, in UTC; `replies` is the number of
    replies in its thread."""

    seq: int
    url: str
    sender: str
    name: str
    at: str
    day: str
    edited_at: str | None
    html: Markup
    is_gone: bool
    is_action: bool
    is_continued: bool
    forwarded: Forwarded | None
    via: Via | None
    quote: WebQuote | None
    files: list[WebFile]
    reactions: dict[str, list[str]]
    poll: ShownPoll | None
    replies: int


class WebRenderer:
    """`shown(name)` is a person's display name."""

    def __init__(self, messages: PublishedMessages, shown: Callable[[str], str]) -> None:
        self._messages = messages
        self._shown = shown
        self._markdown = Markdown()

    def all(self, of: PublishedRoom, messages: list[Message]) -> list[WebMessage]:
        befores = [None, *messages[:-1]]
        return [
            self.one(of, message, before)
            for message, before in zip(messages, befores, strict=False)
        ]

    def one(self, of: PublishedRoom, message: Message, before: Message | None = None) -> WebMessage:
        gone = is_gone(message)
        return WebMessage(
            seq=message.seq,
            url=address_of(of, message.seq),
            sender=message.sender,
            name=self._shown(message.sender),
            at=message.at,
            day=message.at[:10],
            edited_at=None if gone else message.edited_at,
            html=Markup("") if gone else self.html(message),
            is_gone=gone,
            is_action=_action(message) is not None,
            is_continued=before is not None and continues(message, before),
            forwarded=message.forwarded,
            via=message.via,
            quote=None if gone else self._quote(of, message),
            files=[] if gone else [_file(of, message, file) for file in message.files or ()],
            reactions={} if gone else message.reactions or {},
            poll=shown_poll(message.poll) if message.poll and not gone else None,
            replies=message.replies.count if message.replies else 0,
        )

    def html(self, message: Message) -> Markup:
        if message.poll:
            return Markup(self._markdown.html(message.poll.question))  # noqa: S704 - Markdown's
        action = _action(message)
        if action is not None:
            return Markup(self._markdown.plain(action))  # noqa: S704 - Markdown's
        return Markup(self._markdown.html(message.text))  # noqa: S704 - Markdown's

    def title(self, message: Message) -> str:
        """A few words of a message, or who wrote it and when."""
        words = self.summary(message)
        if len(words) <= TITLE_CHARACTERS:
            return words
        return words[:TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"

    def summary(self, message: Message) -> str:
        files = ", ".join(file.name for file in message.files or () if not file.removed)
        return (
            in_short(message.text) or files or f"{self._shown(message.sender)}, {message.at[:10]}"
        )

    def picture(self, of: PublishedRoom, message: Message) -> str | None:
        """The address of the first picture in a message."""
        files = (_file(of, message, file) for file in message.files or ())
        return next((file.url for file in files if file.kind == "image" and file.url), None)

    def _quote(self, of: PublishedRoom, message: Message) -> WebQuote | None:
        answered = self._messages.quoted(of, message)
        if answered is None:
            return None
        url = address_of(of, answered.seq)
        return WebQuote(url, self._shown(answered.sender), self.title(answered))


def has_preview(file: FileInfo) -> bool:
    return file.type in PICTURES or file.type == PDF


def _file(of: PublishedRoom, message: Message, file: FileInfo) -> WebFile:
    room, seq, id = of.room.name, message.seq, file.id
    if file.removed:
        return WebFile(file, kind_of(file.type), "", None)
    preview = url_for("published.preview", room=room, seq=seq, id=id)
    return WebFile(
        info=file,
        kind=kind_of(file.type),
        url=url_for("published.file", room=room, seq=seq, id=id, name=file.name),
        preview=preview if has_preview(file) else None,
    )


def _action(message: Message) -> str | None:
    return None if message.forwarded else action_in(message.text)
