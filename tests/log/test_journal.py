"""Order, batches and refusals, as the owner's thread sees them."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Appended
from chatapp.log import journal
from chatapp.store.message_log import MessageLog
from tests.support.waiting import DEADLINE_SECONDS

from .conftest import draft

Open = Callable[..., MessageLog]


def test_answers_come_in_log_order(open_log: Open):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)
    order: list[int] = []

    def note(pending: Future[Appended]) -> None:
        order.append(pending.result().event.seq)
        if len(order) < 300:
            log.append(draft("again")).add_done_callback(note)

    for _ in range(30):
        log.append(draft("first")).add_done_callback(note)
    while len(order) < 300:
        turns.get(timeout=DEADLINE_SECONDS)()

    assert order == list(range(1, len(order) + 1))


def test_what_is_appended_while_a_batch_is_written_is_the_next_batch(
    open_log: Open, tmp_path: Path
):
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)
    turns.get(timeout=DEADLINE_SECONDS)()  # the log knows its cids now
    first = log.append(draft("first"))
    turns.get(timeout=DEADLINE_SECONDS)()

    second = [log.append(draft("second")) for _ in range(3)]
    while not second[-1].done:
        turns.get(timeout=DEADLINE_SECONDS)()

    assert first.done
    segment = (tmp_path / "messages/000000000001.jsonl").read_text()
    assert [line.split('"batch":')[1][0] for line in segment.splitlines()] == ["1", "2", "2", "2"]


def test_what_goes_together_shares_a_batch_that_is_full_without_it(
    open_log: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(journal, "BATCH_RECORDS", 2)
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = open_log(deliver=turns.put)
    alone = [log.append(draft("alone")) for _ in range(3)]

    together = log.append_all([draft("together", cid=f"c{n}") for n in range(4)])
    last = log.append(draft("last"))
    while not (together.done and last.done):
        turns.get(timeout=DEADLINE_SECONDS)()

    assert all(each.done for each in alone)
    segment = (tmp_path / "messages/000000000001.jsonl").read_text()
    batches = [int(line.split('"batch":')[1][0]) for line in segment.splitlines()]
    assert len(set(batches[3:7])) == 1
    assert batches[-1] > batches[-2], "the last one did not fit"


def test_one_callback_that_fails_does_not_keep_the_others_waiting(
    open_log: Open, caplog: pytest.LogCaptureFixture
):
    log = open_log(deliver=lambda callback: None)

    def fail(_: Future[Appended]) -> None:
        raise ValueError("a bug")

    log.append(draft("one")).add_done_callback(fail)
    second = log.append(draft("two"))
    log.flush()

    assert second.result().event.seq == 2
    assert "a bug" in caplog.text


def test_a_closed_log_refuses(log: MessageLog):
    log.close()

    with pytest.raises(Unavailable, match="stopping"):
        log.append(draft("too late")).result()


def test_what_cannot_be_written_down_is_refused_and_uses_no_number(log: MessageLog):
    with pytest.raises(Unavailable, match="could not be saved"):
        log.append(draft("\ud800")).result()

    assert log.append(draft("fine")).result().event.seq == 1
