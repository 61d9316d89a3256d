"""Order, batches and refusals, as the owner's thread sees them."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from chatapp.errors import Unavailable
from chatapp.model import Event
from chatapp.pending import Pending
from chatapp.storage import MessageLog

from .conftest import draft

Open = Callable[..., MessageLog]


def test_answers_come_in_log_order(open_log: Open):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)
    order: list[int] = []

    def note(pending: Pending[Event]) -> None:
        order.append(pending.result().seq)
        if len(order) < 300:
            log.append(draft("again")).when_done(note)

    for _ in range(30):
        log.append(draft("first")).when_done(note)
    while len(order) < 300:
        turns.get(timeout=10)()

    assert order == list(range(1, len(order) + 1))


def test_what_is_appended_while_a_batch_is_written_is_the_next_batch(
    open_log: Open, tmp_path: Path
):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)
    turns.get(timeout=10)()  # the log knows its cids now
    first = log.append(draft("first"))
    turns.get(timeout=10)()

    second = [log.append(draft("second")) for _ in range(3)]
    while not second[-1].done:
        turns.get(timeout=10)()

    assert first.done
    segment = (tmp_path / "messages/000000000001.jsonl").read_text()
    assert [line.split('"batch":')[1][0] for line in segment.splitlines()] == ["1", "2", "2", "2"]


def test_one_callback_that_fails_does_not_keep_the_others_waiting(
    open_log: Open, caplog: pytest.LogCaptureFixture
):
    log = open_log(deliver=lambda callback: None)

    def fail(_: Pending[Event]) -> None:
        raise ValueError("a bug")

    log.append(draft("one")).when_done(fail)
    second = log.append(draft("two"))
    log.flush()

    assert second.result().seq == 2
    assert "a bug" in caplog.text


def test_a_closed_log_refuses(log: MessageLog):
    log.close()

    with pytest.raises(Unavailable, match="stopping"):
        log.append(draft("too late")).result()


def test_what_cannot_be_written_down_is_refused_and_uses_no_number(log: MessageLog):
    with pytest.raises(Unavailable, match="could not be written down"):
        log.append(draft("\ud800")).result()

    assert log.append(draft("fine")).result().seq == 1
