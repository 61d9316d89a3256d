"""Many clients in one process, as cheap as Python allows, so that the server is what is measured.

They speak just enough of a protocol to connect; after that they read bytes and count the
marks in them. How busy this process was is part of every result: as long as it is not
busy all the time, it was not the limit.
"""

import contextlib
import json
import select
import socket
import time
from typing import NamedTuple, Protocol

from tests.transport.raw import text

READ_BYTES = 256 * 1024
TEXT = "Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind. " * 2
PATIENCE_SECONDS = 30.0

MARK = b"sent_at="
"""What is counted: it is once in each message."""
CUT = len(MARK) - 1
"""So much of one can be at the end of a read."""

Step = tuple[bytes, bytes]
"""What to send, and what is in the answer."""


class Dialect(Protocol):
    """How to connect, and how to say something."""

    ping: bytes
    """What the server sends to see whether somebody is there; nothing else has it in it."""
    pong: bytes

    def steps(self, number: int, room: str) -> list[Step]:
        """To be let in, one after another."""

    def say(self, number: int, times: int) -> bytes:
        """The bytes of one message, with the time, and with one `MARK`."""


def said(times: int) -> str:
    """A text that tells when it was said, `times` as long as usual."""
    return f"{TEXT * times} sent_at={time.time():.6f};"


class SocketIO:
    ping = b"\x81\x012"
    pong = text(b"3")

    def steps(self, number: int, room: str) -> list[Step]:
        upgrade = (
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        auth = json.dumps(self._auth(number, room))
        return [(upgrade, b'"maxPayload"'), (text("40" + auth), b'40{"sid"')]

    def _auth(self, number: int, room: str) -> dict[str, str]:
        return {"room": room}

    def say(self, number: int, times: int) -> bytes:
        payload = {"room": "general", "text": said(times)}
        return text(f"42{number}" + json.dumps(["message", payload], ensure_ascii=False))


class Chat(SocketIO):
    """To the whole chat, where people have names, and whoever connects is in `general`."""

    def _auth(self, number: int, room: str) -> dict[str, str]:
        return {"name": f"crowd-{number}", "key": f"the key of crowd-{number}"}


class Irc:
    ping = b"PING :"
    pong = b"PONG :there\r\n"

    def steps(self, number: int, room: str) -> list[Step]:
        hello = f"NICK u{number}\r\nUSER u 0 * :u\r\n".encode()
        return [(hello, b" 255 "), (f"JOIN #{room}\r\n".encode(), b" 366 ")]

    def say(self, number: int, times: int) -> bytes:
        return f"PRIVMSG #general :{said(times)}\r\n".encode()


class Deliveries(NamedTuple):
    count: int
    seconds: float
    latencies: list[float]
    """In seconds, one a read: of the oldest delivery in it."""


Address = tuple[str, int]


class Crowd:
    """Those who listen, and one who speaks, at `address`. They come to each address in turns."""

    def __init__(self, address: Address, dialect: Dialect, *others: Address) -> None:
        self._addresses = [address, *others]
        self._dialect = dialect
        self._poll = select.epoll()
        self._clients: dict[int, socket.socket] = {}
        self._greeted = 0
        self.listeners = 0
        self._times = 1
        self._tails: dict[int, bytes] = {}
        self._buffer = bytearray(READ_BYTES)
        self._view = memoryview(self._buffer)
        self.speaker = self._connect("general")
        self._poll.register(self.speaker.fileno(), select.EPOLLIN)

    # Connecting

    def grow(self, more: int, room: str = "general") -> None:
        """Connect so many more, one after another. Only those in `general` hear the speaker."""
        for number in range(more):
            self._take_in(self._connect(room), room)
            if isinstance(self._dialect, Irc) and number % 20 == 0:
                self.listen(seconds=0.01)  # there, each arrival is told to all

    def storm(self, more: int) -> None:
        """Connect so many more, all at once."""
        arriving: dict[int, _Arrival] = {}
        poll = select.epoll()
        for _ in range(more):
            client = _new_socket()
            client.setblocking(False)
            arriving[client.fileno()] = _Arrival(client, self._steps("general"))
            client.connect_ex(self._next_address())
            poll.register(client.fileno(), select.EPOLLOUT)
        while arriving:
            ready = poll.poll(PATIENCE_SECONDS)
            if not ready:
                raise RuntimeError(f"{len(arriving)} were not let in")
            for fd, _ in ready:
                if arriving[fd].go_on():
                    poll.unregister(fd)
                    self._take_in(arriving.pop(fd).client, "general")
                else:
                    poll.modify(fd, select.EPOLLIN)
        poll.close()

    def _connect(self, room: str) -> socket.socket:
        return connected(self._next_address(), self._steps(room))

    def _next_address(self) -> Address:
        return self._addresses[self._greeted % len(self._addresses)]

    def _steps(self, room: str) -> list[Step]:
        self._greeted += 1
        return self._dialect.steps(self._greeted, room)

    def _take_in(self, client: socket.socket, room: str) -> None:
        client.setblocking(False)
        self._clients[client.fileno()] = client
        self._poll.register(client.fileno(), select.EPOLLIN)
        self.listeners += room == "general"

    def close(self) -> None:
        self._poll.close()
        for client in [self.speaker, *self._clients.values()]:
            client.close()

    # Speaking and listening

    def lengthen(self, times: int) -> None:
        """From now on, texts are so many times as long."""
        self._times = times

    def burst(self, count: int) -> Deliveries:
        """`count` messages at once."""
        self.speaker.sendall(
            b"".join(self._dialect.say(number, self._times) for number in range(count))
        )
        return self._hear(count * self.listeners)

    def paced(self, per_second: float, seconds: float) -> Deliveries:
        """So many messages a second, for so long."""
        start = time.perf_counter()
        heard = 0
        latencies: list[float] = []
        total = int(per_second * seconds)
        for number in range(total):
            self.speaker.sendall(self._dialect.say(number, self._times))
            due = start + (number + 1) / per_second
            more = self.listen(seconds=max(0.0, due - time.perf_counter()))
            heard += more.count
            latencies += more.latencies
        rest = self._hear(total * self.listeners - heard)
        return Deliveries(
            heard + rest.count, time.perf_counter() - start, latencies + rest.latencies
        )

    def _hear(self, deliveries: int) -> Deliveries:
        heard = self.listen(seconds=PATIENCE_SECONDS, enough=deliveries)
        if heard.count < deliveries:
            raise RuntimeError(f"{deliveries - heard.count:,} of {deliveries:,} did not arrive")
        return heard

    def listen(self, seconds: float, enough: float = float("inf")) -> Deliveries:
        """Until so many deliveries have arrived, but no longer than `seconds`."""
        start = time.perf_counter()
        count = 0
        latencies: list[float] = []
        buffer, view = self._buffer, self._view
        while count < enough:
            left = start + seconds - time.perf_counter()
            if left <= 0:
                break
            for fd, _ in self._poll.poll(left):
                if fd == self.speaker.fileno():
                    self._hear_acks()
                    continue
                client = self._clients[fd]
                size = client.recv_into(view)
                if not size:
                    raise RuntimeError("the server closed a connection")
                found = buffer.count(MARK, 0, size)
                found += (self._tails.get(fd, b"") + view[:CUT]).count(MARK)  # cut by a read
                self._tails[fd] = bytes(view[max(0, size - CUT) : size])
                if found:
                    count += found
                    latencies.append(time.time() - self._time_of_first(size))
                if buffer.find(self._dialect.ping, 0, size) >= 0:
                    client.sendall(self._dialect.pong)
        return Deliveries(count, time.perf_counter() - start, latencies)

    def _time_of_first(self, size: int) -> float:
        at = self._buffer.find(MARK, 0, size) + len(MARK)
        digits = bytes(self._view[at : at + 20]).split(b";")[0]
        try:
            return float(digits)
        except ValueError:  # cut by the end of the read
            return time.time()

    def _hear_acks(self) -> None:
        self.speaker.setblocking(False)
        with contextlib.suppress(BlockingIOError):  # no more has come yet
            while data := self.speaker.recv(READ_BYTES):
                if self._dialect.ping in data:
                    self.speaker.sendall(self._dialect.pong)
        self.speaker.settimeout(PATIENCE_SECONDS)


class _Arrival:
    """One of many that connect at once."""

    def __init__(self, client: socket.socket, steps: list[Step]) -> None:
        self.client = client
        self._steps = steps
        self._awaited: bytes | None = None
        self._read = b""

    def go_on(self) -> bool:
        """The socket is ready: do what is next. Whether that was all."""
        if self._awaited is not None:
            self._read += self.client.recv(65536)
            if self._awaited not in self._read:
                return False
            self._read = b""
        if not self._steps:
            return True
        words, self._awaited = self._steps.pop(0)
        self.client.sendall(words)
        return False


class TurnedAway(Exception):
    """The server has no room just now, for this address or for all. It says when to come again."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(answer)
        head = answer.partition(b"\r\n\r\n")[0]
        self.retry_after = float(head.partition(b"Retry-After: ")[2].split()[0])


def connected(address: tuple[str, int], steps: list[Step]) -> socket.socket:
    """One client that the server has let in; one that is turned away comes again when it may."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        client = _new_socket()
        try:
            client.settimeout(PATIENCE_SECONDS)
            client.connect(address)
            for words, answer in steps:
                client.sendall(words)
                read_until(client, answer)
        except TurnedAway as error:
            client.close()
            if time.monotonic() + error.retry_after > deadline:
                raise
            time.sleep(error.retry_after)
        except BaseException:
            client.close()
            raise
        else:
            return client


def _new_socket() -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def read_until(client: socket.socket, end: bytes) -> None:
    data = b""
    while end not in data:
        more = client.recv(65536)
        if not more:
            raise RuntimeError(f"the server closed: {data[-200:]!r}")
        data += more
        if data.startswith(b"HTTP/1.1 503 ") and b"\r\n\r\n" in data:
            raise TurnedAway(data)
