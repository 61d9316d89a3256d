"""Reads how polls stand: the index has most votes, and the newest are in memory."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import msgspec

from chatapp.domain.clock import milliseconds, moment_of, timestamp
from chatapp.domain.model import Event, Message, Votes
from chatapp.domain.polls import (
    NAMES_OF_OPTION,
    Chosen,
    bits_of,
    closing_time,
    options_of,
    voter_of,
    with_votes,
)
from chatapp.index.polls.lookup import IndexedVoter, OpenPoll, PollLookup
from chatapp.index.recent_events import RecentEvents

KEPT = 200
"""Polls of which it is remembered how they stand."""


class OwnVote(msgspec.Struct, frozen=True):
    """The options that somebody has chosen in a poll, when they did, and how often they have voted
    there."""

    options: list[int]
    at: str
    votes: int


class PollReader:
    """`lookup()` are the polls of the index."""

    def __init__(self, lookup: Callable[[], PollLookup], tail: RecentEvents) -> None:
        self._lookup = lookup
        self._tail = tail
        self._kept: dict[tuple[str, int], PollStanding] = {}
        """How polls stood when they were last asked for, the longest ago first."""

    def with_votes(self, room: str, messages: list[Message]) -> list[Message]:
        """Messages of a room, their polls with what everybody may know of the votes."""
        if not any(message.poll for message in messages):
            return messages
        with self._lookup().at_once():
            return [
                with_votes(message, self._standing(message).votes()) if message.poll else message
                for message in messages
            ]

    def counted(self, message: Message) -> Votes:
        """The votes of a poll, whoever may know them."""
        with self._lookup().at_once():
            return self._standing(message).votes()

    def own(self, room: str, voters: Mapping[int, str]) -> dict[int, OwnVote]:
        """The votes of these people, by the seqs of the polls, of those who have voted."""
        found: dict[int, OwnVote] = {}
        indexed = self._lookup().choices(room, voters.items())
        for (seq, voter), choice in zip(voters.items(), indexed, strict=True):
            newer = [one for one in self._tail.votes(room, seq) if voter_of(one) == voter]
            if newer:
                last, votes = newer[-1], choice.changes + len(newer)
                found[seq] = OwnVote(options_of(bits_of(last.vote or ())), last.at, votes)
            elif choice.changes:
                at = timestamp(moment_of(choice.at))
                found[seq] = OwnVote(options_of(choice.choice), at, choice.changes)
        return found

    def voters(
        self, room: str, poll: int, option: int, after: int, limit: int
    ) -> list[IndexedVoter]:
        """Who voted for an option, by the seqs of their votes, which are above `after`."""
        newer = self._newer(room, poll)
        indexed = self._lookup().voters(room, poll, option, after, limit + len(newer))
        kept = [one for one in indexed if one.voter not in newer]
        kept += [one for one in _of_option(newer, option) if one.seq > after]
        return kept[:limit]

    def waiting(self) -> list[OpenPoll]:
        """The polls that close by themselves, and perhaps some that are closed or deleted."""
        newer = (entry.event for entry in self._tail.entries)
        return self._lookup().waiting() + [
            OpenPoll(event.room, event.seq, milliseconds(moment))
            for event in newer
            if (moment := closing_time(event))
        ]

    def _newer(self, room: str, poll: int) -> dict[str, Event]:
        """The last vote here of each person, by its time."""
        latest: dict[str, Event] = {}
        for vote in self._tail.votes(room, poll):
            latest.pop(voter_of(vote), None)
            latest[voter_of(vote)] = vote
        return latest

    def _standing(self, message: Message) -> "PollStanding":
        """Of one state of the index. What was counted before is not counted again until the index
        has changed, or newer votes are in memory no longer."""
        lookup, place = self._lookup(), (message.room, message.seq)
        state = lookup.version(), self._tail.generation
        standing = self._kept.pop(place, None)
        if standing is None or standing.lookup is not lookup or standing.state != state:
            options = len(message.poll.options) if message.poll else 0
            standing = PollStanding(lookup, state, *place, options)
        self._kept[place] = standing
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        standing.take(self._tail.votes(*place))
        return standing


class PollStanding:
    """The votes of a poll: those in a state of the index, and newer ones."""

    def __init__(
        self, lookup: PollLookup, state: tuple[int, int], room: str, seq: int, options: int
    ) -> None:
        self.lookup = lookup
        self.state = state
        self._place = room, seq
        self._fetched = NAMES_OF_OPTION
        self._indexed = lookup.polls(room, [seq], NAMES_OF_OPTION)[seq]
        self._voters = self._indexed.voters
        self._counts = [self._indexed.counts.get(option, 0) for option in range(options)]
        self._chosen: dict[str, Chosen] = {}
        """What the people of newer votes have chosen."""
        self._names: list[dict[str, str]] = [{} for _ in range(options)]
        """Their names, by option and person, by the times of their votes."""
        self._taken = 0

    def take(self, votes: Sequence[Event]) -> None:
        """All newer votes, oldest first, of which some were taken before."""
        new = votes[self._taken :]
        room, poll = self._place
        unknown = {voter_of(vote) for vote in new} - self._chosen.keys()
        if unknown:
            asked = [(poll, voter) for voter in unknown]
            before = self.lookup.choices(room, asked)
            self._chosen |= {voter: one.choice for voter, one in zip(unknown, before, strict=True)}
        for vote in new:
            self._take(voter_of(vote), vote.sender, bits_of(vote.vote or ()))
        self._taken = len(votes)

    def _take(self, voter: str, name: str, choice: Chosen) -> None:
        before, self._chosen[voter] = self._chosen[voter], choice
        self._voters += bool(choice) - bool(before)
        for option, names in enumerate(self._names):
            self._counts[option] += (choice >> option & 1) - (before >> option & 1)
            names.pop(voter, None)
            if choice >> option & 1:
                names[voter] = name

    def votes(self) -> Votes:
        names = [self._first(option) for option in range(len(self._counts))]
        return Votes(voters=self._voters, counts=list(self._counts), names=names)

    def _first(self, option: int) -> list[str]:
        """The names of who chose an option first: whoever has voted anew comes later."""
        found = self._indexed.first.get(option, [])
        kept = [one.name for one in found if one.voter not in self._chosen]
        if len(kept) < NAMES_OF_OPTION and len(found) == self._fetched:
            room, seq = self._place
            self._fetched = NAMES_OF_OPTION + len(self._chosen)
            self._indexed = self.lookup.polls(room, [seq], self._fetched)[seq]
            found = self._indexed.first.get(option, [])
            kept = [one.name for one in found if one.voter not in self._chosen]
        return [*kept, *islice(self._names[option].values(), NAMES_OF_OPTION)][:NAMES_OF_OPTION]


def _of_option(newer: Mapping[str, Event], option: int) -> list[IndexedVoter]:
    return [
        IndexedVoter(vote.seq, vote.sender, voter)
        for voter, vote in newer.items()
        if option in (vote.vote or ())
    ]
