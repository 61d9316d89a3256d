"""What the web can read of a published room: messages of people that are there, from its first
published one on.

Lines of the chat itself are left out: who comes and goes concerns the room. So are deleted and
erased messages, unless a thread hangs on them. Replies are read at their first message.
"""

from typing import Protocol

import msgspec

from chatapp.domain.errors import NotFound
from chatapp.domain.model import FileInfo, History, Message
from chatapp.features.published.manager import PublishedRoom

PAGE_LENGTH = 50
MAX_REPLIES = 500
NO_MESSAGE = "There is no page at this address."


class PublishedLog(Protocol):
    """What published rooms need of the message log."""

    def message(self, room: str, seq: int) -> Message | None: ...
    def head(self, room: str) -> int: ...
    def last_at(self, room: str) -> str | None: ...
    def history(
        self,
        room: str,
        *,
        before: int | None = ...,
        after: int | None = ...,
        limit: int = ...,
        thread: int | None = ...,
        folded: bool = ...,
    ) -> History: ...


class PublishedPage(msgspec.Struct, frozen=True):
    """A page of a room, oldest first. `older` is the seq before which older ones are, `newer` the
    one after which newer ones are; None: there are none."""

    messages: list[Message]
    older: int | None
    newer: int | None


class PublishedMessages:
    def __init__(self, log: PublishedLog) -> None:
        self._log = log

    def page(
        self, of: PublishedRoom, *, before: int | None = None, after: int | None = None
    ) -> PublishedPage:
        """The newest messages, or those before or after a seq."""
        if after is not None:
            after = max(after, of.first - 1)
        found = self._log.history(
            of.room.name, before=before, after=after, limit=PAGE_LENGTH, folded=True
        )
        published = [message for message in found.messages if message.seq >= of.first]
        if not published:
            return PublishedPage([], None, None)
        first, last = published[0].seq, published[-1].seq
        has_older = found.more_before and first > of.first
        return PublishedPage(
            messages=list(filter(_is_shown, published)),
            older=first if has_older else None,
            newer=last if found.more_after else None,
        )

    def message(self, of: PublishedRoom, seq: int) -> Message:
        """Raises `NotFound` for what the web cannot read."""
        message = self._find(of, seq)
        if message is None or is_gone(message):
            raise NotFound(NO_MESSAGE)
        return message

    def root(self, of: PublishedRoom, message: Message) -> Message | None:
        """The first message of the thread that a message is in, gone or not, if it is published."""
        return None if message.thread is None else self._find(of, message.thread)

    def replies(self, of: PublishedRoom, root: int) -> list[Message]:
        found = self._log.history(of.room.name, after=0, limit=MAX_REPLIES, thread=root)
        return [each for each in found.messages if each.seq >= of.first and _is_shown(each)]

    def quoted(self, of: PublishedRoom, message: Message) -> Message | None:
        """The message that one answers."""
        if message.reply_to is None:
            return None
        answered = self._find(of, message.reply_to)
        return None if answered is None or is_gone(answered) else answered

    def file(self, of: PublishedRoom, seq: int, id: str) -> FileInfo:
        for file in self.message(of, seq).files or ():
            if file.id == id and not file.removed:
                return file
        raise NotFound(NO_MESSAGE)

    def recent(self, of: PublishedRoom, limit: int) -> list[Message]:
        """The newest messages, newest first."""
        found = self._log.history(of.room.name, limit=limit)
        return [
            each
            for each in reversed(found.messages)
            if each.seq >= of.first and _is_shown(each) and not is_gone(each)
        ]

    def last_at(self, of: PublishedRoom) -> str | None:
        return self._log.last_at(of.room.name) if self.head(of) >= of.first else None

    def head(self, of: PublishedRoom) -> int:
        return self._log.head(of.room.name)

    def seqs(self, of: PublishedRoom, after: int, limit: int) -> list[Message]:
        """Messages with a page of their own, oldest first, after a seq."""
        found = self._log.history(
            of.room.name, after=max(after, of.first - 1), limit=limit, folded=True
        )
        return [each for each in found.messages if _is_shown(each) and not is_gone(each)]

    def _find(self, of: PublishedRoom, seq: int) -> Message | None:
        if seq < of.first:
            return None
        message = self._log.message(of.room.name, seq)
        return message if message and message.system is None else None


def is_gone(message: Message) -> bool:
    return bool(message.deleted_by or message.erased_at)


def _is_shown(message: Message) -> bool:
    if message.system is not None:
        return False
    return not is_gone(message) or message.replies is not None
