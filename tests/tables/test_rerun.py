"""Rules that are asked again when another process was faster."""

import pytest

from chatapp.domain.errors import NameTaken, Unavailable
from chatapp.domain.future import Future
from chatapp.tables.rerun import TRIES, once, rerun
from chatapp.tables.table import Conflict


class Rule:
    """Fails with these outcomes, one after the other, and then gives 7."""

    def __init__(self, *outcomes: Exception) -> None:
        self._outcomes = list(outcomes)
        self.asked = 0
        self.written: list[Future[int]] = []

    def at_once(self) -> int:
        self.asked += 1
        if self._outcomes:
            raise self._outcomes.pop(0)
        return 7

    def later(self) -> Future[int]:
        self.asked += 1
        self.written.append(Future())
        return self.written[-1]

    def settle(self) -> None:
        if self._outcomes:
            self.written[-1].fail(self._outcomes.pop(0))
        else:
            self.written[-1].resolve(7)


def test_a_rule_that_conflicts_is_asked_again():
    rule = Rule(Conflict(), Conflict())

    assert rerun(rule.at_once) == 7
    assert rule.asked == 3


def test_a_write_that_conflicts_is_decided_again():
    rule = Rule(Conflict(), Conflict())

    outcome = rerun(rule.later)
    rule.settle()
    rule.settle()
    assert (rule.asked, outcome.done) == (3, False)
    rule.settle()

    assert outcome.result() == 7


def test_what_stands_against_it_the_second_time_is_said():
    rule = Rule(Conflict(), NameTaken("Ana has it."))

    outcome = rerun(rule.later)
    rule.settle()
    rule.settle()

    with pytest.raises(NameTaken):
        outcome.result()
    assert rule.asked == 2


def test_it_is_not_asked_for_ever():
    rule = Rule(*[Conflict() for _ in range(TRIES + 1)])
    with pytest.raises(Unavailable):
        rerun(rule.at_once)
    assert rule.asked == TRIES

    later = Rule(*[Conflict() for _ in range(TRIES + 1)])
    outcome = rerun(later.later)
    while not outcome.done:
        later.settle()
    assert isinstance(outcome.error, Unavailable)
    assert later.asked == TRIES


def test_other_errors_are_not_tried_again():
    rule = Rule(NameTaken("Ana has it."))

    with pytest.raises(NameTaken):
        rerun(rule.at_once)
    assert rule.asked == 1


def test_what_a_rule_does_once_is_not_done_again_when_it_runs_again():
    done: list[str] = []
    rule = Rule(Conflict(), Conflict())

    def decide() -> Future[int]:
        for what in ("a note", "a note", "another"):
            once(what, lambda what=what: done.append(what))
        return rule.later()

    outcome = rerun(decide)
    for _ in range(3):
        rule.settle()
    rerun(decide)

    assert outcome.result() == 7
    assert done == ["a note", "a note", "another"] * 2


def test_a_rule_within_another_one_does_it_once_too():
    done: list[str] = []
    inner, outer = Rule(Conflict()), Rule(Conflict())

    def note_and(decide):
        def decided():
            once("a note", lambda: done.append("a note"))
            return decide()

        return decided

    rerun(note_and(lambda: (rerun(note_and(inner.at_once)), outer.at_once())))

    assert (inner.asked, outer.asked) == (3, 2)
    assert done == ["a note", "a note"]
