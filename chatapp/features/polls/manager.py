"""The rules of polls: voting, closing, and what each reader may know of the votes.

A poll is posted as a message (`features/messages/`). A vote is a reaction, and the end of a poll an
edit in its author's name, whose text has the result. The result is exact: a poll is closed when all
votes before it are in the log, and rests on them; a vote rests on the poll being open.

The vote in an anonymous poll has a digest in the place of its person's id: of the id, the poll, and
a secret of the server. So one person still has one vote.
"""

import hmac
from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import BadPayload, NotAllowed, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_VOTE_CHANGES, MAX_VOTERS_AT_ONCE
from chatapp.domain.model import Draft, Event, Message, Person, Poll, Room, Votes
from chatapp.domain.polls import (
    ANONYMOUS,
    BALLOT,
    checked_choice,
    closed,
    is_closing,
    is_open,
    is_vote,
    text_of,
)
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import is_author, require_joined, require_may_close
from chatapp.domain.subjects import deletion_of, votes_of
from chatapp.features.messages.decisions import Decisions, Unneeded, unless_unneeded
from chatapp.features.messages.finding import message_in, require_undeleted
from chatapp.index.polls.lookup import IndexedVoter
from chatapp.ports import MessageStore
from chatapp.protocol.requests import ClosePoll, ListVoters, Vote

COUNTS = 20
"""How often a poll is counted again because people vote at other processes while it is closed."""


class PollRooms(Protocol):
    """Finds the rooms that a person can see."""

    def find(self, person: Person, name: str) -> Room: ...


class VotingRules(Protocol):
    def check_change(self, person: Person, room: Room) -> None:
        """Raises an error if somebody cannot change anything in a room now."""


class CountedAgain(Unavailable):
    """Somebody has voted at another process while a poll was being closed here."""


class PollManager:
    """`is_in(id, room)`: whether a person is a member of a room. `check_stay(person)` raises an
    error if they would not come in any more. `secret` is the same for all processes of a chat."""

    def __init__(
        self,
        log: MessageStore,
        *,
        rooms: PollRooms,
        rules: VotingRules,
        pace: PersonPace | None,
        decisions: Decisions,
        is_in: Callable[[str, Room], bool],
        check_stay: Callable[[Person], None] = lambda _person: None,
        clock: Clock,
        secret: bytes,
    ) -> None:
        self._log = log
        self._rooms = rooms
        self._rules = rules
        self._pace = pace
        self._decisions = decisions
        self._is_in = is_in
        self._check_stay = check_stay
        self._clock = clock
        self._secret = secret

    # Voting

    def vote(self, person: Person, vote: Vote, origin: str | None = None) -> Future[Event | None]:
        """Choose options in place of those chosen before; None if they are the same."""
        room = self._joined(person, vote.room)
        message = self._votable(person, room, vote)
        poll = _poll_of(message)
        chosen = checked_choice(poll, vote.options)
        draft = Draft(
            room=room.name,
            sender=ANONYMOUS if poll.anonymous else person.name,
            by=self._voter(person, message),
            type="react",
            target=message.seq,
            emoji=BALLOT,
            on=bool(chosen),
            vote=chosen,
        )
        rests_on = (deletion_of(draft),)

        def again() -> None:
            self._check_stay(person)
            self._votable(person, self._joined(person, room.name), vote)

        def append() -> Future[Event | None]:
            again()
            if self._has_voted(draft, chosen):
                return Future.of(None)
            if self._pace is not None:
                self._pace.check(person)
            return unless_unneeded(
                self._log.append(draft, again=again, rests_on=rests_on, origin=origin)
            )

        return self._decisions.make(votes_of(draft), rests_on, append)

    def _votable(self, person: Person, room: Room, vote: Vote) -> Message:
        """A message with an open poll in which a person may vote now."""
        message = self._message(room, vote.seq)
        poll = _poll_of(message)
        is_over = poll.closes_at is not None and poll.closes_at <= timestamp(self._clock())
        if not is_open(message) or is_over:
            raise NotAllowed("This poll is closed.")
        self._rules.check_change(person, room)
        return message

    def _has_voted(self, draft: Draft, chosen: list[int]) -> bool:
        """Whether this is somebody's vote already. Raises an error if they change it too often."""
        poll, voter = draft.target or 0, draft.by or ""
        before = self._log.own_votes(draft.room, {poll: voter}).get(poll)
        if (before.options if before else []) == chosen:
            return True
        if before and before.votes >= MAX_VOTE_CHANGES:
            raise NotAllowed("You have changed your vote too often.")
        return False

    # Closing

    def close(
        self, person: Person, wanted: ClosePoll, origin: str | None = None
    ) -> Future[Event | None]:
        """Close one's own poll or, as an admin, any; None if it is closed already."""

        def check() -> bool:
            room = self._joined(person, wanted.room)
            message = self._message(room, wanted.seq)
            _poll_of(message)
            require_may_close(person, message)
            self._rules.check_change(person, room)
            return is_open(message)

        if not check():
            return Future.of(None)
        if self._pace is not None:
            self._pace.check(person)

        def check_again() -> None:
            self._check_stay(person)
            check()

        room = self._joined(person, wanted.room).name
        by = None if self._is_author(person, room, wanted.seq) else person.name
        return self._close(room, wanted.seq, by=by, again=check_again, origin=origin)

    def close_due(self, room: str, seq: int) -> Future[Event | None]:
        """Close a poll whose time has come; None if there is nothing to close."""
        return self._close(room, seq, by=None, again=lambda: None, origin=None)

    def _close(
        self,
        room: str,
        seq: int,
        *,
        by: str | None,
        again: Callable[[], None],
        origin: str | None,
        tries: int = COUNTS,
    ) -> Future[Event | None]:
        place = Draft(room=room, sender="", target=seq)
        rests_on = votes_of(place), deletion_of(place)

        def append() -> Future[Event | None]:
            again()
            message = self._log.message(room, seq)
            if message is None or message.poll is None or not is_open(message):
                return Future.of(None)
            votes = self._log.count_votes(message)
            poll = closed(message.poll, votes, self._clock(), by)
            draft = Draft(
                room=room,
                sender=message.sender,
                by=message.by,
                type="edit",
                target=seq,
                text=text_of(poll),
                poll=poll,
            )

            def check() -> None:
                again()
                self._require_same(room, seq, votes)

            return unless_unneeded(
                self._log.append(draft, again=check, rests_on=rests_on, origin=origin)
            )

        closing = self._decisions.make(deletion_of(place), rests_on, append)
        outcome: Future[Event | None] = Future()

        def settle(done: Future[Event | None]) -> None:
            if isinstance(done.error, CountedAgain) and tries:
                try:
                    self._close(
                        room, seq, by=by, again=again, origin=origin, tries=tries - 1
                    ).pass_on(outcome)
                except Exception as error:
                    outcome.fail(error)
            else:
                done.pass_on(outcome)

        closing.add_done_callback(settle)
        return outcome

    def _require_same(self, room: str, seq: int, votes: Votes) -> None:
        """Raises an error unless a poll is open with these votes."""
        message = self._log.message(room, seq)
        if message is None or message.poll is None or not is_open(message):
            raise Unneeded("The poll is closed already.")
        now = self._log.count_votes(message)
        if (now.voters, now.counts) != (votes.voters, votes.counts):
            raise CountedAgain("People are voting. Try again in a moment.")

    def _is_author(self, person: Person, room: str, seq: int) -> bool:
        message = self._log.message(room, seq)
        return message is not None and is_author(person, message)

    # What readers know

    def voters(self, person: Person, wanted: ListVoters) -> list[IndexedVoter]:
        """The people who chose an option, in the order in which they did."""
        message = self._message(self._rooms.find(person, wanted.room), wanted.seq)
        poll = _poll_of(message)
        if poll.anonymous:
            raise NotAllowed("This poll is anonymous.")
        if poll.hidden and is_open(message):
            raise NotAllowed("The votes are hidden until the poll is closed.")
        if wanted.option >= len(poll.options):
            raise BadPayload(f"The options of this poll are 0 to {len(poll.options) - 1}.")
        return self._log.voters(
            message.room,
            message.seq,
            wanted.option,
            after=wanted.after,
            limit=wanted.limit or MAX_VOTERS_AT_ONCE,
        )

    def with_own(self, person: Person, room: str, messages: list[Message]) -> list[Message]:
        """Messages of a room, with what somebody has chosen in their polls."""
        voters = {one.seq: self._voter(person, one) for one in messages if one.poll}
        own = self._log.own_votes(room, voters) if voters else {}
        return [
            replace(one, poll=_with_own(one.poll, own[one.seq].options))
            if one.poll and one.seq in own
            else one
            for one in messages
        ]

    def told(self, event: Event) -> Event:
        """An event as everybody may hear it: a vote, or the end of a poll."""
        if not is_vote(event) and not is_closing(event):
            return event
        return _told(event, self._log.message(event.room, event.target or 0))

    def told_to(self, person: Person, room: str, events: list[Event]) -> list[Event]:
        """The same of events of a room, with a person's own votes."""
        targets = {event.target or 0 for event in events if is_vote(event) or is_closing(event)}
        found = [one for seq in targets if (one := self._log.message(room, seq))]
        messages = {one.seq: one for one in self.with_own(person, room, found)}
        return [
            _told(event, messages.get(event.target or 0))
            if is_vote(event) or is_closing(event)
            else event
            for event in events
        ]

    def _voter(self, person: Person, message: Message) -> str:
        if message.poll is None or not message.poll.anonymous:
            return person.id
        said = f"vote {message.room} {message.seq} {person.id}"
        return f"vote:{hmac.digest(self._secret, said.encode(), 'sha256').hex()[:24]}"

    def _joined(self, person: Person, name: str) -> Room:
        room = self._rooms.find(person, name)
        require_joined(room, self._is_in(person.id, room))
        return room

    def _message(self, room: Room, seq: int) -> Message:
        message = message_in(room, seq, self._log)
        require_undeleted(message)
        return message


def _poll_of(message: Message) -> Poll:
    if message.poll is None:
        raise BadPayload(f"Message {message.seq} is no poll.")
    return message.poll


def _with_own(poll: Poll, own: list[int]) -> Poll:
    votes = poll.votes or Votes(voters=0)
    return replace(poll, votes=replace(votes, own=own))


def _told(event: Event, message: Message | None) -> Event:
    """A vote without what is secret, or the end of a poll; with how the poll stands now."""
    poll = message.poll if message else None
    if is_closing(event):
        return replace(event, poll=poll)
    is_secret = poll is None or poll.anonymous or (poll.hidden and poll.closed_at is None)
    return replace(
        event,
        by=None if event.sender == ANONYMOUS else event.by,
        vote=None if is_secret else event.vote,
        votes=(poll and poll.votes) or Votes(voters=0),
    )
