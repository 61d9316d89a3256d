"""The rules of messages: who may post what where, exactly once, and who may read it.

A message exists when it is in the log. `post()` hands a draft to the log and is pending
until the log has it on disk; nobody sees it before, and what was acked stays.
"""

import time
from collections.abc import Callable, Sequence, Set
from datetime import datetime
from typing import Any, Protocol

import msgspec

from chatapp.errors import BadPayload, NotAllowed, NotAMember, NotFound
from chatapp.limits import HISTORY_LIMIT, MAX_TEXT_BYTES, checked_cid, checked_emoji, checked_text
from chatapp.messages.deletions import Deletions
from chatapp.model import Draft, Event, History, Message, Person, Room, Version
from chatapp.pending import Pending
from chatapp.rates import Pace
from chatapp.storage import SearchPage
from chatapp.wire import Delete, Edit, Post, React, ReadHistory, ReadVersions, Resume, Search

RESUME_LIMIT = 200
"""How many events one `resume` brings; with more, the client asks again."""

FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Of moments that can be asked for, in whatever time zone."""


class Log(Protocol):
    """What the manager needs of the message log."""

    epoch: str

    def append(self, draft: Draft) -> Pending[Event]: ...
    def head(self, room: str) -> int: ...
    def message(self, room: str, seq: int) -> Message | None: ...
    def find_cid(self, sender: str, cid: str) -> Message | None: ...
    def events(self, room: str, *, after: int, limit: int) -> list[Event]: ...
    def followers(self, room: str, seq: int) -> list[Event]: ...
    def search(
        self, text: str, *, rooms: Sequence[str], before: int | None, limit: int
    ) -> Pending[SearchPage]: ...
    def first_since(self, room: str, moment: datetime) -> Pending[int | None]: ...
    def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = HISTORY_LIMIT,
    ) -> History: ...


class Rooms(Protocol):
    """The rooms that somebody may see; a room that they may not cannot be found."""

    def visible_to(self, person: Person) -> list[Room]: ...
    def find(self, person: Person, name: str) -> Room: ...


class WritingRules(Protocol):
    """Whether somebody may write in a room just now; raises what stands against it."""

    def check_post(self, person: Person, room: Room) -> None: ...
    def check_change(self, person: Person, room: Room) -> None: ...


class Posted(msgspec.Struct, frozen=True):
    """A message on its way to the disk; `duplicate` if it was there, or on its way, before."""

    message: Pending[Event] | Pending[Message]
    duplicate: bool


class Resumed(msgspec.Struct, frozen=True, kw_only=True):
    """What happened while a client was away: all of it, or `recovered` is false and none."""

    recovered: bool
    events: list[Event]
    more: bool
    head: int
    epoch: str


class MessageManager:
    """Logs every message, and reads them back.

    `pace` is None where people may post as fast as they like. Managers of one log share their
    `deletions`.
    """

    def __init__(
        self,
        log: Log,
        *,
        rooms: Rooms,
        rules: WritingRules,
        pace: Pace | None,
        deletions: Deletions,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._log = log
        self._rooms = rooms
        self._rules = rules
        self._pace = pace
        self._deletions = deletions
        self._now = now
        self.max_text_bytes = MAX_TEXT_BYTES
        self._in_flight: dict[tuple[str, str], Pending[Event]] = {}

    def post(self, person: Person, joined: Set[str], post: Post) -> Posted:
        """Log a message of a person who is in the rooms `joined`.

        The same `cid` of the same sender is the same message: a retry gets the one that is
        there, and nothing is stored.
        """
        room = self._joined(person, joined, post.room)
        draft = self._drafted(person, room, post)
        sent_before = self._sent_before(draft)
        if sent_before is not None:
            return sent_before
        self._rules.check_post(person, room)
        self._keep_pace(person)
        message = self._log.append(draft)
        if draft.cid is not None:
            self._keep_in_flight((draft.sender, draft.cid), message)
        return Posted(message, duplicate=False)

    def edit(self, person: Person, joined: Set[str], edit: Edit) -> Pending[Event | None]:
        """Give an own message another text; None where it has that text already."""
        text = checked_text(edit.text, self.max_text_bytes)
        message = self._changeable(person, joined, edit.room, edit.seq)
        if message.sender != person.name:
            raise NotAllowed("Only who wrote a message may change its text.")
        if message.erased_at is not None:
            raise NotFound("That message has been erased.")
        if message.text == text:
            return Pending.of(None)
        return self._change(person, message, type="edit", text=text).then(lambda event: event)

    def delete(self, person: Person, joined: Set[str], delete: Delete) -> Pending[Event | None]:
        """Take a message's text away, an own one or, as an admin, any; None where it is gone."""
        message = self._message(self._joined(person, joined, delete.room), delete.seq)
        if message.deleted_by is not None:
            return Pending.of(None)
        if message.sender != person.name and not person.is_admin:
            raise NotAllowed("Only who wrote a message, or an admin, may delete it.")
        under_way = self._deletions.of(message.room, message.seq)
        if under_way is not None:
            return under_way.then(lambda _: None)
        deletion = self._change(person, message, type="delete")
        self._deletions.keep(message.room, message.seq, deletion)
        return deletion.then(lambda event: event)

    def react(self, person: Person, joined: Set[str], react: React) -> Pending[Event | None]:
        """Give or take back a reaction; None where it is as wanted already."""
        emoji = checked_emoji(react.emoji)
        message = self._changeable(person, joined, react.room, react.seq)
        given = person.name in (message.reactions or {}).get(emoji, ())
        if given == react.on:
            return Pending.of(None)
        change = self._change(person, message, type="react", emoji=emoji, on=react.on)
        return change.then(lambda event: event)

    def history(self, person: Person, query: ReadHistory) -> Pending[History]:
        """A page of messages, oldest first: before, after or around a seq, or the newest.

        With `since`, around the first message from that moment on, which has to be looked for;
        the newest if there is none. All else is there at once.
        """
        room = self._rooms.find(person, query.room).name
        bounds = (query.before, query.after, query.around, query.since)
        if sum(bound is not None for bound in bounds) > 1:
            raise BadPayload(
                "Ask for messages before, after or around a seq, or since a moment, "
                "one of them at a time."
            )
        if query.since is None:
            return Pending.of(self._page(room, query))
        return self._first_since(room, query.since).then(
            lambda found: self._page(room, query, found)
        )

    def _page(self, room: str, query: ReadHistory, found: int | None = None) -> History:
        page = self._log.history(
            room,
            before=query.before,
            after=query.after,
            around=query.around or found,
            limit=query.limit or HISTORY_LIMIT,
        )
        return msgspec.structs.replace(page, found=found)

    def _first_since(self, room: str, moment: datetime) -> Pending[int | None]:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise BadPayload(f"The log knows the years from {FIRST_YEAR} to {LAST_YEAR}.")
        return self._log.first_since(room, moment)

    def versions(self, person: Person, query: ReadVersions) -> list[Version]:
        """What a message has said, oldest first; what was erased from the log is not among it."""
        room = self._rooms.find(person, query.room)
        if self._message(room, query.seq).deleted_by is not None:
            raise NotFound("That message has been deleted.")
        first = self._log.events(room.name, after=query.seq - 1, limit=1)
        edits = (e for e in self._log.followers(room.name, query.seq) if e.type == "edit")
        return [Version(text=e.text, at=e.at) for e in (*first, *edits) if e.text]

    def search(self, person: Person, search: Search) -> Pending[SearchPage]:
        """Messages that say what is sought, newest first, in the rooms that the person may see."""
        if search.room is None:
            rooms = [room.name for room in self._rooms.visible_to(person)]
        else:
            rooms = [self._rooms.find(person, search.room).name]
        limit = search.limit or HISTORY_LIMIT
        return self._log.search(search.query, rooms=rooms, before=search.before, limit=limit)

    def resume(self, person: Person, query: Resume) -> Resumed:
        """Every event after the last that a client has; never a part with a hole in it."""
        room = self._rooms.find(person, query.room).name
        head, epoch = self._log.head(room), self._log.epoch
        if query.epoch != epoch or query.after > head:
            return Resumed(recovered=False, events=[], more=False, head=head, epoch=epoch)
        events = self._log.events(room, after=query.after, limit=RESUME_LIMIT)
        if query.after < head and (not events or events[0].seq != query.after + 1):
            return Resumed(recovered=False, events=[], more=False, head=head, epoch=epoch)
        more = query.after + len(events) < head
        told = [self._as_told_now(event) for event in events]
        return Resumed(recovered=True, events=told, more=more, head=head, epoch=epoch)

    def head(self, room: str) -> int:
        """The seq of the last event in a room; 0 where nothing happened yet."""
        return self._log.head(room)

    @property
    def epoch(self) -> str:
        """Changes when numbers of the log can no longer be trusted to mean the same."""
        return self._log.epoch

    def _drafted(self, person: Person, room: Room, post: Post) -> Draft:
        """The post as a draft, once its own rules are kept."""
        text = checked_text(post.text, self.max_text_bytes)
        cid = None if post.cid is None else checked_cid(post.cid)
        if post.reply_to is not None:
            self._message(room, post.reply_to)
        return Draft(room=room.name, sender=person.name, text=text, cid=cid, reply_to=post.reply_to)

    def _message(self, room: Room, seq: int) -> Message:
        """A message of a room; it may be a deleted one."""
        message = self._log.message(room.name, seq)
        if message is None:
            raise NotFound(f"There is no message {seq} in {room.name!r}.")
        return message

    def _changeable(self, person: Person, joined: Set[str], name: str, seq: int) -> Message:
        room = self._joined(person, joined, name)
        message = self._message(room, seq)
        if message.deleted_by is not None or self._deletions.of(room.name, seq) is not None:
            raise NotFound("That message has been deleted.")
        self._rules.check_change(person, room)
        return message

    def _change(self, person: Person, message: Message, **what: Any) -> Pending[Event]:
        self._keep_pace(person)
        draft = Draft(room=message.room, sender=person.name, target=message.seq, **what)
        return self._log.append(draft)

    def _joined(self, person: Person, joined: Set[str], name: str) -> Room:
        """A room that the person may see and is in."""
        room = self._rooms.find(person, name)
        if room.name not in joined:
            raise NotAMember(f"Join {room.name!r} first.")
        return room

    def _as_told_now(self, event: Event) -> Event:
        """An event of the past without the text of a message that was deleted since."""
        if event.text is None:
            return event
        message = self._log.message(event.room, event.target or event.seq)
        if message is None or message.deleted_by is None:
            return event
        return msgspec.structs.replace(event, text="")

    def _keep_pace(self, person: Person) -> None:
        if self._pace is not None:
            self._pace.check(person.key, self._now())

    def _sent_before(self, draft: Draft) -> Posted | None:
        if draft.cid is None:
            return None
        under_way = self._in_flight.get((draft.sender, draft.cid))
        if under_way is not None:
            return Posted(under_way, duplicate=True)
        logged = self._log.find_cid(draft.sender, draft.cid)
        return None if logged is None else Posted(Pending.of(logged), duplicate=True)

    def _keep_in_flight(self, key: tuple[str, str], message: Pending[Event]) -> None:
        self._in_flight[key] = message
        message.when_done(lambda _: self._in_flight.pop(key))
