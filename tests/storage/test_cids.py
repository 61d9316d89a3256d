"""Cids are found again however the log came to know them, and new ones cost no look-up."""

import threading
from queue import SimpleQueue

import pytest

from chatapp.model import Draft
from chatapp.storage import MessageLog


class Loop:
    """An owner's thread with a queue of what is to be called on it."""

    def __init__(self):
        self._steps = SimpleQueue()

    def deliver(self, step):
        self._steps.put(step)

    def run_until(self, condition):
        while not condition():
            self._steps.get(timeout=10)()


@pytest.fixture
def loop():
    return Loop()


def opened(tmp_path, loop):
    return MessageLog.open(tmp_path / "messages", deliver=loop.deliver)


def say(log, loop, *cids):
    pendings = [log.append(Draft(room="tea", sender="ana", text=cid, cid=cid)) for cid in cids]
    loop.run_until(lambda: all(pending.done for pending in pendings))


def known(log, cid):
    message = log.find_cid("ana", cid)
    return message is not None and message.text == cid


def wait_for_the_bits(log, loop):
    loop.run_until(lambda: log._seen._bits is not None)


def test_a_cid_is_known_before_and_after_the_bits_are_there(tmp_path, loop):
    log = opened(tmp_path, loop)
    say(log, loop, "early")

    assert known(log, "early")
    wait_for_the_bits(log, loop)
    assert known(log, "early")
    say(log, loop, "late")
    assert known(log, "late")
    assert not known(log, "never")
    log.close()


def test_cids_of_earlier_runs_are_known(tmp_path, loop):
    cids = [f"cid {number}" for number in range(3000)]
    log = opened(tmp_path, loop)
    say(log, loop, *cids)
    log.close()

    log = opened(tmp_path, loop)
    wait_for_the_bits(log, loop)

    assert all(known(log, cid) for cid in cids)
    log.close()


def test_cids_that_the_index_did_not_have_yet_at_the_start_are_known(tmp_path, loop):
    log = opened(tmp_path, loop)
    say(log, loop, "one", "two")
    log.close()
    (tmp_path / "index.sqlite3").unlink()

    log = opened(tmp_path, loop)
    wait_for_the_bits(log, loop)

    assert known(log, "one")
    assert known(log, "two")
    log.close()


def test_a_new_cid_is_not_looked_up(tmp_path, loop, monkeypatch):
    log = opened(tmp_path, loop)
    wait_for_the_bits(log, loop)
    asked = []
    monkeypatch.setattr(log._reader, "find_cid", lambda *cid: asked.append(cid))

    for number in range(100):
        log.find_cid("ana", f"new {number}")

    assert asked == []
    log.close()


def test_no_thread_stays_behind(tmp_path, loop):
    log = opened(tmp_path, loop)

    log.close()

    assert "log cids" not in [thread.name for thread in threading.enumerate()]
