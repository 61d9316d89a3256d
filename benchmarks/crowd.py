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
from collections.abc import Callable
from typing import NamedTuple, Protocol

from tests.realtime.raw import text

READ_BYTES = 256 * 1024
TEXT = "Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind. " * 2
PATIENCE_SECONDS = 120.0


class Dialect(Protocol):
    """How to connect, how to say something, and what each delivery has in it exactly once."""

    mark: bytes

    def greet(self, client: socket.socket, number: int) -> None:
        """Blocks until the server has let `client` in."""

    def say(self, number: int) -> bytes:
        """The bytes of one message, with the time and `number`."""

    def pong(self, client: socket.socket, data: bytes) -> None:
        """Answer the server's pings, if there are any in `data`."""


class SocketIO:
    mark = b'"sent_at":'

    def greet(self, client: socket.socket, number: int) -> None:
        client.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        _read_until(client, b'"maxPayload"')
        client.sendall(text(b"40" + json.dumps({"name": f"crowd-{number}"}).encode()))
        _read_until(client, b'40{"sid"')

    def say(self, number: int) -> bytes:
        payload = {"room": "general", "text": TEXT, "sent_at": time.time(), "number": number}
        return text(f"42{number}" + json.dumps(["message", payload]))

    def pong(self, client: socket.socket, data: bytes) -> None:
        if data.endswith(b"\x81\x012"):
            client.sendall(text(b"3"))


class Irc:
    mark = b"PRIVMSG #general"

    def greet(self, client: socket.socket, number: int) -> None:
        client.sendall(f"NICK u{number}\r\nUSER u 0 * :u\r\n".encode())
        _read_until(client, b" 422 ", b" 376 ")
        client.sendall(b"JOIN #general\r\n")
        _read_until(client, b" 366 ")

    def say(self, number: int) -> bytes:
        payload = json.dumps({"text": TEXT, "sent_at": time.time(), "number": number})
        return f"PRIVMSG #general :{payload}\r\n".encode()

    def pong(self, client: socket.socket, data: bytes) -> None:
        if data.startswith(b"PING"):
            client.sendall(b"PONG :there\r\n")


class Deliveries(NamedTuple):
    count: int
    seconds: float
    latencies: list[float]
    """In seconds, one a read: of the oldest delivery in it."""


class Crowd:
    """`size` listeners, and one more who speaks."""

    def __init__(self, address: tuple[str, int], dialect: Dialect) -> None:
        self._address = address
        self._dialect = dialect
        self._poll = select.epoll()
        self._clients: dict[int, socket.socket] = {}
        self._greeted = 0
        self._buffer = bytearray(READ_BYTES)
        self._view = memoryview(self._buffer)
        self.speaker = self._connect()

    def grow(self, size: int) -> None:
        """Connect until there are `size` listeners, one after another."""
        while len(self._clients) < size:
            client = self._connect()
            client.setblocking(False)
            self._clients[client.fileno()] = client
            self._poll.register(client.fileno(), select.EPOLLIN)
            if isinstance(self._dialect, Irc) and len(self._clients) % 20 == 0:
                self.listen(until=lambda: False, seconds=0.01)  # each join is told to all

    def _connect(self) -> socket.socket:
        client = socket.create_connection(self._address, timeout=PATIENCE_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._greeted += 1
        self._dialect.greet(client, self._greeted)
        return client

    def burst(self, count: int) -> Deliveries:
        """`count` messages at once."""
        self.speaker.sendall(b"".join(self._dialect.say(number) for number in range(count)))
        return self.hear(count * len(self._clients))

    def paced(self, per_second: float, seconds: float) -> Deliveries:
        start = time.perf_counter()
        count = 0
        heard = 0
        latencies: list[float] = []
        total = int(per_second * seconds)
        while count < total:
            self.speaker.sendall(self._dialect.say(count))
            count += 1
            due = start + count / per_second
            more = self.listen(until=lambda: False, seconds=max(0.0, due - time.perf_counter()))
            heard += more.count
            latencies += more.latencies
        rest = self.hear(total * len(self._clients) - heard)
        return Deliveries(
            heard + rest.count, time.perf_counter() - start, latencies + rest.latencies
        )

    def hear(self, deliveries: int) -> Deliveries:
        """Listen until so many have arrived."""
        heard = 0

        def enough(count: int) -> bool:
            nonlocal heard
            heard = count
            return count >= deliveries

        result = self.listen(until=lambda: False, seconds=PATIENCE_SECONDS, enough=enough)
        if result.count < deliveries:
            raise RuntimeError(f"{deliveries - result.count:,} of {deliveries:,} did not arrive")
        return result

    def listen(
        self,
        until: Callable[[], bool],
        seconds: float,
        enough: Callable[[int], bool] = lambda count: False,
    ) -> Deliveries:
        start = time.perf_counter()
        count = 0
        latencies: list[float] = []
        mark = self._dialect.mark
        buffer, view = self._buffer, self._view
        while not enough(count) and not until():
            left = start + seconds - time.perf_counter()
            if left <= 0:
                break
            for fd, _ in self._poll.poll(left):
                client = self._clients[fd]
                size = client.recv_into(view)
                if not size:
                    raise RuntimeError("the server closed a connection")
                found = buffer.count(mark, 0, size)
                if found:
                    count += found
                    latencies.append(time.time() - self._time_of_first(size))
                if found == 0 or size < 200:
                    self._dialect.pong(client, bytes(view[:size]))
        self._drain_speaker()
        return Deliveries(count, time.perf_counter() - start, latencies)

    def _time_of_first(self, size: int) -> float:
        at = self._buffer.find(b'"sent_at":', 0, size) + len(b'"sent_at":')
        digits = bytes(self._view[at : at + 19]).split(b",")[0]
        try:
            return float(digits)
        except ValueError:  # cut by the end of the read
            return time.time()

    def _drain_speaker(self) -> None:
        self.speaker.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while data := self.speaker.recv(READ_BYTES):
                self._dialect.pong(self.speaker, data)
        self.speaker.settimeout(PATIENCE_SECONDS)

    def close(self) -> None:
        self._poll.close()
        for client in [self.speaker, *self._clients.values()]:
            client.close()


def _read_until(client: socket.socket, *ends: bytes) -> bytes:
    data = b""
    while not any(end in data for end in ends):
        more = client.recv(65536)
        if not more:
            raise RuntimeError(f"the server closed: {data[-200:]!r}")
        data += more
    return data
