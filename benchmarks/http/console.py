"""How fast the console's pages are, with a large log and many people, over HTTP.

    python -m benchmarks.http.console [--records 1000000] [--people 10000] [--requests 40]

The real server on a copy of the log that log/data.py makes, a signed-in owner, one request
after another on one connection. Told is the 95th percentile from asking to the last byte; no
page should take more than 100 ms. A download is streamed: for it, the time to its first byte.
Beside it stands the server's processor time for a request: on a machine that others use, it
says more than the clock.
"""

import argparse
import math
import re
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import requests

from benchmarks.log.data import FOLDER, ROOMS, data_folder
from benchmarks.support.process import ServerProcess
from chatapp.domain import clock
from chatapp.domain.model import Room
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.support.ports import free_port

GOAL_MS = 100
OWNER = "owner of all this"
PAGES = [
    "/admin/messages",
    "/admin/messages?room=room-0",
    "/admin/messages?room=room-150",
    "/admin/messages?sender=person+7",
    "/admin/messages?day=2019-12-25",
    "/admin/messages?text=de",
    "/admin/messages?text=de+la&room=room-0&sender=person+7",
    "/admin/messages?text=nobodysaidthis",
    "/admin/messages?before=500000",
    "/admin/messages?room=room-3&around=500000",
    "/admin/message?room=room-0&seq=1",
    "/admin/rooms",
    "/admin/rooms?q=room-15",
    "/admin/room?name=room-0",
    "/admin/people",
    "/admin/people?q=99",
    "/admin/person?name=person+7",
    "/admin/overview",
    "/admin/audit",
    "/account",
]
DOWNLOADS = ["/admin/messages.jsonl", "/admin/messages.csv?sender=person+7"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=40)
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=FOLDER.parent) as folder,
        running(prepared(Path(folder), wanted.records, wanted.people)) as (url, owner, server),
    ):
        print(f"{wanted.records:,} records, {wanted.people:,} people: milliseconds")
        print(f"{'':55} {'median':>7} {'p95':>7} {'processor':>10}")
        slow = []
        for ask, pages in ((whole, PAGES), (first_byte, DOWNLOADS)):
            for page in pages:
                asked = partial(ask, owner, url + page)
                if told(page, wanted.requests, asked, server.cpu_seconds) > GOAL_MS:
                    slow.append(page)
    print(f"beyond {GOAL_MS} ms: {', '.join(slow) or 'none'}")


def told(page: str, count: int, ask: Callable[[], None], cpu_seconds: Callable[[], float]) -> float:
    """The 95th percentile, in milliseconds; the first request, which warms up, does not count."""
    ask()
    times, used = [], cpu_seconds()
    for _ in range(count):
        start = time.perf_counter()
        ask()
        times.append((time.perf_counter() - start) * 1000)
    p95 = sorted(times)[math.ceil(count * 0.95) - 1]
    used_ms = (cpu_seconds() - used) * 1000 / count
    print(f"{page:55} {statistics.median(times):7.1f} {p95:7.1f} {used_ms:10.1f}", flush=True)
    return p95


def whole(owner: requests.Session, url: str) -> None:
    answer = owner.get(url, allow_redirects=False)
    if answer.status_code != 200:
        sys.exit(f"{url} answered {answer.status_code}")


def first_byte(owner: requests.Session, url: str) -> None:
    with owner.get(url, stream=True) as answer:
        next(answer.iter_content(1))


# The data


def prepared(folder: Path, records: int, people: int) -> tuple[Path, str]:
    """A data folder with all that, and the owner's password."""
    shutil.copytree(data_folder(records), folder, dirs_exist_ok=True)
    password = secrets.token_urlsafe()
    with (
        closing(DataFolder.open(folder)) as data,
        closing(MessageLog.open(data.messages, index=data.index, clock=clock.now)) as log,
        closing(Directory.open(data.directory, durability="os", clock=clock.now)) as directory,
    ):
        log.find(limit=1)
        accounts = AccountManager(
            directory,
            Passwords(run=lambda function, arguments: function(*arguments)),
            LoginAttempts(),
            access="members",
            clock=clock.now,
            secret=secrets.token_urlsafe,
        )
        owner = accounts.create(OWNER, password, "owner").result()
        for number in range(people):
            name = f"person {number}"
            member = Account(
                name=name, role="member", password=owner.password, created_at=owner.created_at
            )
            directory.table("accounts", Account).put(member.key, member)
        for number in range(ROOMS):
            name = f"room-{number}"
            directory.table("rooms", Room).put(name, Room(name=name, title=name.title()))
        directory.flush()
    return folder, password


@contextmanager
def running(prepared: tuple[Path, str]) -> Iterator[tuple[str, requests.Session, ServerProcess]]:
    data, password = prepared
    port = free_port()
    command = [sys.executable, "-m", "chatapp", "serve", "--port", str(port), "--data", str(data)]
    server = ServerProcess(command, port, Path.cwd())
    url = f"http://127.0.0.1:{port}"
    try:
        with requests.Session() as owner:
            token = re.search('name="csrf_token" value="([^"]+)"', owner.get(f"{url}/login").text)
            if token is None:
                sys.exit("there is no form to sign in with")
            form = {"csrf_token": token[1], "name": OWNER, "password": password}
            owner.post(f"{url}/login", data=form, allow_redirects=False).raise_for_status()
            yield url, owner, server
    finally:
        server.stop()


if __name__ == "__main__":
    main()
