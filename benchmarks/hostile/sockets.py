"""What one hostile guest does over the socket: each function is one attack of `guest.py`.

An attack runs in a process of its own, so that it takes nothing from those who measure. It gets
a `Stage`, goes on for `stage.seconds`, and may return a word about what it saw itself.
"""

import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from typing import NamedTuple

from benchmarks.support.crowd import PATIENCE_SECONDS, Chat, connected, read_until
from tests.transport.raw import text

LONG_TEXT = "x" * 16_000
GUESTS = 8
MESSAGES_AT_ONCE = 10
PIPELINED = 200
"""Events of one write, where an attack goes on and on."""
READ_BYTES = 256 * 1024
_NEW = count(1)


class Stage(NamedTuple):
    """Where an attack happens, and for how long. `token` is an admin's."""

    address: tuple[str, int]
    seconds: float
    token: str = ""


class Guest(Chat):
    """A dialect whose people have a name and a key that nobody else here has."""

    def __init__(self, prefix: str = "hostile") -> None:
        self._prefix = prefix

    def _auth(self, number: int, room: str) -> dict[str, str]:
        name = f"{self._prefix}-{number}"
        return {"name": name, "key": f"the long key of {name}"}


class Bearer(Chat):
    def __init__(self, token: str) -> None:
        self._token = token

    def _auth(self, number: int, room: str) -> dict[str, str]:
        return {"token": self._token}


def event(name: str, payload: object, id: object = "") -> bytes:
    return text(f"42{id}" + json.dumps([name, payload]))


def nothing(stage: Stage) -> str:
    """What the machine itself does to the probe."""
    time.sleep(stage.seconds)
    return ""


# One write


def histories(stage: Stage) -> str:
    """1,250 requests for the longest page there is, in one write, and nothing is read."""
    wanted = {"room": "general", "limit": 200}
    return _once(stage, b"".join(event("history", wanted, n) for n in range(1250)))


def histories_in_one_post(stage: Stage) -> str:
    """The same in one polling POST of 1 MB, while nobody polls."""
    packet = '421["history",{"room":"general","limit":200}]'
    post(stage, poll_session(stage), "\x1e".join([packet] * (999_000 // (len(packet) + 1))))
    time.sleep(stage.seconds)
    return ""


def typings_at_once(stage: Stage) -> str:
    """40,000 times typing, in one write."""
    return _once(stage, event("typing", {"room": "general"}) * 40_000)


def long_messages(stage: Stage) -> str:
    """Eight guests write as much as one may at once."""
    guests = list(_guests(stage, GUESTS))
    for guest in guests:
        for number in range(MESSAGES_AT_ONCE):
            guest.sendall(event("message", {"text": LONG_TEXT}, number))
    _read_on(guests, stage.seconds)
    return ""


def updates(stage: Stage) -> str:
    """An admin changes the topic of a room with many in it, 50 times at once."""
    client = connected(stage.address, Bearer(stage.token).steps(1, "general"))
    changes = (event("update", {"room": "general", "topic": f"topic {n}"}, n) for n in range(50))
    client.sendall(b"".join(changes))
    _read_on([client], stage.seconds)
    return ""


# Floods


def typing(stage: Stage) -> str:
    return _flood(stage, lambda _: event("typing", {"room": "general"}))


def people(stage: Stage) -> str:
    wanted = {"room": "general", "query": "a", "limit": 200}
    return _flood(stage, lambda n: event("people", wanted, n))


def rooms(stage: Stage) -> str:
    return _flood(stage, lambda n: event("rooms", {}, n))


def join(stage: Stage) -> str:
    return _flood(stage, lambda n: event("join", {"room": "general"}, n))


def status(stage: Stage) -> str:
    return _flood(stage, lambda n: event("status", {"state": ("away", "online")[n % 2]}, n))


def read(stage: Stage) -> str:
    spelled = ("general", "General", "GENERAL", "gEnErAl")
    return _flood(stage, lambda n: event("read", {"room": spelled[n % 4], "seq": 1}, n))


def unknown(stage: Stage) -> str:
    return _flood(stage, lambda n: event("nonsense", {"room": "general"}, n))


def search(stage: Stage) -> str:
    return _flood(stage, lambda n: event("search", {"query": f"x{n % 50}"}, n))


def acks(stage: Stage) -> str:
    """Answers that nobody asked for."""
    return _flood(stage, lambda n: text(f"43{n}[]"))


def pings(stage: Stage) -> str:
    """Control frames, each of which is to be answered."""
    return _flood(stage, lambda n: _masked_ping())


def history_by_many(stage: Stage) -> str:
    """Fifty guests ask for pages as fast as they get them."""
    wanted = {"room": "general", "limit": 200}
    return _flood(stage, lambda n: event("history", wanted, n), guests=50, pipelined=5)


def come_and_go(stage: Stage) -> str:
    """Connect, be let in, go, by ever new keys."""
    came, end = 0, time.monotonic() + stage.seconds
    while time.monotonic() < end:
        with suppress(OSError, RuntimeError):  # it may be told to come later
            connected(stage.address, Guest(f"fly-{came}").steps(1, "general")).close()
        came += 1
    return f"{came / stage.seconds:.0f} a second"


def rooms_by_new_keys(stage: Stage) -> str:
    """Each key may make some rooms: take a new one when it may not."""
    made = keys = 0
    end = time.monotonic() + stage.seconds
    while time.monotonic() < end:
        keys += 1
        with suppress(OSError, RuntimeError):
            client = connected(stage.address, Guest(f"maker-{keys}").steps(1, "general"))
            with closing(client):
                for number in range(20):
                    client.sendall(event("create", {"room": f"made-{keys}-{number}"}, number))
                    read_until(client, f"43{number}[".encode())
                    made += 1
    return f"{made} asked for, by {keys} keys"


def messages_by_new_keys(stage: Stage) -> str:
    """Each key may write some messages: take a new one when it may not."""
    keys, end = 0, time.monotonic() + stage.seconds
    guests: list[socket.socket] = []
    while time.monotonic() < end:
        keys += 1
        with suppress(OSError, RuntimeError):
            guests.append(connected(stage.address, Guest(f"key-{keys}").steps(1, "general")))
            for number in range(MESSAGES_AT_ONCE):
                guests[-1].sendall(event("message", {"text": LONG_TEXT}, number))
        _read_on(guests, 0.0)
        while len(guests) > 5:
            guests.pop(0).close()
    return f"by {keys} keys"


def waiting_posts(stage: Stage) -> str:
    """100 POSTs of 1 MB for one session, which has just begun with something long."""
    id = poll_session(stage)
    packet = '421["history",{"room":"general","limit":200}]'
    post(stage, id, "\x1e".join([packet] * 20_000))
    for _ in range(100):
        post(stage, id, "4" + "x" * 999_000)
    time.sleep(stage.seconds)
    return ""


# Steps


def _once(stage: Stage, flood: bytes) -> str:
    """Send all that, and read nothing."""
    (guest,) = _guests(stage, 1)
    guest.settimeout(stage.seconds)
    start = time.monotonic()
    with suppress(OSError):  # it may be slowed, or closed
        guest.sendall(flood)
    time.sleep(max(0.0, start + stage.seconds - time.monotonic()))
    return ""


def _flood(stage: Stage, make: object, guests: int = 1, pipelined: int = PIPELINED) -> str:
    """Guests who send as fast as they are read, and read what they are answered."""
    assert callable(make)
    batch = b"".join(make(n) for n in range(1, pipelined + 1))
    poll = select.epoll()
    clients = {guest.fileno(): guest for guest in _guests(stage, guests)}
    for fd, client in clients.items():
        client.setblocking(False)
        poll.register(fd, select.EPOLLIN | select.EPOLLOUT)
    left = dict.fromkeys(clients, batch)
    sent, end = 0, time.monotonic() + stage.seconds
    while clients and time.monotonic() < end:
        for fd, ready in poll.poll(0.2):
            try:
                if ready & select.EPOLLIN and not clients[fd].recv(READ_BYTES):
                    raise ConnectionError
                if ready & select.EPOLLOUT:
                    taken = clients[fd].send(left[fd])
                    sent += taken
                    left[fd] = left[fd][taken:] or batch
            except BlockingIOError:
                continue
            except OSError:
                poll.unregister(fd)
                clients.pop(fd).close()
    events = sent / len(batch) * pipelined / stage.seconds
    closed = "" if clients else ", then closed"
    return f"{events:,.0f} a second taken{closed}"


def _guests(stage: Stage, number: int) -> Iterator[socket.socket]:
    """Whom nobody has heard of: what those of an attack before have asked is not counted."""
    dialect = Guest(f"hostile-{next(_NEW)}")
    for one in range(number):
        yield connected(stage.address, dialect.steps(one, "general"))


def _read_on(clients: list[socket.socket], seconds: float) -> None:
    """Take what comes for so long, and once at least."""
    end = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select(clients, [], [], max(0.0, min(0.1, end - time.monotonic())))
        for client in ready:
            with suppress(OSError):
                client.recv(READ_BYTES)
        if time.monotonic() >= end:
            return


def _masked_ping() -> bytes:
    return b"\x89\x84\x00\x00\x00\x00ping"


def poll_session(stage: Stage) -> str:
    """The id of a polling session that has been let in."""
    opened = _http(stage, "GET", "")
    id: str = json.loads(opened.split(b"\r\n\r\n", 1)[1][1:])["sid"]
    auth = json.dumps({"name": "poller", "key": "the long key of a poller"})
    _http(stage, "POST", f"&sid={id}", f"40{auth}".encode())
    _http(stage, "GET", f"&sid={id}")
    return id


def post(stage: Stage, id: str, body: str) -> None:
    """Send it, and wait for no answer. The socket stays open until the process ends."""
    client = _asked(stage, "POST", f"&sid={id}", body.encode())
    _KEPT.append(client)


_KEPT: list[socket.socket] = []


def _http(stage: Stage, method: str, query: str, body: bytes = b"") -> bytes:
    with closing(_asked(stage, method, query, body)) as client:
        data = b""
        while more := client.recv(READ_BYTES):
            data += more
    return data


def _asked(stage: Stage, method: str, query: str, body: bytes) -> socket.socket:
    client = socket.create_connection(stage.address, PATIENCE_SECONDS)
    head = (
        f"{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: localhost\r\n"
        f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with suppress(OSError):  # it may be refused before all of it is there
        client.sendall(head.encode() + body)
    return client
