import pytest

from chatapp.errors import Empty
from chatapp.pending import Pending


def test_callbacks_run_in_the_order_in_which_they_were_added():
    pending: Pending[int] = Pending()
    seen = []
    pending.when_done(lambda p: seen.append(("first", p.result())))
    pending.when_done(lambda p: seen.append(("second", p.result())))

    pending.resolve(7)
    pending.when_done(lambda p: seen.append(("late", p.result())))

    assert seen == [("first", 7), ("second", 7), ("late", 7)]


def test_a_value_that_is_not_there_yet_cannot_be_read():
    with pytest.raises(RuntimeError):
        Pending().result()


def test_an_error_passes_by_the_steps():
    pending: Pending[int] = Pending()
    steps = []
    outcome = pending.then(steps.append)

    pending.fail(Empty("nothing there"))

    assert steps == []
    with pytest.raises(Empty):
        outcome.result()


def test_a_step_that_raises_fails_what_follows():
    outcome = Pending.of(1).then(lambda value: value / 0)

    with pytest.raises(ZeroDivisionError):
        outcome.result()
