"""Polls as the HTML of an export shows them: with what everybody may know of the votes."""

from collections.abc import Sequence

import msgspec

from chatapp.domain.model import Poll


class ShownOption(msgspec.Struct, frozen=True):
    """An option, and how many people chose it; None while that is hidden."""

    text: str
    count: int | None
    names: str
    is_first: bool


class ShownPoll(msgspec.Struct, frozen=True):
    options: list[ShownOption]
    voters: int
    remarks: list[str]


def shown_poll(poll: Poll) -> ShownPoll:
    votes = poll.votes
    counts: Sequence[int | None] = (votes and votes.counts) or [None] * len(poll.options)
    names = (votes and votes.names) or [[] for _ in poll.options]
    most = max(filter(None, counts), default=0)
    options = [
        ShownOption(text, count, _listed(who, count), bool(count) and count == most)
        for text, count, who in zip(poll.options, counts, names, strict=True)
    ]
    return ShownPoll(options, votes.voters if votes else 0, _remarks(poll))


def _listed(names: list[str], count: int | None) -> str:
    """Names, and how many more."""
    more = (count or 0) - len(names)
    return ", ".join([*names, f"and {more} more"] if names and more > 0 else names)


def _remarks(poll: Poll) -> list[str]:
    remarks = ["Several answers"] if poll.multiple else []
    if poll.anonymous:
        remarks.append("Anonymous")
    if poll.closed_at:
        remarks.append(f"Closed by {poll.closed_by}" if poll.closed_by else "Closed")
    elif poll.hidden:
        remarks.append("The votes are hidden until the poll is closed")
    return remarks
