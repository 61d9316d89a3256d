"""Polls against their events: however much of the votes the index has, and however it was made, a
poll reads as if all of its votes were counted one by one."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chatapp.domain.clock import timestamp
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Draft, Poll
from chatapp.domain.polls import BALLOT, closed, counted, is_vote, text_of, voter_of
from chatapp.store.message_log import MessageLog

from .conftest import problems, rounds
from .test_model import SHARED

VOTERS = st.sampled_from(["ana", "bo", "cy", "dee", "eve", "fay"])
CHOICES = st.sets(st.integers(0, 2)).map(sorted)
PICK = st.integers(0, 10)


class PollsAgainstTheirVotes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHARED if SHARED.is_dir() else None))
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.open: list[int] = []
        self.over: list[int] = []
        self.log = self._open()

    def _open(self) -> MessageLog:
        return MessageLog.open(
            self.folder / "messages", clock=lambda: self.now, segment_bytes=2_000
        )

    def _append(self, type: str = "message", **more: object) -> int:
        self.now += timedelta(seconds=1)
        draft = Draft(room="tea", sender="ana", by="id", type=type, **more)  # type: ignore[arg-type]
        return self.log.append(draft).result().event.seq

    def _pick(self, pick: int) -> int | None:
        return self.open[pick % len(self.open)] if self.open else None

    @rule(hidden=st.booleans(), anonymous=st.booleans(), days=st.none() | st.integers(1, 9))
    def ask(self, hidden: bool, anonymous: bool, days: int | None) -> None:
        closes_at = days and timestamp(self.now + timedelta(days=days))
        poll = Poll(
            question="?",
            options=["a", "b", "c"],
            hidden=hidden,
            anonymous=anonymous,
            closes_at=closes_at or None,
        )
        self.open.append(self._append(text=text_of(poll), poll=poll))

    @rule(voter=VOTERS, choice=CHOICES, pick=PICK, more=st.booleans())
    def vote(self, voter: str, choice: list[int], pick: int, more: bool) -> None:
        for target in self.open[-3:] if more else [self._pick(pick)]:
            if target is not None:
                vote = Draft(
                    room="tea",
                    sender=voter,
                    by=f"id of {voter}",
                    type="react",
                    target=target,
                    emoji=BALLOT,
                    on=bool(choice),
                    vote=choice,
                )
                self.log.append(vote)

    @rule(pick=PICK)
    def close(self, pick: int) -> None:
        if target := self._pick(pick):
            message = self.log.message("tea", target)
            assert message is not None
            assert message.poll is not None
            poll = closed(message.poll, self.log.count_votes(message), self.now, None)
            self._append("edit", target=target, text=text_of(poll), poll=poll)
            self.open.remove(target)
            self.over.append(target)

    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        if target := self._pick(pick):
            self._append("delete", target=target)
            self.open.remove(target)

    @rule()
    def let_the_index_catch_up(self) -> None:
        self.log.search("anything").result()

    @rule()
    def restart_without_index(self) -> None:
        self.log.close()
        assert problems(self.folder / "messages") == []
        (self.folder / "index.sqlite3").unlink()
        self.log = self._open()

    @invariant()
    def polls_stand_as_their_votes_say(self) -> None:
        events = self.log.events("tea", after=0, limit=MAX_INTEGER)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        shown = {one.seq: one for one in self.log.history("tea", limit=1000).messages}
        for seq in [*self.open, *self.over]:
            votes = [event for event in events if is_vote(event) and event.target == seq]
            poll = shown[seq].poll
            assert poll is not None
            assert poll.votes == counted(poll, votes)
            last = {voter_of(vote): vote for vote in votes}
            for option in range(3):
                found = self.log.voters("tea", seq, option, after=0, limit=100)
                by_time = sorted((v for v in last.values() if option in (v.vote or ())), key=_seq)
                assert [(one.seq, one.name) for one in found] == [
                    (vote.seq, vote.sender) for vote in by_time
                ]
            for voter, vote in last.items():
                own = self.log.own_votes("tea", {seq: voter})[seq]
                gave = sum(voter_of(one) == voter for one in votes)
                assert (own.options, own.at, own.votes) == (vote.vote, vote.at, gave)

    @invariant()
    def polls_wait_for_their_end(self) -> None:
        waiting = {one.seq for one in self.log.waiting_polls()}
        timed = {seq for seq in self.open if self._closes(seq)}
        assert timed <= waiting

    def _closes(self, seq: int) -> bool:
        message = self.log.message("tea", seq)
        return bool(message and message.poll and message.poll.closes_at)

    def teardown(self) -> None:
        self.log.close()
        assert problems(self.folder / "messages") == []
        shutil.rmtree(self.folder)


def _seq(event: object) -> int:
    return event.seq  # type: ignore[attr-defined,no-any-return]


TestPollsAgainstTheirVotes = PollsAgainstTheirVotes.TestCase
TestPollsAgainstTheirVotes.settings = settings(
    max_examples=rounds(12, 2_000),
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
