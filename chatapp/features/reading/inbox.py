"""The inbox: everything unread and every mention, by room, in pages.

One question to the index counts what is unread in all rooms of a person. Only the messages of the
page's rooms are read, a few of each, so that an answer costs the same however much is unread.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from chatapp.domain.clock import timestamp
from chatapp.domain.model import History, Message, Person, Room
from chatapp.domain.rights import is_author
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.protocol.answers import InboxPage
from chatapp.protocol.requests import ReadInbox
from chatapp.protocol.values import InboxRoom, Level, ReadMark

ROOMS_LIMIT = 10
FIRST_UNREAD = 3
"""Messages of each room, besides mentions."""
LOOKED_AT = 12
"""Messages after the mark among which these are: some are one's own, or deleted."""


class CurrentMessages(Protocol):
    """What the inbox needs of the message log."""

    def message(self, room: str, seq: int) -> Message | None: ...
    def last_at(self, room: str) -> str | None: ...
    def history(self, room: str, *, after: int, limit: int) -> History: ...


class Inbox:
    """`visible_to(person)` are the rooms that a person can see."""

    def __init__(
        self,
        reading: ReadingManager,
        memberships: Memberships,
        log: CurrentMessages,
        *,
        visible_to: Callable[[Person], list[Room]],
        clock: Callable[[], datetime],
    ) -> None:
        self._reading = reading
        self._memberships = memberships
        self._log = log
        self._visible_to = visible_to
        self._clock = clock

    def page(self, person: Person, wanted: ReadInbox) -> InboxPage:
        """Rooms with mentions first, and then those where something happened last."""
        calling = {self._key(mark): (mark, seqs) for mark, seqs in self._calling(person)}
        keys = sorted(calling, reverse=True)
        if wanted.after is not None:
            keys = [key for key in keys if key < wanted.after]
        limit = wanted.limit or ROOMS_LIMIT
        here = [self._room(person, *calling[key]) for key in keys[:limit]]
        return InboxPage(rooms=here, after=keys[limit - 1] if len(keys) > limit else None)

    def _calling(self, person: Person) -> list[tuple[ReadMark, Sequence[int]]]:
        """The rooms where something is new for the person, as far as they want to know."""
        rooms = self._visible_to(person)
        views = [self._memberships.view(person, room) for room in rooms]
        called = self._reading.all_called(person, views)
        return [
            (mark, seqs)
            for mark, seqs in called
            if mark.mentions > 0 or (mark.unread > 0 and self._wants_all(person, mark.room))
            if self._level(person, mark.room) != "nothing"
        ]

    def _wants_all(self, person: Person, name: str) -> bool:
        return self._level(person, name) == "all"

    def _level(self, person: Person, name: str) -> Level:
        return self._memberships.reading(person, name).heard_level(timestamp(self._clock()))

    def _key(self, mark: ReadMark) -> str:
        """Sorts rooms, and says where a page ended."""
        return f"{int(mark.mentions > 0)} {self._log.last_at(mark.room) or ''} {mark.room}"

    def _room(self, person: Person, mark: ReadMark, called: Sequence[int]) -> InboxRoom:
        found = {seq: self._log.message(mark.room, seq) for seq in called}
        if self._wants_all(person, mark.room):
            after = self._log.history(mark.room, after=mark.read or 0, limit=LOOKED_AT).messages
            news = [each for each in after if is_news(person, each)]
            found |= {each.seq: each for each in news[:FIRST_UNREAD]}
        messages = [found[seq] for seq in sorted(found)]
        return InboxRoom(
            room=mark.room,
            read=mark.read,
            unread=mark.unread,
            mentions=mark.mentions,
            messages=[each for each in messages if each is not None],
        )


def is_news(person: Person, message: Message) -> bool:
    is_said = message.deleted_by is None and message.system is None
    return is_said and not is_author(person, message)
