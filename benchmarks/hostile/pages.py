"""What one hostile guest does over HTTP: each function is one attack of `guest.py`."""

import re
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlencode

from benchmarks.hostile.sockets import Stage
from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog

AT_ONCE = 20
OVERVIEWS_AT_ONCE = 4
ADDRESSES = 120
HONEST_AFTER_SECONDS = 0.3
PATIENCE_SECONDS = 60.0
PASSWORD = "correct horse battery"
"""Of `boss`, whom guest.py makes."""
QUOTED = "*a\t" * 400
QUOTES = 49
RECORDS = 250_000

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """One connection, and one cookie."""

    def __init__(self, stage: Stage, **headers: str) -> None:
        self._connection = HTTPConnection(*stage.address, timeout=PATIENCE_SECONDS)
        self._headers = {"Accept-Encoding": "br", **headers}
        self.cookie = ""

    def get(self, path: str) -> bytes:
        return self._ask("GET", path)[1]

    def status_of(self, path: str) -> int:
        return self._ask("GET", path)[0]

    def read_on(self, path: str, end: float) -> int:
        """How many bytes of an answer came until then."""
        self._connection.request("GET", path, headers={**self._headers, "Cookie": self.cookie})
        answer, size = self._connection.getresponse(), 0
        while time.monotonic() < end and (data := answer.read(1 << 16)):
            size += len(data)
        return size

    def post(self, path: str, **fields: str) -> int:
        """The status; the page of a form with a token is `path`'s own."""
        token = fields.pop("token", "") or self.token(path)
        status, _ = self._ask("POST", path, urlencode({**fields, "csrf_token": token}))
        return status

    def token(self, path: str) -> str:
        encoding, self._headers["Accept-Encoding"] = self._headers["Accept-Encoding"], "identity"
        page = self.get(path).decode()
        self._headers["Accept-Encoding"] = encoding
        found = _TOKEN.search(page)
        assert found, page
        return found[1]

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        headers = {**self._headers, "Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return answer.status, answer.read()

    def close(self) -> None:
        self._connection.close()


def pages(stage: Stage) -> str:
    """One guest loads the page of general, twenty times at once, again and again."""
    with closing(Browser(stage)) as guest:
        guest.post("/name", name="hostile")
        return _flood(stage, "/", AT_ONCE, guest.cookie)


def sign_in_pages(stage: Stage) -> str:
    return _flood(stage, "/login", AT_ONCE, "")


def overviews(stage: Stage) -> str:
    with closing(_admin(stage)) as admin:
        return _flood(stage, "/admin/overview", OVERVIEWS_AT_ONCE, admin.cookie)


def download(stage: Stage) -> str:
    """An admin's CSV of all that was ever said."""
    with closing(_admin(stage)) as admin:
        size = admin.read_on("/admin/messages.csv", time.monotonic() + stage.seconds)
        return f"{size >> 20} MB"


def sign_ins(stage: Stage) -> str:
    """120 wrong passwords from 120 addresses at once, and among them one that is right."""
    with closing(Browser(stage)) as first:
        token, cookie = first.token("/login"), first.cookie
    browsers = [_elsewhere(stage, f"203.0.113.{n}", cookie) for n in range(ADDRESSES)]
    answers: list[int] = []

    def guess(number: int) -> None:
        name = f"somebody-{number}"
        answers.append(browsers[number].post("/login", name=name, password="x", token=token))

    flood = [Thread(target=guess, args=[n]) for n in range(ADDRESSES)]
    for one in flood:
        one.start()
    time.sleep(HONEST_AFTER_SECONDS)
    began = time.monotonic()
    honest = _elsewhere(stage, "198.51.100.7", cookie)
    status = honest.post("/login", name="boss", password=PASSWORD, token=token)
    took = time.monotonic() - began
    for one in flood:
        one.join()
    for browser in (*browsers, honest):
        browser.close()
    return f"an honest sign-in: {status} after {took:.1f} s; {answers.count(503)} × 503"


# What is in the log before


def talk(log: MessageLog) -> None:
    """A full page of it."""
    for number in range(60):
        log.append(Draft(room="general", sender=f"person-{number % 5}", text="as was said " * 8))


def quotes(log: MessageLog) -> None:
    log.append(Draft(room="general", sender="hostile", text=QUOTED))
    for _ in range(QUOTES):
        log.append(Draft(room="general", sender="hostile", text="and", reply_to=1))


def many_records(log: MessageLog) -> None:
    for number in range(RECORDS):
        log.append(Draft(room="general", sender=f"person-{number % 99}", text="as was said " * 15))


# How it is done


def _elsewhere(stage: Stage, address: str, cookie: str) -> Browser:
    browser = Browser(stage, **{"X-Forwarded-For": address})
    browser.cookie = cookie
    return browser


def _admin(stage: Stage) -> Browser:
    admin = Browser(stage)
    status = admin.post("/login", name="boss", password=PASSWORD)
    assert status == 303, status
    return admin


def _flood(stage: Stage, path: str, at_once: int, cookie: str) -> str:
    end = time.monotonic() + stage.seconds
    counts = [0] * at_once

    def ask(number: int) -> None:
        with closing(Browser(stage)) as browser:
            browser.cookie = cookie
            while time.monotonic() < end:
                browser.get(path)
                counts[number] += 1

    _all(ask, at_once)
    return f"{sum(counts)} pages"


def _all(do: Callable[[int], None], count: int) -> None:
    threads = [Thread(target=do, args=[n]) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
