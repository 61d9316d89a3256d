"""Streams beside sockets: what a client of each costs the chat in memory, and what a delivery does.

    python -m benchmarks.http.streams [--clients 500] [--seconds 8]

One speaks over a socket, and so many listen: over sockets, then as many over streams of Server-Sent
Events, then over streams of JSON lines, then over streams of all rooms. Each time it is a new
server, and the whole chat.
"""

import argparse
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.sockets.fanout import HERE, chat_command, measure_crowd
from benchmarks.support.crowd import Chat, Crowd, Step
from benchmarks.support.process import ServerProcess, free_port
from chatapp.transport.http.listening import raise_file_limit

WARM_UP_CLIENTS = 50
"""They come before the memory is looked at first: the first of them makes things that stay."""


class Streams(Chat):
    """The first who comes speaks, over a socket; the others listen to streams."""

    def __init__(self, mimetype: str, path: str = "rooms/{room}/stream") -> None:
        self._mimetype = mimetype
        self._path = path

    def steps(self, number: int, room: str) -> list[Step]:
        if number == 1:
            return super().steps(number, room)
        request = (
            f"GET /api/v1/{self._path.format(room=room)} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Guest crowd-{number}:the%20key%20of%20crowd-{number}\r\n"
            f"Accept: {self._mimetype}\r\n\r\n"
        )
        return [(request.encode(), b'"recovered":true')]


DIALECTS = {
    "sockets": Chat(),
    "event streams": Streams("text/event-stream"),
    "lines of JSON": Streams("application/x-ndjson"),
    "event streams of all rooms": Streams("text/event-stream", "stream"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    raise_file_limit()
    for name, dialect in DIALECTS.items():
        measure(name, dialect, arguments.clients, arguments.seconds)


def measure(name: str, dialect: Chat, clients: int, seconds: float) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(chat_command(port, Path(folder)), port, HERE.parent)
        try:
            with closing(Crowd(server.address, dialect)) as crowd:
                crowd.grow(WARM_UP_CLIENTS)
                crowd.burst(20)
                memory = server.memory_bytes()
                crowd.grow(clients - WARM_UP_CLIENTS)
                crowd.listen(seconds=2.0)
                each = (server.memory_bytes() - memory) / (clients - WARM_UP_CLIENTS) / 1024
                print(f"{name}, {clients:,} listeners: {each:.1f} KB each", flush=True)
                measure_crowd(server, crowd, 0, seconds)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
