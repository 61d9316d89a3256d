"""One hostile guest: what do the others notice?

    python -m benchmarks.hostile.guest [--seconds 5] [--list] [ROW …]

Each row is one attack on a server of its own with its default settings, from the address that
all the others have too. Sixty honest people listen, and a probe of twenty writes a message each
50 ms, one after the other. A row says how long the probe's acks took (counted from when each
message was due), how many honest connections were closed, how many honest messages were
refused, by how much the server's memory grew at most, and what the attack cost the processor,
the probe not counted; and beside it what was seen before all this was bounded.

A row is a line of `ROWS`: a name, an attack (a function of `Stage`, which runs in a process of
its own, see hostile_sockets.py and hostile_pages.py), what was seen, and the `Goal`. A row that
measures in another way has its own `measure`.
"""

import argparse
import multiprocessing
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.hostile import pages as pages
from benchmarks.hostile import sockets as sockets
from benchmarks.hostile.sockets import Guest, Stage, event
from benchmarks.support.crowd import Chat, Crowd, connected
from benchmarks.support.process import ServerProcess, free_port
from chatapp.domain import clock
from chatapp.domain.model import Draft
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.transport.http.listening import raise_file_limit

HERE = Path(__file__).parent.parent
LISTENERS = 60
SPEAKERS = 20
EVERY_SECONDS = 0.05
WARM_UP_SECONDS = 1.0
QUIET_SECONDS = 2.0
"""The probe alone, before the attack."""
READ_BYTES = 64 * 1024
SETTLE_SECONDS = 20.0
"""After an attack, the probe's last messages have as long to be acked."""
RETURNING = 2_000
MB = 1 << 20


class Goal(NamedTuple):
    p99_ms: float = 50.0
    memory_mb: float = 64.0
    cpu_seconds: float | None = None

    def __str__(self) -> str:
        cpu = "" if self.cpu_seconds is None else f", ≤ {self.cpu_seconds:g} s of work"
        return f"≤ {self.p99_ms:g} ms, + ≤ {self.memory_mb:g} MB{cpu}"


class Outcome(NamedTuple):
    """What the honest noticed. Times are in seconds; `found` is the attacker's word."""

    latencies: list[float]
    closed: int
    refused: int
    unanswered: int
    memory_mb: float
    cpu_seconds: float
    found: str = ""

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        times = sorted(self.latencies) or [float("inf")]
        return times[min(len(times) - 1, len(times) * percent // 100)] * 1e3

    def reaches(self, goal: Goal) -> bool:
        nobody_hurt = not (self.closed or self.refused or self.unanswered)
        cheap = goal.cpu_seconds is None or self.cpu_seconds <= goal.cpu_seconds
        small = self.memory_mb <= goal.memory_mb
        return nobody_hurt and cheap and small and self.percentile(99) <= goal.p99_ms

    def __str__(self) -> str:
        hurt = (("closed", self.closed), ("refused", self.refused), ("unacked", self.unanswered))
        words = [f"p50 {self.percentile(50):.0f}, p99 {self.percentile(99):.0f} ms"]
        words += [f"{count} {what}" for what, count in hurt if count]
        words += [f"{self.memory_mb:+.0f} MB", f"{self.cpu_seconds:.1f} s of work"]
        return ", ".join([*words, *filter(None, [self.found])])


class Row(NamedTuple):
    name: str
    attack: Callable[[Stage], str]
    seen: str
    goal: Goal = Goal()
    listeners: int = LISTENERS
    long_messages: int = 0
    """As many are in the log before."""
    filled: Callable[[MessageLog], None] | None = None
    """Puts something else into the log before."""
    options: tuple[str, ...] = ()
    """Of `chatapp serve`, where the attack is not possible with the defaults."""
    as_admin: bool = False
    """Whether the attack needs `Stage.token`."""
    measure: Callable[["Row", float], Outcome] | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these; see --list")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each attack")
    parser.add_argument("--list", action="store_true", help="say which rows there are")
    arguments = parser.parse_args()
    names = [row.name for row in ROWS]
    if unknown := sorted(set(arguments.rows) - set(names)):
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(names)}")
    chosen = [row for row in ROWS if row.name in (arguments.rows or names)]
    if arguments.list:
        print("\n".join(f"{row.name:22} {row.seen}" for row in chosen))
        return
    raise_file_limit()
    print("| attack | seen before | to reach | now | |\n|---|---|---|---|---|", flush=True)
    for row in chosen:
        outcome = (row.measure or beside_honest_people)(row, arguments.seconds)
        reached = "reached" if outcome.reaches(row.goal) else "**missed**"
        print(f"| {row.name} | {row.seen} | {row.goal} | {outcome} | {reached} |", flush=True)


# The honest


class Honest:
    """Listeners, and a probe that writes on time whatever happens; one thread, one epoll."""

    def __init__(self, address: tuple[str, int], listeners: int) -> None:
        speaking, listening = Guest("speaker"), Guest("listener")
        self._speakers = [connected(address, speaking.steps(n, "general")) for n in range(SPEAKERS)]
        others = [connected(address, listening.steps(n, "general")) for n in range(listeners)]
        self._clients = {client.fileno(): client for client in (*self._speakers, *others)}
        self._poll = select.epoll()
        for fd, client in self._clients.items():
            client.setblocking(False)
            self._poll.register(fd, select.EPOLLIN)
        self._tails: dict[int, bytes] = {}
        self._due: dict[int, float] = {}
        self._number_of = {speaker.fileno(): n for n, speaker in enumerate(self._speakers)}
        self._count = 0
        self.latencies: list[float] = []
        self.refused = 0
        self.closed = 0

    @property
    def unanswered(self) -> int:
        return len(self._due)

    def forget_results(self) -> None:
        self.latencies, self.refused = [], 0

    def go_on(self, is_over: Callable[[], bool]) -> None:
        """Write a message every 50 ms until it is over, then wait for the last acks."""
        due = time.perf_counter()
        while not is_over():
            due += EVERY_SECONDS
            while (left := due - time.perf_counter()) > 0:
                self._hear(left)
            self._say(due)
        end = time.perf_counter() + SETTLE_SECONDS
        while self._due and time.perf_counter() < end:
            self._hear(0.05)

    def _say(self, due: float) -> None:
        self._count += 1
        speaker = self._speakers[self._count % SPEAKERS]
        if speaker.fileno() in self._clients:
            self._due[self._count] = due
            speaker.send(event("message", {"text": f"probe {self._count}"}, self._count))

    def _hear(self, seconds: float) -> None:
        for fd, _ in self._poll.poll(seconds):
            client = self._clients[fd]
            try:
                data = client.recv(READ_BYTES)
            except OSError:
                data = b""
            if not data:
                self.closed += 1
                self._poll.unregister(fd)
                del self._clients[fd]
            elif fd in self._number_of:
                self._find_acks(fd, data)
            if b"\x81\x012" in data:
                client.send(Chat.pong)

    def _find_acks(self, fd: int, data: bytes) -> None:
        now = time.perf_counter()
        data = self._tails.get(fd, b"") + data
        for number in [n for n in self._due if n % SPEAKERS == self._number_of[fd]]:
            ack = b'43%d[{"ok":' % number
            at = data.find(ack)
            if at >= 0:
                self.latencies.append(now - self._due.pop(number))
                self.refused += data.startswith(b"false", at + len(ack))
        self._tails[fd] = data[-40:]

    def close(self) -> None:
        self._poll.close()
        for client in self._clients.values():
            client.close()


def beside_honest_people(row: Row, seconds: float) -> Outcome:
    """What the honest notice of a row's attack."""
    with serving(row) as (server, stage), closing(Honest(server.address, row.listeners)) as honest:
        return outcome(server, honest, row.attack, stage._replace(seconds=seconds))


def outcome(
    server: ServerProcess, honest: Honest, attack: Callable[[Stage], str], stage: Stage
) -> Outcome:
    """The probe alone for a while, and then beside the attack."""
    under_way = Attack(attack, stage)
    honest.go_on(_after(WARM_UP_SECONDS))
    before = server.cpu_seconds()
    honest.go_on(_after(QUIET_SECONDS))
    between, start = server.cpu_seconds(), time.perf_counter()
    honest.forget_results()
    with Memory(server) as memory, under_way:
        honest.go_on(lambda: under_way.is_over)
    alone = (between - before) / QUIET_SECONDS * (time.perf_counter() - start)
    return Outcome(
        honest.latencies,
        honest.closed,
        honest.refused,
        honest.unanswered,
        memory.grown_mb,
        max(0.0, server.cpu_seconds() - between - alone),
        under_way.found,
    )


@contextmanager
def serving(row: Row) -> Iterator[tuple[ServerProcess, Stage]]:
    """A server for one row, with what is in its log and the token that the row wants."""
    with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
        data = Path(folder) / "data"
        fill(data, row)
        server = start(data, free_port(), row.options)
        try:
            yield server, Stage(server.address, 0.0, admin_token(data) if row.as_admin else "")
        finally:
            server.stop()


def start(data: Path, port: int, options: tuple[str, ...] = ()) -> ServerProcess:
    command = [sys.executable, "-m", "chatapp", "serve", "--port", str(port), "--data", str(data)]
    return ServerProcess([*command, *options], port, HERE.parent)


def fill(data: Path, row: Row) -> None:
    if not (row.long_messages or row.filled):
        return
    with (
        closing(DataFolder.open(data)) as folder,
        closing(MessageLog.open(folder.messages, index=folder.index, clock=clock.now)) as log,
    ):
        for _ in range(row.long_messages):
            log.append(Draft(room="general", sender="talker", text=sockets.LONG_TEXT))
        if row.filled:
            row.filled(log)
        log.flush()


def admin_token(data: Path) -> str:
    def chatapp(*arguments: str) -> str:
        command = [sys.executable, "-m", "chatapp", *arguments, "--data", str(data)]
        done = subprocess.run(
            command, input=pages.PASSWORD, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    chatapp("user", "add", "boss", "--role", "admin", "--password-stdin")
    scopes = ("--scope", "read", "--scope", "write", "--scope", "admin")
    return chatapp("token", "create", "boss", "a benchmark", *scopes)


class Attack:
    """An attack under way, in a process of its own, which has started before."""

    def __init__(self, attack: Callable[[Stage], str], stage: Stage) -> None:
        context = multiprocessing.get_context("spawn")
        self._heard, told = context.Pipe()
        self._process = context.Process(target=_attack, args=(attack, stage, told))
        self._process.start()
        self._heard.recv()
        self.found = ""

    @property
    def is_over(self) -> bool:
        return not self._process.is_alive()

    def __enter__(self) -> "Attack":
        self._heard.send("go")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.join()
        has_failed = self._process.exitcode != 0 or not self._heard.poll()
        self.found = "the attack failed" if has_failed else self._heard.recv()


def _attack(attack: Callable[[Stage], str], stage: Stage, told: "Connection[str, str]") -> None:
    raise_file_limit()
    told.send("ready")
    told.recv()
    told.send(attack(stage))


class Memory:
    """By how much a server's memory has grown at most, looked at from a thread."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._before = server.memory_bytes()
        self._most = self._before
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            try:
                self._most = max(self._most, self._server.memory_bytes())
            except OSError:
                return  # it is gone: the probe tells

    @property
    def grown_mb(self) -> float:
        return (self._most - self._before) / MB


# The server is killed under a crowd


def killed_under_a_crowd(row: Row, seconds: float) -> Outcome:
    """2,000 are connected; the server is killed and started; all come back, and join a room."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
        data = Path(folder) / "data"
        server = start(data, port, row.options)
        try:
            with closing(Crowd(server.address, Guest("crowd"))) as crowd:
                crowd.storm(RETURNING)
                server.kill()
            server = start(data, port, row.options)
            with closing(Honest(server.address, 1)) as honest:
                return outcome(server, honest, row.attack, Stage(server.address, seconds))
        finally:
            server.stop()


def all_come_back(stage: Stage) -> str:
    """Connect and join, all at once."""
    start = time.monotonic()
    with closing(Crowd(stage.address, Returning("crowd"))) as crowd:
        crowd.storm(RETURNING)
        return f"all back after {time.monotonic() - start:.1f} s"


class Returning(Guest):
    def steps(self, number: int, room: str) -> list[tuple[bytes, bytes]]:
        join = event("join", {"room": "general"}, 1)
        return [*super().steps(number, room), (join, b'431[{"ok":true')]


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


ROWS = [
    Row("nothing", sockets.nothing, "the probe beside nobody"),
    Row(
        "history",
        sockets.histories,
        "1,250 of 200 long messages in one write: 28 s, + 7.6 GB",
        long_messages=200,
    ),
    Row(
        "history-post",
        sockets.histories_in_one_post,
        "one POST of 1 MB: the process is gone",
        long_messages=200,
    ),
    Row(
        "history-many",
        sockets.history_by_many,
        "not measured: 50 guests, long pages",
        long_messages=200,
    ),
    Row("typing-at-once", sockets.typings_at_once, "40,000 in one write: 121 of 121 closed"),
    Row("typing", sockets.typing, "121 of 121 closed", listeners=100),
    Row("long-messages", sockets.long_messages, "8 guests × 10 of 16 KB: 60 of 60 closed"),
    Row("new-keys-messages", sockets.messages_by_new_keys, "652 of 16 KB in 6 s: 60 of 60 closed"),
    Row("new-keys-rooms", sockets.rooms_by_new_keys, "540 rooms in 6 s, 92.5 ms"),
    Row("people", sockets.people, "130.6 ms"),
    Row("rooms", sockets.rooms, "102.5 ms"),
    Row("join", sockets.join, "436.8 ms"),
    Row("status", sockets.status, "261.1 ms"),
    Row("read", sockets.read, "181.6 ms"),
    Row("unknown", sockets.unknown, "301.7 ms"),
    Row("search", sockets.search, "634.1 ms"),
    Row("acks", sockets.acks, "not measured: acks that nobody asked for"),
    Row("pings", sockets.pings, "not measured: WebSocket pings"),
    Row("come-and-go", sockets.come_and_go, "300 a second: 358.3 ms"),
    Row(
        "waiting-posts",
        sockets.waiting_posts,
        "100 POSTs of 1 MB: + 331 MB",
        long_messages=200,
    ),
    Row(
        "update",
        sockets.updates,
        "50 at once, 300 people: 10 s of work",
        Goal(cpu_seconds=0.2),
        listeners=300,
        options=("--connections-per-address", "400"),
        as_admin=True,
    ),
    Row(
        "pages",
        pages.pages,
        "20 at once: 1,733 ms",
        Goal(p99_ms=100.0),
        filled=pages.talk,
    ),
    Row("sign-in-pages", pages.sign_in_pages, "20 at once: 276 ms", Goal(p99_ms=100.0)),
    Row(
        "quotes",
        pages.pages,
        "49 of 400 × `*a<tab>`, 20 pages at once; one page: 1,054 ms",
        Goal(p99_ms=100.0),
        filled=pages.quotes,
    ),
    Row(
        "sign-ins",
        pages.sign_ins,
        "120 from 120 addresses: 751 ms, an honest one 3.2 s",
        Goal(p99_ms=100.0, memory_mb=256.0),
        options=("--proxies", "1"),
        as_admin=True,
    ),
    Row("overview", pages.overviews, "4 at once: 162 ms", Goal(p99_ms=100.0), as_admin=True),
    Row(
        "download",
        pages.download,
        "the CSV of 250,000 records: 60.6 ms",
        Goal(p99_ms=100.0),
        filled=pages.many_records,
        as_admin=True,
    ),
    Row(
        "kill-9",
        all_come_back,
        "2,000 back after 17 s: 7,300 ms",
        Goal(p99_ms=250.0),
        options=("--connections-per-address", "0"),
        measure=killed_under_a_crowd,
    ),
]


if __name__ == "__main__":
    main()
