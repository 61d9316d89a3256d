"""Who waits for a thread that hashes, and who is told to come back later."""

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent.event import Event

from chatapp.domain.errors import Unavailable
from chatapp.features.accounts.sign_in.hashing import (
    LOWEST_PRIORITY,
    MAX_WAITING,
    NICE,
    Hashing,
)
from tests.support.waiting import DEADLINE_SECONDS


class Threads:
    """Those that are busy until the test says."""

    def __init__(self) -> None:
        self.go_on = Event()
        self.done: list[str] = []
        self.hashing = Hashing(self._run, threads=1)

    def _run(self, _function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.go_on.wait()
        self.done.append(arguments[0])

    def begin(self, *names: str) -> list["gevent.Greenlet[..., Any]"]:
        begun = [gevent.spawn(self._hash, name) for name in names]
        gevent.sleep(0)
        return begun

    def _hash(self, name: str) -> Any:
        try:
            return self.hashing.run(print, (name,))
        except Unavailable as refused:
            return refused


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads()
    yield threads
    threads.go_on.set()


def test_the_newest_has_the_next_free_thread(threads: Threads) -> None:
    begun = threads.begin("under way", *[f"flood {n}" for n in range(5)], "honest")

    threads.go_on.set()
    gevent.joinall(begun, timeout=DEADLINE_SECONDS)

    assert threads.done[:2] == ["under way", "honest"]
    assert len(threads.done) == 7


def test_of_too_many_the_oldest_are_told_to_come_back_later(threads: Threads) -> None:
    flood = threads.begin("under way", *[str(n) for n in range(MAX_WAITING + 3)])
    gevent.joinall(flood[1:4], timeout=DEADLINE_SECONDS)

    assert [isinstance(each.value, Unavailable) for each in flood[1:4]] == [True] * 3
    threads.go_on.set()
    gevent.joinall(flood, timeout=DEADLINE_SECONDS)
    assert len(threads.done) == 1 + MAX_WAITING


def test_who_waits_for_too_long_is_told_so(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.features.accounts.sign_in.hashing.WAITING_SECONDS", 0.01)

    _, waiting = threads.begin("under way", "too long")
    waiting.join(timeout=DEADLINE_SECONDS)

    assert isinstance(waiting.value, Unavailable)
    threads.go_on.set()
    assert threads.hashing.run(print, ("after",)) is None


def test_who_goes_away_takes_no_thread_along(threads: Threads) -> None:
    _, gone, stays = threads.begin("under way", "gone", "stays")
    gone.kill()

    threads.go_on.set()
    stays.join(timeout=DEADLINE_SECONDS)

    assert threads.done == ["under way", "stays"]
    assert threads.hashing.run(print, ("after",)) is None


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="threads have no priority")
def test_the_threads_give_way_to_the_event_loop() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert Hashing(threads=1).run(priority, ()) == min(priority() + NICE, LOWEST_PRIORITY)
