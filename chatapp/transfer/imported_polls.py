"""The polls of imported messages, and the votes in them.

A vote is what it was, with the id of its person. In an anonymous poll, that is a digest which only
the server knew that the poll comes from.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.limits import MAX_INTEGER, MAX_OPTIONS, checked_name
from chatapp.domain.model import Poll, Votes
from chatapp.domain.polls import checked_words


def checked_imported_poll(poll: Poll) -> Poll:
    """Raises ValueError or ChatError for what no export has."""
    return msgspec.structs.replace(
        checked_words(poll),
        closes_at=poll.closes_at and _moment(poll.closes_at),
        closed_at=poll.closed_at and _moment(poll.closed_at),
        closed_by=poll.closed_by and checked_name(poll.closed_by),
        votes=_checked_result(poll, poll.votes) if poll.votes and poll.closed_at else None,
    )


def checked_vote(options: Sequence[int]) -> list[int]:
    if not all(0 <= option < MAX_OPTIONS for option in options):
        raise ValueError("it is a vote for an option that there cannot be")
    return sorted(set(options))


def _checked_result(poll: Poll, votes: Votes) -> Votes:
    counts = votes.counts or []
    if len(counts) != len(poll.options) or not all(
        0 <= count <= MAX_INTEGER for count in (votes.voters, *counts)
    ):
        raise ValueError("it has a poll whose result does not fit its options")
    return Votes(voters=votes.voters, counts=counts)


def _moment(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
