"""Polls: what one may look like, how votes are counted, and what is told of them.

A poll is a message. Its text is the question with the options as a list, so that people read it
where nothing knows polls; when it is closed, the list has the result. Votes are reactions with the
ballot box, and say what was chosen: the last vote of a person counts, and replaces all of theirs.
Of an anonymous poll, a vote has no name, and instead of its person's id a digest that only the
server could make (`features/polls/`).

    hidden, and still open    nobody is told what was chosen, only how many people have voted
    anonymous                 nobody is ever told who has voted
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload, Empty, TooLong
from chatapp.domain.limits import (
    MAX_OPTION_CHARACTERS,
    MAX_OPTIONS,
    MAX_POLL_DAYS,
    MAX_QUESTION_CHARACTERS,
    MIN_OPTIONS,
    checked_text,
)
from chatapp.domain.model import Draft, Event, Message, Poll, Votes

BALLOT = "🗳️"
"""Clients that do not know polls show who has voted as who has given this reaction."""
ANONYMOUS = ""
"""The sender of a vote in an anonymous poll."""
NAMES_OF_OPTION = 3
"""Of the people who voted for an option, the first ones are told with the poll."""

Chosen = int
"""The options of a vote as bits: the first option is 1, the second 2, the third 4."""


def checked_poll(poll: Poll, now: datetime) -> Poll:
    """A new poll with its texts as they are stored."""
    if poll.closes_at is not None:
        closes_at = datetime.fromisoformat(poll.closes_at)
        if closes_at <= now:
            raise BadPayload("That time has passed. Choose a later one.")
        if closes_at > now + timedelta(days=MAX_POLL_DAYS):
            raise BadPayload("A poll can be open for a year, not for longer.")
    return checked_words(poll)


def checked_words(poll: Poll) -> Poll:
    """A poll with its question and its options as they are stored."""
    question = _checked_phrase(poll.question, "question", MAX_QUESTION_CHARACTERS)
    options = [_checked_phrase(each, "option", MAX_OPTION_CHARACTERS) for each in poll.options]
    if not MIN_OPTIONS <= len(options) <= MAX_OPTIONS:
        raise BadPayload(f"A poll has {MIN_OPTIONS} to {MAX_OPTIONS} options.")
    if len({option.casefold() for option in options}) < len(options):
        raise BadPayload("Two options of the poll are the same.")
    return msgspec.structs.replace(poll, question=question, options=options)


def checked_choice(poll: Poll, options: Sequence[int]) -> list[int]:
    """The options of a vote, each once and in order; none of them withdraws the vote."""
    chosen = sorted(set(options))
    if chosen and not 0 <= chosen[0] <= chosen[-1] < len(poll.options):
        raise BadPayload(f"The options of this poll are 0 to {len(poll.options) - 1}.")
    if len(chosen) > 1 and not poll.multiple:
        raise BadPayload("In this poll, one option can be chosen.")
    return chosen


def text_of(poll: Poll) -> str:
    """The poll as Markdown, with what is known of the votes."""
    lines = [poll.question, ""]
    counts = poll.votes.counts if poll.votes else None
    for place, option in enumerate(poll.options):
        result = f" — {_counted(counts[place], 'vote')}" if counts else ""
        lines.append(f"{place + 1}. {option}{result}")
    if poll.votes and counts and poll.closed_at:
        voted = _counted(poll.votes.voters, "person", "people")
        lines += ["", f"*The poll is closed. {voted} voted.*"]
    return "\n".join(lines)


def is_open(message: Message) -> bool:
    return message.poll is not None and message.poll.closed_at is None


def is_vote(event: Draft) -> bool:
    return event.type == "react" and event.vote is not None


def is_closing(event: Draft) -> bool:
    """Whether an edit closes a poll, and repeats the result as text."""
    return event.type == "edit" and event.poll is not None


def closing_time(event: Draft) -> datetime | None:
    """When the poll of a new message closes by itself, if it does."""
    poll = event.poll
    if event.type != "message" or poll is None or poll.closes_at is None or poll.closed_at:
        return None
    return datetime.fromisoformat(poll.closes_at)


def voter_of(vote: Draft) -> str:
    """Whose vote it is. The person's name, in what was imported without ids."""
    return f"name {vote.sender}" if vote.by is None else vote.by


def bits_of(options: Iterable[int]) -> Chosen:
    """Only of options that there can be: the log of another program may have others."""
    return sum(1 << option for option in set(options) if 0 <= option < MAX_OPTIONS)


def options_of(bits: Chosen) -> list[int]:
    return [place for place in range(bits.bit_length()) if bits >> place & 1]


def counted(poll: Poll, votes: Iterable[Event]) -> Votes:
    """All votes of a poll, oldest first, as they are told."""
    latest: dict[str, Event] = {}
    for vote in votes:
        latest.pop(voter_of(vote), None)
        if vote.vote:
            latest[voter_of(vote)] = vote
    names: list[list[str]] = [[] for _ in poll.options]
    for vote in latest.values():
        for option in vote.vote or ():
            if option < len(names):
                names[option].append(vote.sender)
    return told(
        poll,
        Votes(
            voters=len(latest),
            counts=[len(each) for each in names],
            names=[each[:NAMES_OF_OPTION] for each in names],
        ),
    )


def told(poll: Poll, votes: Votes) -> Votes:
    """What everybody may know of the votes now. What was counted when the poll was closed is what
    counts."""
    if poll.closed_at is None and poll.hidden:
        return Votes(voters=votes.voters)
    if poll.closed_at is not None and poll.votes:
        names = votes.names if any(votes.names or ()) else None
        votes = msgspec.structs.replace(poll.votes, names=names)
    return msgspec.structs.replace(votes, names=None) if poll.anonymous else votes


def with_votes(message: Message, votes: Votes) -> Message:
    """`votes` as they are counted."""
    if message.poll is None:
        return message
    poll = msgspec.structs.replace(message.poll, votes=told(message.poll, votes))
    return msgspec.structs.replace(message, poll=poll)


def closed(poll: Poll, votes: Votes, at: datetime, by: str | None) -> Poll:
    """The poll with its result; `by` closed it, if not its author."""
    return msgspec.structs.replace(
        poll,
        closed_at=timestamp(at),
        closed_by=by,
        votes=Votes(voters=votes.voters, counts=votes.counts),
    )


def as_copied(poll: Poll) -> Poll:
    """A poll in the copy of its message: with its result, and without the votes themselves."""
    result = poll.votes if poll.closed_at else None
    votes = result and msgspec.structs.replace(result, names=None, own=None)
    return msgspec.structs.replace(poll, votes=votes)


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _checked_phrase(value: str, what: str, most: int) -> str:
    """A line of text, as people write it."""
    line = re.sub(r"\s+", " ", unicodedata.normalize("NFC", value)).strip()
    if not line:
        raise Empty(f"The {what} is empty.")
    if len(line) > most:
        raise TooLong(f"A poll's {what} has at most {most} characters; this one has {len(line)}.")
    return checked_text(line)
