import pytest

from chatapp.domain.errors import Empty
from chatapp.domain.future import Future


def test_callbacks_run_in_the_order_in_which_they_were_added():
    pending: Future[int] = Future()
    seen = []
    pending.add_done_callback(lambda p: seen.append(("first", p.result())))
    pending.add_done_callback(lambda p: seen.append(("second", p.result())))

    pending.resolve(7)
    pending.add_done_callback(lambda p: seen.append(("late", p.result())))

    assert seen == [("first", 7), ("second", 7), ("late", 7)]


def test_a_value_that_is_not_there_yet_cannot_be_read():
    with pytest.raises(RuntimeError):
        Future().result()


def test_an_error_passes_by_the_steps():
    pending: Future[int] = Future()
    steps = []
    outcome = pending.then(steps.append)

    pending.fail(Empty("nothing there"))

    assert steps == []
    with pytest.raises(Empty):
        outcome.result()


def test_a_step_that_raises_fails_what_follows():
    outcome = Future.of(1).then(lambda value: value / 0)

    with pytest.raises(ZeroDivisionError):
        outcome.result()


def test_a_callback_that_raises_keeps_no_other_from_hearing():
    pending: Future[int] = Future()
    heard = []
    pending.add_done_callback(lambda p: heard.append(p.result()))
    pending.add_done_callback(lambda p: 1 / 0)
    pending.add_done_callback(lambda p: heard.append(p.result()))
    pending.add_done_callback(lambda p: heard[7])
    pending.add_done_callback(lambda p: heard.append(p.result()))

    with pytest.raises((ZeroDivisionError, IndexError)):
        pending.resolve(7)

    assert heard == [7, 7, 7]
