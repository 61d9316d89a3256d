"""Pages take turns, so that whoever asks for many waits for himself."""

import math
import time
from threading import Thread

import gevent
import pytest
from flask import Flask

from chatapp.web.render_queue import RETRY_SECONDS, RenderQueue, queue_rendering
from tests.support.waiting import DEADLINE_SECONDS

WORK_SECONDS = 0.01


class Clock:
    """Stands still, but for what the test says."""

    def __init__(self) -> None:
        self.now = time.perf_counter()

    def __call__(self) -> float:
        return self.now


def work() -> None:
    """As a page is made: without waiting for anything."""
    end = time.perf_counter() + WORK_SECONDS
    while time.perf_counter() < end:
        pass


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("chatapp.web.render_queue.perf_counter", clock)
    return clock


@pytest.mark.usefixtures("clock")  # However long the machine stands still, no page takes any time.
def test_who_asks_for_one_page_does_not_wait_for_those_who_ask_for_many() -> None:
    turns, made = RenderQueue(), []
    made_before: dict[str, int] = {}

    def page(place: str) -> None:
        made_before[place] = len(made)
        turns.take(place)
        made.append(place)

    def ask() -> None:
        gevent.joinall([gevent.spawn(page, place) for place in [*["many"] * 10, "one"]])

    thread = Thread(target=ask)  # It has a loop of its own, with nothing of other tests in it.
    thread.start()
    thread.join()

    assert len(made) == 11
    assert made.index("one") <= made_before["one"] + 1  # A slow machine may make some before it.


def test_others_have_the_loop_for_as_long_as_the_pages() -> None:
    turns, gaps, last = RenderQueue(), [], -math.inf

    def page() -> None:
        nonlocal last
        turns.take("many")
        began = time.perf_counter()
        gaps.append(began - last)
        work()
        last = time.perf_counter()

    gevent.joinall([gevent.spawn(page) for _ in range(5)], timeout=DEADLINE_SECONDS)

    assert min(gaps[1:]) >= WORK_SECONDS * 0.9


def test_after_a_page_for_which_the_machine_stood_still_the_next_is_not_far(clock: Clock) -> None:
    turns, made = RenderQueue(), []

    def stand_still() -> None:
        turns.take("a")
        clock.now += 10 * DEADLINE_SECONDS

    pages = [gevent.spawn(stand_still), gevent.spawn(lambda: made.append(turns.take("a")))]
    gevent.joinall(pages, timeout=DEADLINE_SECONDS)

    assert made == [True]


def test_a_turn_ends_when_its_page_waits_for_something_else() -> None:
    turns, made = RenderQueue(), []

    def slow() -> None:
        turns.take("a")
        gevent.sleep(60)

    slow_page = gevent.spawn(slow)
    quick = gevent.spawn(lambda: made.append(turns.take("a")))
    quick.join(timeout=DEADLINE_SECONDS)

    assert made == [True]
    slow_page.kill()


def test_a_page_that_nobody_waits_for_any_more_holds_up_nobody() -> None:
    turns, made = RenderQueue(), []
    gone = gevent.spawn(turns.take, "a")
    gevent.sleep(0)
    gone.kill()

    gevent.spawn(lambda: made.append(turns.take("a"))).join(timeout=DEADLINE_SECONDS)

    assert made == [True]


@pytest.fixture
def app() -> Flask:
    app = Flask("turns")
    queue_rendering(app)
    app.add_url_rule("/", "page", lambda: "a page")
    return app


def test_what_is_more_than_a_class_behind_one_address_is_told_to_come_later(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "chatapp.web.render_queue.RenderQueue.take", lambda _, place: place != "192.0.2.1"
    )

    refused = app.test_client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(RETRY_SECONDS))
    assert app.test_client().get("/").status_code == 200


def test_no_more_than_so_many_of_one_place_wait() -> None:
    turns = RenderQueue(max_waiting=3)
    waiting = [gevent.spawn(turns.take, "a") for _ in range(4)]
    gevent.joinall(waiting, timeout=DEADLINE_SECONDS)

    assert [each.value for each in waiting] == [True, True, True, False]
    assert turns.take("a")
