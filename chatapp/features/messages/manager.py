"""The rules of messages: posting exactly once, changing, reading and searching.

A message exists once it is in the log. The future of `post()` is done when the log has the message
on disk; nobody sees it before, and acknowledged messages are never lost.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

import msgspec

from chatapp.domain.errors import BadPayload, NotAllowed, NotAMember, NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    HISTORY_LIMIT,
    MAX_TEXT_BYTES,
    checked_cid,
    checked_emoji,
    checked_text,
)
from chatapp.domain.model import Appended, Draft, Event, History, Message, Person, Room, Version
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import is_author, require_author, require_may_delete
from chatapp.domain.subjects import deletion_of, subject_of
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.searching import ShownLike, rooms_called, time_zone, with_people
from chatapp.index.fold import has_reacted
from chatapp.index.reader import SearchPage
from chatapp.ports import MessageStore
from chatapp.protocol.answers import ResumedEvents
from chatapp.protocol.requests import (
    Delete,
    Edit,
    Post,
    React,
    ReadHistory,
    ReadVersions,
    Resume,
    Search,
)
from chatapp.text.query import parse

RESUME_LIMIT = 200
RESUME_BYTES = 256 * 1024
"""Maximum of events in one answer to `resume`; the client then asks again."""

MAX_EDITS = 50
"""Maximum of edits of a message: every later reader has to read them too."""
MAX_EMOJI = 30
"""Maximum of different reactions to a message."""
MAX_REACTION_CHANGES = 50
"""Maximum of times a person can add or remove reactions to one message."""

FIRST_YEAR, LAST_YEAR = 1970, 9998
"""The years that `since` accepts, in any time zone."""


class VisibleRooms(Protocol):
    """Finds the rooms that a person can see; other rooms cannot be found."""

    def visible_to(self, person: Person) -> list[Room]: ...
    def find(self, person: Person, name: str) -> Room: ...


class WritingRules(Protocol):
    """Checks whether somebody may write in a room now; raises an error if not."""

    def check_post(self, person: Person, room: Room) -> None: ...
    def is_slow(self, person: Person, room: Room) -> bool:
        """Whether this person has to wait between two posts in this room."""

    def check_change(self, person: Person, room: Room) -> None: ...


class Unneeded(NotFound):
    """Another process has made the same change of a message meanwhile. Nobody is told this."""


class MessageManager:
    """Appends messages to the log, and reads them. `origin` is the id of the connection that a
    request comes from: its client gets the answer, all other clients get the event from the feed.

    `pace` None means no rate limit. Managers of one log share their `decisions`. `shown_like` finds
    people by display name. `max_text_bytes()` is the current limit of a text. `is_in(id, room)`:
    whether a person is a member of a room. `check_stay(person)` raises an error if they would not
    come in any more: it is asked with all other rules again when another process changes these
    before something is appended.
    """

    def __init__(
        self,
        log: MessageStore,
        *,
        rooms: VisibleRooms,
        rules: WritingRules,
        pace: PersonPace | None,
        decisions: Decisions,
        shown_like: ShownLike = lambda _typed: (),
        max_text_bytes: Callable[[], int] = lambda: MAX_TEXT_BYTES,
        is_in: Callable[[str, Room], bool],
        check_stay: Callable[[Person], None] = lambda _person: None,
    ) -> None:
        self._check_stay = check_stay
        self._shown_like = shown_like
        self._log = log
        self._rooms = rooms
        self._rules = rules
        self._pace = pace
        self._decisions = decisions
        self._max_text_bytes = max_text_bytes
        self._is_in = is_in

    def post(self, person: Person, post: Post, origin: str | None = None) -> Future[Appended]:
        """Post a message by a member of its room.

        The same `cid` of the same sender in the same room is the same message: a retry gets the
        stored message, even if the sender may no longer write.
        """
        room = self._joined(person, post.room)
        draft = self._draft(person, room, post)
        subject = subject_of(draft)
        rests_on = (subject,) if self._rules.is_slow(person, room) else ()

        def check() -> None:
            self._rules.check_post(person, room)
            self._check_rate(person)

        def again() -> None:
            self._check_stay(person)
            self._rules.check_post(person, self._joined(person, room.name))

        def append() -> Future[Appended]:
            return self._log.append(
                draft, check=check, again=again, rests_on=rests_on, origin=origin
            )

        return self._decisions.make(subject, rests_on, append) if rests_on else append()

    def edit(self, person: Person, edit: Edit, origin: str | None = None) -> Future[Event | None]:
        """Change the text of one's own message; None if it already has that text."""
        text = checked_text(edit.text, self._max_text_bytes())

        def is_needed(room: Room) -> bool:
            message = self._changeable(person, room, edit.seq)
            require_author(person, message)
            if message.erased_at is not None:
                raise NotFound("That message has been erased.")
            if message.text == text:
                return False
            followers = self._log.followers(message.room, message.seq)
            if sum(event.type == "edit" for event in followers) >= MAX_EDITS:
                raise NotAllowed(f"A message can be edited {MAX_EDITS} times; write a new one.")
            return True

        return self._change(person, edit, is_needed, origin, type="edit", text=text)

    def delete(
        self, person: Person, delete: Delete, origin: str | None = None
    ) -> Future[Event | None]:
        """Delete one's own message or, as an admin, any; None if it is already deleted."""

        def is_needed(room: Room) -> bool:
            message = self._message(room, delete.seq)
            if message.deleted_by is not None:
                return False
            require_may_delete(person, message)
            return True

        return self._change(person, delete, is_needed, origin, type="delete")

    def react(
        self, person: Person, react: React, origin: str | None = None
    ) -> Future[Event | None]:
        """Add or remove a reaction; None if nothing changes."""
        emoji = checked_emoji(react.emoji)

        def is_needed(room: Room) -> bool:
            message = self._changeable(person, room, react.seq)
            followers = self._log.followers(message.room, message.seq)
            own = [one for one in followers if one.type == "react" and is_author(person, one)]
            if has_reacted(own, emoji, lambda _: True) == react.on:
                return False
            if react.on:
                self._require_room_for_reaction(message, emoji, len(own))
            return True

        return self._change(
            person, react, is_needed, origin, type="react", emoji=emoji, on=react.on
        )

    def history(self, person: Person, query: ReadHistory) -> Future[History]:
        """A page of messages, oldest first: before, after or around a seq, or the newest.

        With `since`, around the first message from that moment on, or the newest if there is none.
        Only `since` has to wait for the index; otherwise the future is already done.
        """
        room = self._rooms.find(person, query.room).name
        bounds = (query.before, query.after, query.around, query.since)
        if sum(bound is not None for bound in bounds) > 1:
            raise BadPayload(
                "Ask for messages before, after or around a seq, or since a moment, "
                "one of them at a time."
            )
        if query.since is None:
            return Future.of(self._page(room, query))
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

    def _first_since(self, room: str, moment: datetime) -> Future[int | None]:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise BadPayload(f"The year must be from {FIRST_YEAR} to {LAST_YEAR}.")
        return self._log.first_since(room, moment)

    def versions(self, person: Person, query: ReadVersions) -> list[Version]:
        """The versions of a message, oldest first, without erased texts."""
        room = self._rooms.find(person, query.room)
        if self._message(room, query.seq).deleted_by is not None:
            raise NotFound("That message has been deleted.")
        first = self._log.events(room.name, after=query.seq - 1, limit=1)
        edits = (e for e in self._log.followers(room.name, query.seq) if e.type == "edit")
        return [Version(text=e.text, at=e.at) for e in (*first, *edits) if e.text]

    def search(self, person: Person, search: Search) -> Future[SearchPage]:
        """Messages that match a query, newest first, in the rooms that the person can see."""
        query = with_people(parse(search.query, time_zone(search.tz)), person, self._shown_like)
        rooms = self._searched_rooms(person, search.room, query.rooms)
        limit = search.limit or HISTORY_LIMIT
        wanted = msgspec.structs.replace(query, rooms=())
        return self._log.search(wanted, rooms=rooms, before=search.before, limit=limit)

    def _searched_rooms(self, person: Person, only: str | None, typed: Sequence[str]) -> list[str]:
        """The names of the rooms in which a search may find something."""
        rooms = self._rooms.visible_to(person)
        if only is not None:
            rooms = [self._rooms.find(person, only)]
        if typed:
            called = {room.name for name in typed for room in rooms_called(name, rooms, person)}
            rooms = [room for room in rooms if room.name in called]
        return [room.name for room in rooms]

    def resume(self, person: Person, query: Resume) -> Future[ResumedEvents]:
        """All events after the last one that a client has, without gaps. It may have heard more at
        another process than there is here yet."""
        room = self._rooms.find(person, query.room).name
        if query.epoch != self._log.epoch:
            return Future.of(self._resumed(room, query))
        return self._log.reach(room, query.after).then(lambda _: self._resumed(room, query))

    def _resumed(self, room: str, query: Resume) -> ResumedEvents:
        head, epoch = self._log.head(room), self._log.epoch
        if query.epoch != epoch or query.after > head:
            return ResumedEvents(recovered=False, events=[], more=False, head=head, epoch=epoch)
        events = self._log.events(
            room, after=query.after, limit=RESUME_LIMIT, most_bytes=RESUME_BYTES
        )
        if query.after < head and (not events or events[0].seq != query.after + 1):
            return ResumedEvents(recovered=False, events=[], more=False, head=head, epoch=epoch)
        more = query.after + len(events) < head
        told = self._without_deleted_texts(room, events)
        return ResumedEvents(recovered=True, events=told, more=more, head=head, epoch=epoch)

    def head(self, room: str) -> int:
        """The seq of the last event in a room; 0 if there is none."""
        return self._log.head(room)

    @property
    def epoch(self) -> str:
        """The log's epoch. It changes when the log's numbers may have a different meaning."""
        return self._log.epoch

    def _draft(self, person: Person, room: Room, post: Post) -> Draft:
        """The post as a draft, with validated fields."""
        text = checked_text(post.text, self._max_text_bytes())
        cid = None if post.cid is None else checked_cid(post.cid)
        if post.reply_to is not None:
            self._message(room, post.reply_to)
        return Draft(
            room=room.name,
            sender=person.name,
            by=person.id,
            text=text,
            cid=cid,
            reply_to=post.reply_to,
        )

    def _message(self, room: Room, seq: int) -> Message:
        """A message of a room, possibly a deleted one."""
        message = self._log.message(room.name, seq)
        if message is None:
            raise NotFound(f"There is no message {seq} in {room.name!r}.")
        if message.system is not None:
            raise NotAllowed("The chat wrote this line; nobody can edit it or reply to it.")
        return message

    def _changeable(self, person: Person, room: Room, seq: int) -> Message:
        message = self._message(room, seq)
        if message.deleted_by is not None:
            raise NotFound("That message has been deleted.")
        self._rules.check_change(person, room)
        return message

    def _change(
        self,
        person: Person,
        change: Edit | Delete | React,
        is_needed: Callable[[Room], bool],
        origin: str | None,
        **what: Any,
    ) -> Future[Event | None]:
        """Append a change of a message if it `is_needed` there, which may raise an error too."""
        room = self._joined(person, change.room)
        draft = Draft(room=room.name, sender=person.name, by=person.id, target=change.seq, **what)
        rests_on = subject_of(draft), deletion_of(draft)

        def append() -> Future[Event | None]:
            if not is_needed(room):
                return Future.of(None)
            self._check_rate(person)
            return _unless_unneeded(
                self._log.append(draft, again=again, rests_on=rests_on, origin=origin)
            )

        def again() -> None:
            self._check_stay(person)
            if not is_needed(self._joined(person, room.name)):
                raise Unneeded("Someone else has done this already.")

        return self._decisions.make(subject_of(draft), rests_on, append)

    def _require_room_for_reaction(self, message: Message, emoji: str, own: int) -> None:
        given = message.reactions or {}
        if emoji not in given and len(given) >= MAX_EMOJI:
            raise NotAllowed(f"A message has at most {MAX_EMOJI} different reactions.")
        if own >= MAX_REACTION_CHANGES:
            raise NotAllowed("You have changed your reactions to this message too often.")

    def _joined(self, person: Person, name: str) -> Room:
        """A room that the person can see and is a member of."""
        room = self._rooms.find(person, name)
        if not self._is_in(person.id, room):
            raise NotAMember(f"Join {room.name!r} first.")
        return room

    def _without_deleted_texts(self, room: str, events: list[Event]) -> list[Event]:
        """Past events, without the texts of messages that were deleted later."""
        changeable = [event for event in events if event.text and event.system is None]
        messages = {event.target or event.seq for event in changeable}
        deleted = self._log.deleted(room, messages) if messages else set()
        return [
            msgspec.structs.replace(event, text="")
            if event.text and (event.target or event.seq) in deleted
            else event
            for event in events
        ]

    def _check_rate(self, person: Person) -> None:
        if self._pace is not None:
            self._pace.check(person)


def _unless_unneeded(appended: Future[Appended]) -> Future[Event | None]:
    outcome: Future[Event | None] = Future()

    def settle(_: Future[Appended]) -> None:
        if isinstance(appended.error, Unneeded):
            outcome.resolve(None)
        elif appended.error is not None:
            outcome.fail(appended.error)
        else:
            outcome.resolve(cast(Event, appended.result().event))

    appended.add_done_callback(settle)
    return outcome
