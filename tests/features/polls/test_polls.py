"""The rules of polls on a real log: who may vote, what counts, and what each reader is told."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chatapp.domain.errors import (
    BadPayload,
    Empty,
    NotAllowed,
    NotAMember,
    NotFound,
    RateLimited,
    TooLong,
)
from chatapp.domain.limits import MAX_VOTE_CHANGES
from chatapp.domain.model import Person, Poll, Votes
from chatapp.domain.polls import BALLOT
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.manager import MessageManager
from chatapp.features.polls.manager import PollManager
from chatapp.protocol.requests import (
    ClosePoll,
    Delete,
    Edit,
    ListVoters,
    NewPoll,
    Post,
    React,
    ReadHistory,
    ReadVersions,
    Resume,
    Vote,
)
from tests.features.messages.test_manager import AllMayWrite, OneRoom, SlowLog

ANA = Person(name="ana", id="the key of ana", role="member")
BEN = Person(name="ben", id="the key of ben", role="member")
CY = Person(name="cy", id="guest:cy")
ADA = Person(name="ada", id="the key of ada", role="admin")
OUT = Person(name="out", id="the key of out", role="member")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Muting(AllMayWrite):
    def __init__(self):
        self.muted = None

    def check_change(self, person, _room):
        if person == self.muted:
            raise NotAllowed("You are muted.")


class Table:
    """The managers of a chat with one room, and a clock in the test's hands."""

    def __init__(self, log, pace=None):
        self.now = NOON
        self.rules = Muting()
        self.log = log
        shared = {
            "rooms": OneRoom(),
            "rules": self.rules,
            "pace": pace,
            "decisions": Decisions(),
            "is_in": lambda id, _room: id != OUT.id,
            "clock": lambda: self.now,
        }
        self.polls = PollManager(log, secret=b"s", **shared)
        self.messages = MessageManager(
            log,
            with_own_votes=self.polls.with_own,
            as_told=self.polls.told_to,
            **shared,
        )

    def ask(self, *options, question="Lunch?", **more):
        poll = NewPoll(question=question, options=list(options or ("Pizza", "Salad")), **more)
        return self.messages.post(ANA, Post(room="tea", poll=poll)).result().event

    def vote(self, person, *options, seq=1):
        return self.polls.vote(person, Vote(room="tea", seq=seq, options=list(options))).result()

    def close(self, person=ANA, seq=1):
        return self.polls.close(person, ClosePoll(room="tea", seq=seq)).result()

    def delete(self, seq):
        return self.messages.delete(ANA, Delete(room="tea", seq=seq)).result()

    def seen(self, person=ANA, seq=1):
        """The poll as somebody reads it."""
        page = self.messages.history(person, ReadHistory(room="tea")).result()
        return next(one.poll for one in page.messages if one.seq == seq)

    def standing(self, person=ANA):
        votes = self.seen(person).votes
        return votes.voters, votes.counts, votes.names, votes.own

    def voters(self, option, person=ANA, **more):
        return self.polls.voters(person, ListVoters(room="tea", seq=1, option=option, **more))

    def resumed(self, person, after=0):
        wanted = Resume(room="tea", epoch=self.log.epoch, after=after)
        return self.messages.resume(person, wanted).result().events


@pytest.fixture
def table(log):
    return Table(log)


def test_a_poll_is_a_message_that_reads_as_a_list(table):
    event = table.ask("Pizza", " Salad  with\n nuts ", question=" Lunch? ", multiple=True)

    assert event.text == "Lunch?\n\n1. Pizza\n2. Salad with nuts"
    assert event.poll == Poll(
        question="Lunch?", options=["Pizza", "Salad with nuts"], multiple=True
    )
    assert table.standing() == (0, [0, 0], [[], []], None)


@pytest.mark.parametrize(
    ("poll", "error"),
    [
        ({"options": ["one"]}, BadPayload),
        ({"options": ["same", "Same "]}, BadPayload),
        ({"options": ["one", " \n"]}, Empty),
        ({"options": ["one", "x" * 101]}, TooLong),
        ({"options": ["one", "\0"]}, BadPayload),
        ({"question": "x" * 301}, TooLong),
        ({"question": "​"}, Empty),
        ({"closes_at": NOON}, BadPayload),
        ({"closes_at": NOON + timedelta(days=367)}, BadPayload),
    ],
)
def test_a_poll_that_is_none_is_refused_and_nothing_is_written(table, poll, error):
    poll = {"question": "Lunch?", "options": ["Pizza", "Salad"], **poll}
    with pytest.raises(error):
        table.messages.post(ANA, Post(room="tea", poll=NewPoll(**poll)))

    assert table.log.head("tea") == 0


def test_a_poll_has_no_other_text(table):
    poll = NewPoll(question="Lunch?", options=["a", "b"])
    for more in ({"text": "and"}, {"files": ["f"]}):
        with pytest.raises(BadPayload):
            table.messages.post(ANA, Post(room="tea", poll=poll, **more))


def test_a_person_has_one_vote_and_can_change_and_withdraw_it(table):
    table.ask()

    first = table.vote(BEN, 0)
    assert (first.type, first.sender, first.by) == ("react", "ben", BEN.id)
    assert (first.emoji, first.on, first.vote) == (BALLOT, True, [0])
    assert table.vote(BEN, 0) is None
    assert table.standing(BEN) == (1, [1, 0], [["ben"], []], [0])
    table.vote(ANA, 1)
    table.vote(BEN, 1)
    assert table.standing() == (2, [0, 2], [[], ["ana", "ben"]], [1])
    assert table.vote(ANA).on is False
    assert table.standing() == (1, [0, 1], [[], ["ben"]], [])
    assert table.vote(ANA) is None


def test_several_options_only_where_the_poll_says_so(table):
    table.ask("a", "b", "c")
    table.ask("a", "b", "c", multiple=True)

    with pytest.raises(BadPayload):
        table.vote(BEN, 0, 1)
    table.vote(BEN, 2, 0, 2, seq=2)
    assert table.seen(BEN, 2).votes == Votes(
        voters=1, counts=[1, 0, 1], names=[["ben"], [], ["ben"]], own=[0, 2]
    )
    with pytest.raises(BadPayload):
        table.vote(BEN, 3, seq=2)


def test_who_may_not_react_may_not_vote(table):
    table.ask()
    table.rules.muted = BEN

    with pytest.raises(NotAllowed):
        table.vote(BEN, 0)
    with pytest.raises(NotAMember):
        table.vote(OUT, 0)
    assert table.vote(CY, 0).sender == "cy"


def test_only_open_polls_take_votes(table):
    table.ask()
    table.messages.post(ANA, Post(room="tea", text="no poll"))
    table.ask("a", "b", closes_at=NOON + timedelta(minutes=1))
    table.close(seq=1)
    table.now += timedelta(minutes=1)

    for seq, error in ((1, NotAllowed), (2, BadPayload), (3, NotAllowed), (99, NotFound)):
        head = table.log.head("tea")
        with pytest.raises(error):
            table.vote(BEN, 0, seq=seq)
        assert table.log.head("tea") == head


def test_a_vote_is_changed_only_so_often(table):
    table.ask()
    for turn in range(MAX_VOTE_CHANGES):
        table.vote(BEN, turn % 2)

    with pytest.raises(NotAllowed):
        table.vote(BEN, 0)
    assert table.vote(CY, 0)


def test_people_vote_as_fast_as_they_may_write(log):
    table = Table(log, PersonPace(Rate(burst=2, per_second=0.0001), "messages"))
    table.ask()
    table.vote(BEN, 0)
    table.vote(BEN, 1)

    with pytest.raises(RateLimited):
        table.vote(BEN, 0)
    assert table.standing(BEN)[3] == [1]


def test_nobody_but_the_voter_learns_of_a_vote_in_an_anonymous_poll(table):
    table.ask(anonymous=True)
    mine = table.vote(BEN, 1)
    table.vote(CY, 1)
    table.vote(BEN, 0)

    assert (mine.sender, mine.by[:5]) == ("", "vote:")
    assert table.standing(BEN) == (2, [1, 1], None, [0])
    assert table.standing(ANA) == (2, [1, 1], None, None)
    written = b"".join(path.read_bytes() for path in table.log.folder.glob("*.jsonl"))
    assert b"ana" in written
    for who in (b"ben", BEN.id.encode(), b"cy"):
        assert who not in written
    told = table.polls.told(mine)
    assert (told.sender, told.by, told.vote) == ("", None, None)
    assert told.votes == Votes(voters=2, counts=[1, 1])
    with pytest.raises(NotAllowed):
        table.voters(1)
    table.close()
    assert table.standing(ADA) == (2, [1, 1], None, None)
    for event in table.resumed(ANA, after=1):
        assert b"ben" not in msgspec.json.encode(event)
        assert event.vote is None


def test_the_same_person_has_another_digest_in_another_anonymous_poll(table):
    table.ask(anonymous=True)
    table.ask(anonymous=True)

    assert table.vote(BEN, 0, seq=1).by != table.vote(BEN, 0, seq=2).by


def test_votes_are_hidden_from_everybody_until_the_poll_is_closed(table):
    table.ask(hidden=True)
    vote = table.vote(BEN, 1)

    assert table.standing(ANA) == (1, None, None, None)
    assert table.standing(BEN) == (1, None, None, [1])
    told = table.polls.told(vote)
    assert (told.sender, told.vote, told.votes) == ("ben", None, Votes(voters=1))
    assert [event.vote for event in table.resumed(ANA, after=1)] == [None]
    with pytest.raises(NotAllowed):
        table.voters(1)

    table.close()

    assert table.standing(ANA) == (1, [0, 1], [[], ["ben"]], None)
    assert [one.name for one in table.voters(1)] == ["ben"]
    assert table.polls.told(vote).vote == [1]


def test_the_author_or_an_admin_closes_a_poll_and_its_text_has_the_result(table):
    table.ask()
    table.vote(BEN, 0)
    table.vote(CY, 0)
    table.vote(ANA, 1)

    with pytest.raises(NotAllowed):
        table.close(BEN)
    event = table.close(ADA)
    assert table.close(ADA) is None

    assert (event.type, event.sender, event.by) == ("edit", "ana", ANA.id)
    assert event.text == (
        "Lunch?\n\n1. Pizza — 2 votes\n2. Salad — 1 vote\n\n*The poll is closed. 3 people voted.*"
    )
    poll = table.seen()
    assert (poll.closed_at, poll.closed_by) == ("2026-12-01T12:00:00.000Z", "ada")
    assert table.standing(BEN) == (3, [2, 1], [["ben", "cy"], ["ana"]], [0])
    message = table.log.message("tea", 1)
    assert (message.text, message.edited_at) == (event.text, None)
    versions = table.messages.versions(ANA, ReadVersions(room="tea", seq=1))
    assert [one.text for one in versions] == ["Lunch?\n\n1. Pizza\n2. Salad"]


def test_a_muted_author_does_not_close_a_poll_but_its_time_does(table):
    table.ask(closes_at=NOON + timedelta(minutes=1))
    table.rules.muted = ANA

    with pytest.raises(NotAllowed):
        table.close()
    assert table.polls.close_due("tea", 1).result().poll.closed_by is None
    assert table.polls.close_due("tea", 1).result() is None


def test_votes_that_are_on_their_way_count_and_later_ones_are_refused(log):
    slow = SlowLog(log)
    table = Table(slow)
    posted = table.messages.post(
        ANA, Post(room="tea", poll=NewPoll(question="?", options=["a", "b"]))
    )
    slow.catch_up()
    assert posted.done

    voted = table.polls.vote(BEN, Vote(room="tea", seq=1, options=[1]))
    closing = table.polls.close(ANA, ClosePoll(room="tea", seq=1))
    slow.catch_up()
    late = table.polls.vote(CY, Vote(room="tea", seq=1, options=[1]))
    assert (voted.done, closing.done, late.done) == (True, False, False)
    slow.catch_up()

    assert closing.result().poll.votes == Votes(voters=1, counts=[0, 1])
    assert isinstance(late.error, NotAllowed)


def test_a_deleted_poll_takes_no_votes_and_tells_none(table):
    table.ask()
    vote = table.vote(BEN, 0)
    table.delete(1)

    assert table.seen() is None
    assert table.polls.told(vote).vote is None
    for step in (lambda: table.vote(CY, 0), table.close, lambda: table.voters(0)):
        with pytest.raises(NotFound):
            step()
    assert all(event.poll is None for event in table.resumed(CY))
    assert table.polls.close_due("tea", 1).result() is None


def test_nobody_changes_the_words_that_people_vote_on(table):
    table.ask()

    with pytest.raises(NotAllowed):
        table.messages.edit(ANA, Edit(room="tea", seq=1, text="Dinner?"))
    assert table.messages.react(BEN, React(room="tea", seq=1, emoji="👍", on=True)).result()
    assert table.log.message("tea", 1).reactions == {"👍": ["ben"]}


def test_a_vote_is_no_reaction_where_polls_are_known(table):
    table.ask()
    table.vote(BEN, 0)
    table.messages.react(CY, React(room="tea", seq=1, emoji=BALLOT, on=True))

    message = table.log.message("tea", 1)
    assert message.reactions == {BALLOT: ["cy"]}
    assert message.poll.votes.voters == 1


def test_names_come_in_pages_and_the_first_ones_with_the_poll(table):
    table.ask()
    for number in range(7):
        table.vote(Person(name=f"p{number}", id=f"id {number}"), number % 2)
    table.vote(Person(name="p0", id="id 0"), 1)
    table.vote(Person(name="p0", id="id 0"), 0)

    assert table.seen().votes.names == [["p2", "p4", "p6"], ["p1", "p3", "p5"]]
    first = table.voters(0, limit=2)
    assert [one.name for one in first] == ["p2", "p4"]
    assert [one.name for one in table.voters(0, after=first[-1].seq)] == ["p6", "p0"]
    with pytest.raises(BadPayload):
        table.voters(2)


def test_whoever_was_away_learns_how_polls_stand_and_their_own_votes(table):
    table.ask(anonymous=True, hidden=True)
    table.vote(BEN, 0)
    table.vote(CY, 1)

    told = table.resumed(BEN)
    assert [event.seq for event in told] == [1, 2, 3]
    assert [event.votes for event in told[1:]] == [Votes(voters=2, own=[0])] * 2
    table.close()
    assert table.resumed(BEN, after=3)[0].poll.votes == Votes(voters=2, counts=[1, 1], own=[0])
