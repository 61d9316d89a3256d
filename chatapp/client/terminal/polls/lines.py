"""A poll as lines: each option with its number, its bar, its votes, and who gave the first ones."""

from rich.cells import cell_len

from chatapp.client.terminal.saved_messages.commands import shown_time
from chatapp.domain.model import Poll, Votes
from chatapp.domain.visible import visible

BAR_CELLS = 10


def poll_lines(poll: Poll) -> list[str]:
    votes = poll.votes or Votes(voters=0, counts=[0] * len(poll.options))
    width = max(map(cell_len, poll.options))
    return [visible(poll.question), *(_option(poll, votes, n, width) for n in _places(poll))]


def poll_state(seq: int, poll: Poll) -> str:
    """`3 people voted · anonymous · /vote #12 N`"""
    voters = poll.votes.voters if poll.votes else 0
    parts = [f"{voters:,} {'person' if voters == 1 else 'people'} voted"]
    if poll.anonymous:
        parts.append("anonymous")
    if poll.closed_at is not None:
        by = f" by {visible(poll.closed_by)}" if poll.closed_by else ""
        return " · ".join([*parts, f"closed{by}"])
    if poll.hidden:
        parts.append("votes are hidden until it is closed")
    if poll.closes_at is not None:
        parts.append(f"closes {shown_time(poll.closes_at)}")
    several = " N…" if poll.multiple else " N"
    return " · ".join([*parts, f"/vote #{seq}{several}"])


def result_line(poll: Poll) -> str:
    """`Pizza 3, Salad 1`"""
    counts = (poll.votes and poll.votes.counts) or []
    results = zip(poll.options, counts, strict=False)
    return visible(", ".join(f"{option} {count:,}" for option, count in results))


def _places(poll: Poll) -> range:
    return range(len(poll.options))


def _option(poll: Poll, votes: Votes, place: int, width: int) -> str:
    own = "*" if place in (votes.own or ()) else " "
    option = visible(poll.options[place])
    line = f"{own}{place + 1:>2}. {option}"
    if votes.counts is None:
        return line
    count = votes.counts[place]
    full = round(BAR_CELLS * count / votes.voters) if votes.voters else 0
    bar = "█" * full + "░" * (BAR_CELLS - full)
    padding = " " * (width - cell_len(option))
    return f"{line}{padding}  {bar} {count:,}{_names(votes, place, count)}"


def _names(votes: Votes, place: int, count: int) -> str:
    names = votes.names[place] if votes.names else []
    more = [f"{count - len(names):,} more"] if names and count > len(names) else []
    return f" ({visible(', '.join([*names, *more]))})" if names else ""
