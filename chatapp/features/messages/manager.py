"""The rules of messages: posting exactly once, changing, reading and searching.

A message exists once it is in the log. The future of `post()` is done when the log has the message
on disk; nobody sees it before, and acknowledged messages are never lost.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from chatapp.domain.clock import Clock, now, timestamp
from chatapp.domain.edits import changes_text
from chatapp.domain.errors import BadPayload, NotAllowed, NotFound
from chatapp.domain.files import is_removal, removal_of
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    HISTORY_LIMIT,
    MAX_TEXT_BYTES,
    checked_cid,
    checked_emoji,
    checked_text,
)
from chatapp.domain.model import (
    Appended,
    Draft,
    Event,
    FileInfo,
    History,
    Message,
    Person,
    Poll,
    Room,
    Version,
    Via,
)
from chatapp.domain.polls import checked_poll, text_of
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import is_author, require_joined, require_may_delete, require_may_edit
from chatapp.domain.subjects import deletion_of, subject_of
from chatapp.features.files.attaching import Attaching, Attachments
from chatapp.features.messages.decisions import Decisions, Unneeded, unless_unneeded
from chatapp.features.messages.finding import message_in, require_undeleted
from chatapp.features.messages.searching import ShownLike, rooms_called, time_zone, with_people
from chatapp.features.messages.threading import require_thread, thread_for
from chatapp.index.fold import has_reacted
from chatapp.index.reader import SearchPage
from chatapp.ports import MessageStore
from chatapp.protocol.answers import ResumedEvents
from chatapp.protocol.requests import (
    AttachedFile,
    Delete,
    Edit,
    HidePreviews,
    NewPoll,
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


WithMarks = Callable[[Person, str, list[Message]], list[Message]]
AsTold = Callable[[Person, str, list[Event]], list[Event]]


class MessageManager:
    """Appends messages to the log, and reads them. `origin` is the id of the connection that a
    request comes from: its client gets the answer, all other clients get the event from the feed.

    `pace` None means no rate limit. Managers of one log share their `decisions`. `shown_like` finds
    people by display name. `max_text_bytes()` is the current limit of a text. `is_in(id, room)`:
    whether a person is a member of a room. `check_stay(person)` raises an error if they would not
    come in any more: it is asked with all other rules again when another process changes these
    before something is appended. `attachments` finds the files of a message; without it, there are
    none. `with_marks` adds to the messages of a folded page what is a person's own of their
    threads. `reaction(emoji, on)` is a reaction as it counts; raises an error if it is an emoji of
    the chat's own that is not there.
    `with_own_votes` adds to those of any page what they have chosen in polls. `as_told` leaves
    out of past events what a person may not know of votes. Nobody sees messages up to
    `removed_to(room)` in their room.
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
        attachments: Attachments | None = None,
        with_marks: WithMarks = lambda _person, _room, messages: messages,
        reaction: Callable[[str, bool], str] = lambda emoji, _on: emoji,
        with_own_votes: WithMarks = lambda _person, _room, messages: messages,
        as_told: AsTold = lambda _person, _room, events: events,
        clock: Clock = now,
        removed_to: Callable[[str], int] = lambda _room: 0,
    ) -> None:
        self._reaction = reaction
        self._with_own_votes = with_own_votes
        self._as_told = as_told
        self._clock = clock
        self._removed_to = removed_to
        self._attachments = attachments
        self._with_marks = with_marks
        self._check_stay = check_stay
        self._shown_like = shown_like
        self._log = log
        self._rooms = rooms
        self._rules = rules
        self._pace = pace
        self._decisions = decisions
        self._max_text_bytes = max_text_bytes
        self._is_in = is_in

    def post(
        self, person: Person, post: Post, origin: str | None = None, *, via: Via | None = None
    ) -> Future[Appended]:
        """Post a message by a member of its room. `via` is how a webhook's program calls itself.

        The same `cid` of the same sender in the same room is the same message: a retry gets the
        stored message, even if the sender may no longer write.
        """
        room = self._joined(person, post.room)
        draft = self._draft(person, room, post)
        if via is not None:
            draft = msgspec.structs.replace(draft, via=via)
        if not post.files:
            return self._post(person, room, draft, origin)
        attaching = self._attach(person, post.files, draft)
        if attaching.sent:
            return Future.of(Appended(attaching.sent, duplicate=True))
        posted = Future[Appended]()
        attaching.follow(posted)
        try:
            draft = msgspec.structs.replace(draft, files=attaching.files)
            self._post(person, room, draft, origin, attaching).pass_on(posted)
        except Exception as error:
            posted.fail(error)
            raise
        return posted

    def check(self, person: Person, post: Post) -> None:
        """Raises an error if this could not be posted whatever the rules allow: for later."""
        room = self._joined(person, post.room)
        require_thread(room, self._draft(person, room, post), self._message)
        if post.files:
            self._attached().check(person, post.files)

    def _post(
        self,
        person: Person,
        room: Room,
        draft: Draft,
        origin: str | None,
        attaching: Attaching | None = None,
    ) -> Future[Appended]:
        subject = subject_of(draft)
        slow = (subject,) if self._rules.is_slow(person, room) else ()
        rests_on = slow + attaching.rests_on if attaching else slow

        def check() -> None:
            self._rules.check_post(person, room)
            require_thread(room, draft, self._message)
            self._check_rate(person)

        def again() -> None:
            self._check_stay(person)
            now = self._joined(person, room.name)
            self._rules.check_post(person, now)
            require_thread(now, draft, self._message)
            if attaching:
                attaching.again()

        def append() -> Future[Appended]:
            return self._log.append(
                draft, check=check, again=again, rests_on=rests_on, origin=origin
            )

        return self._decisions.make(subject, slow, append) if slow else append()

    def _attach(
        self, person: Person, wanted: Sequence[str | AttachedFile], draft: Draft
    ) -> Attaching:
        return self._attached().attach(person, wanted, draft.room, draft.cid)

    def _attached(self) -> Attachments:
        if self._attachments is None:
            raise NotAllowed("Files cannot be sent here.")
        return self._attachments

    def edit(self, person: Person, edit: Edit, origin: str | None = None) -> Future[Event | None]:
        """Change the text of one's own message; None if it already has that text."""
        text = checked_text(edit.text, self._max_text_bytes())

        def is_needed(room: Room) -> bool:
            message = self._changeable(person, room, edit.seq)
            require_may_edit(person, message)
            if message.erased_at is not None:
                raise NotFound("That message has been erased.")
            if message.text == text:
                return False
            if message.poll is not None:
                raise NotAllowed("A poll cannot be edited, because people vote on its words.")
            followers = self._log.followers(message.room, message.seq)
            if sum(map(changes_text, followers)) >= MAX_EDITS:
                raise NotAllowed(f"A message can be edited {MAX_EDITS} times; write a new one.")
            return True

        return self._change(person, edit, is_needed, origin, type="edit", text=text)

    def hide_previews(
        self, person: Person, wanted: HidePreviews, origin: str | None = None
    ) -> Future[Event | None]:
        """Remove the previews of one's own message or, as an admin, of any; None if there are
        none."""
        text = self._message(self._joined(person, wanted.room), wanted.seq).text

        def is_needed(room: Room) -> bool:
            message = self._message(room, wanted.seq)
            require_undeleted(message)
            require_may_delete(person, message)
            return bool(message.previews) and message.text == text

        return self._change(person, wanted, is_needed, origin, type="edit", text=text, previews=[])

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

    def remove_file(
        self, person: Person, of: Delete, file: FileInfo, origin: str | None = None
    ) -> Future[Event | None]:
        """Remove a file from a message, which stays; None if that was done already."""

        def is_needed(room: Room) -> bool:
            require_may_delete(person, self._message(room, of.seq))
            edits = filter(is_removal, self._log.followers(room.name, of.seq))
            return not any(file.sha256 in (edit.blobs or ()) for edit in edits)

        gone = [removal_of(file)]
        return self._change(person, of, is_needed, origin, type="edit", text="", files=gone)

    def react(
        self, person: Person, react: React, origin: str | None = None
    ) -> Future[Event | None]:
        """Add or remove a reaction; None if nothing changes."""
        emoji = self._reaction(checked_emoji(react.emoji), react.on)

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
        if query.thread is not None:
            if query.folded:
                raise BadPayload("Ask for a thread, or for a room with folded threads.")
            if self._log.message(room, query.thread) is None:
                raise NotFound(f"There is no message {query.thread} in {room!r}.")
        bounds = (query.before, query.after, query.around, query.since)
        if sum(bound is not None for bound in bounds) > 1:
            raise BadPayload(
                "Ask for messages before, after or around a seq, or since a moment, "
                "one of them at a time."
            )
        if query.since is None:
            return Future.of(self._page(person, room, query))
        return self._first_since(room, query.since).then(
            lambda found: self._page(person, room, query, found)
        )

    def _page(
        self, person: Person, room: str, query: ReadHistory, found: int | None = None
    ) -> History:
        first = 1 if query.thread is not None else self._removed_to(room) + 1
        after, around = query.after, query.around or found
        page = self._log.history(
            room,
            before=query.before,
            after=None if after is None else max(after, first - 1),
            around=None if around is None else max(around, first),
            limit=query.limit or HISTORY_LIMIT,
            thread=query.thread,
            folded=query.folded,
        )
        if page.messages and page.messages[0].seq <= first:
            kept = [message for message in page.messages if message.seq >= first]
            page = msgspec.structs.replace(page, messages=kept, more_before=False)
        messages = page.messages
        if query.folded:
            messages = self._with_marks(person, room, messages)
        messages = self._with_own_votes(person, room, messages)
        return msgspec.structs.replace(page, messages=messages, found=found)

    def _first_since(self, room: str, moment: datetime) -> Future[int | None]:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise BadPayload(f"The year must be from {FIRST_YEAR} to {LAST_YEAR}.")
        return self._log.first_since(room, moment)

    def versions(self, person: Person, query: ReadVersions) -> list[Version]:
        """The versions of a message, oldest first, without erased texts."""
        room = self._rooms.find(person, query.room)
        require_undeleted(self._message(room, query.seq))
        first = self._log.events(room.name, after=query.seq - 1, limit=1)
        edits = filter(changes_text, self._log.followers(room.name, query.seq))
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
            return Future.of(self._resumed(person, room, query))

        def reached(_: None) -> ResumedEvents:
            self._rooms.find(person, room)  # they may have been removed meanwhile
            return self._resumed(person, room, query)

        return self._log.reach(room, query.after).then(reached)

    def _resumed(self, person: Person, room: str, query: Resume) -> ResumedEvents:
        head, epoch = self._log.head(room), self._log.epoch
        if query.epoch != epoch or query.after > head:
            return ResumedEvents(recovered=False, events=[], more=False, head=head, epoch=epoch)
        events = self._log.events(
            room, after=query.after, limit=RESUME_LIMIT, most_bytes=RESUME_BYTES
        )
        if query.after < head and (not events or events[0].seq != query.after + 1):
            return ResumedEvents(recovered=False, events=[], more=False, head=head, epoch=epoch)
        more = query.after + len(events) < head
        told = self.as_missed(person, room, events)
        return ResumedEvents(recovered=True, events=told, more=more, head=head, epoch=epoch)

    def as_missed(self, person: Person, room: str, events: list[Event]) -> list[Event]:
        """Past events of a room, each as this person may hear of it now."""
        return self._as_told(person, room, self._without_deleted_texts(room, events))

    def head(self, room: str) -> int:
        """The seq of the last event in a room; 0 if there is none."""
        return self._log.head(room)

    @property
    def epoch(self) -> str:
        """The log's epoch. It changes when the log's numbers may have a different meaning."""
        return self._log.epoch

    def _draft(self, person: Person, room: Room, post: Post) -> Draft:
        """The post as a draft, with validated fields."""
        poll = None if post.poll is None else self._checked_poll(post, post.poll)
        written = text_of(poll) if poll else post.text
        has_text = written or not post.files
        text = checked_text(written, self._max_text_bytes()) if has_text else ""
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
            thread=thread_for(room, post, self._message),
            also_to_room=post.also_to_room or None,
            poll=poll,
        )

    def _checked_poll(self, post: Post, poll: NewPoll) -> Poll:
        if post.text or post.files:
            raise BadPayload("A poll has a question and options, and no text or files of its own.")
        closes_at = poll.closes_at and timestamp(poll.closes_at)
        wanted = Poll(
            question=poll.question,
            options=poll.options,
            multiple=poll.multiple,
            anonymous=poll.anonymous,
            hidden=poll.hidden,
            closes_at=closes_at or None,
        )
        return checked_poll(wanted, self._clock())

    def _message(self, room: Room, seq: int) -> Message:
        """A message of a room, possibly a deleted one."""
        message = message_in(room, seq, self._log)
        if message.system is not None:
            raise NotAllowed("The chat wrote this line; nobody can edit it or reply to it.")
        return message

    def _changeable(self, person: Person, room: Room, seq: int) -> Message:
        message = self._message(room, seq)
        require_undeleted(message)
        self._rules.check_change(person, room)
        return message

    def _change(
        self,
        person: Person,
        change: Edit | Delete | React | HidePreviews,
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
            return unless_unneeded(
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
        require_joined(room, self._is_in(person.id, room))
        return room

    def _without_deleted_texts(self, room: str, events: list[Event]) -> list[Event]:
        """Past events, without the texts of messages that were deleted later."""
        changeable = [
            event for event in events if (event.text or event.files) and event.system is None
        ]
        messages = {event.target or event.seq for event in changeable}
        deleted = self._log.deleted(room, messages) if messages else set()
        return [
            msgspec.structs.replace(
                event,
                text="",
                files=None,
                previews=None,
                poll=None,
                forwarded=None,
                via=None,
            )
            if (event.text or event.files) and (event.target or event.seq) in deleted
            else event
            for event in events
        ]

    def _check_rate(self, person: Person) -> None:
        if self._pace is not None:
            self._pace.check(person)
