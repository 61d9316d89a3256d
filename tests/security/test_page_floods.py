"""One guest loads pages, or tries passwords, by the dozen: what the others notice.

benchmarks/hostile/guest.py measures it; here is what must hold on any machine.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from socketio import SimpleClient

from benchmarks.hostile.pages import Browser
from benchmarks.hostile.sockets import Stage
from tests.support.server import Server
from tests.test_way_of_a_message import call

Connect = Callable[..., SimpleClient]

PUPILS = 40
FILES = ("/static/js/theme.js", "/static/manifest.json", "/static/icons/favicon.svg", "/worker.js")
AT_ONCE = 20
MESSAGES = 10


@pytest.fixture
def guest(server: Server) -> Iterator[Browser]:
    with closing(Browser(stage_of(server))) as browser:
        browser.post("/name", name="guest")
        yield browser


def stage_of(server: Server) -> Stage:
    return Stage(("127.0.0.1", server.port), 0.0)


def test_a_class_behind_one_address_gets_all_its_pages_at_once(
    server: Server, guest: Browser
) -> None:
    def come(_: int) -> list[int]:
        with closing(Browser(stage_of(server))) as browser:
            browser.cookie = guest.cookie
            return [browser.status_of(path) for path in ("/", *FILES)]

    with ThreadPoolExecutor(PUPILS) as pupils:
        statuses = list(pupils.map(come, range(PUPILS)))

    assert statuses == [[200] * (1 + len(FILES))] * PUPILS


def test_a_message_does_not_wait_for_all_pages_that_are_asked_for(
    server: Server, guest: Browser, connect: Connect
) -> None:
    """Without turns, all twenty are made before anybody else has the loop."""
    ana = connect("ana")
    made_meanwhile = []

    with loading(server, guest.cookie) as pages_made:
        for number in range(MESSAGES):
            before = pages_made()
            assert call(ana, "message", {"text": f"{number}"})["ok"]
            made_meanwhile.append(pages_made() - before)

    assert sorted(made_meanwhile)[MESSAGES // 2] < AT_ONCE // 2


@contextmanager
def loading(server: Server, cookie: str) -> Iterator[Callable[[], int]]:
    """Twenty load the page again and again; gives how many pages there were so far."""
    is_over, made = threading.Event(), [0] * AT_ONCE

    def load(number: int) -> None:
        with closing(Browser(stage_of(server))) as browser:
            browser.cookie = cookie
            while not is_over.is_set():
                browser.get("/")
                made[number] += 1

    threads = [threading.Thread(target=load, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: sum(made)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
