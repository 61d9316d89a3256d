"""How polls are typed in the terminal, and how they look there."""

from datetime import UTC, datetime

import msgspec
import pytest

from chatapp.client.terminal.polls.commands import written_poll
from chatapp.client.terminal.polls.lines import poll_lines, poll_state, result_line
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.slash_commands import WrongArguments
from chatapp.domain.errors import BadPayload
from chatapp.domain.model import Event, Poll, Votes

LUNCH = Poll(
    question="Lunch?",
    options=["Pizza", "Greek salad"],
    votes=Votes(voters=5, counts=[4, 1], names=[["ana", "bo", "cy"], ["dee"]], own=[1]),
)


def test_a_poll_is_typed_in_quotes_with_flags():
    typed = '“Lunch?” "Greek salad" Pizza --several --until "tomorrow 9:00" --hidden'

    poll = written_poll(typed)

    assert (poll.question, poll.options) == ("Lunch?", ["Greek salad", "Pizza"])
    assert poll.flags == {"several": True, "anonymous": False, "hidden": True}
    assert poll.until == "tomorrow 9:00"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", WrongArguments),
        ('"Lunch?" Pizza', WrongArguments),
        ('"Lunch?" a b --secret', WrongArguments),
        ('"Lunch?" a b --until', WrongArguments),
        ('"Lunch? a b', BadPayload),
    ],
)
def test_what_is_no_poll_is_refused(typed, error):
    with pytest.raises(error):
        written_poll(typed)


def test_a_poll_shows_bars_votes_names_and_what_one_chose():
    assert poll_lines(LUNCH) == [
        "Lunch?",
        "  1. Pizza        ████████░░ 4 (ana, bo, cy, 1 more)",
        "* 2. Greek salad  ██░░░░░░░░ 1 (dee)",
    ]
    assert poll_state(12, LUNCH) == "5 people voted · /vote #12 N"


def test_what_is_hidden_is_not_drawn_and_what_is_closed_says_so():
    hidden = msgspec.structs.replace(
        LUNCH, hidden=True, anonymous=True, multiple=True, votes=Votes(voters=1)
    )
    over = msgspec.structs.replace(LUNCH, closed_at="2026-12-01T09:00:00.000Z", closed_by="ada")

    assert poll_lines(hidden)[1:] == ["  1. Pizza", "  2. Greek salad"]
    assert poll_state(3, hidden) == (
        "1 person voted · anonymous · votes are hidden until it is closed · /vote #3 N…"
    )
    assert poll_state(3, over) == "5 people voted · closed by ada"
    assert result_line(over) == "Pizza 4, Greek salad 1"


def test_votes_and_the_end_of_a_poll_are_told_in_a_line():
    transcript = Transcript(colour=False)
    at = datetime(2026, 12, 1, tzinfo=UTC).isoformat()
    vote = Event("tea", "ana", type="react", target=4, on=True, votes=LUNCH.votes, seq=5, at=at)
    withdrawn = msgspec.structs.replace(vote, sender="", on=False)
    closing = Event("tea", "ana", type="edit", text="…", target=4, poll=LUNCH, seq=6, at=at)

    told = [transcript.change(event) for event in (vote, withdrawn, closing)]

    assert told == [
        "ana voted (#4)",
        "Someone withdrew a vote (#4)",
        "The poll #4 is closed: Pizza 4, Greek salad 1",
    ]
