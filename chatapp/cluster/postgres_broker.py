"""The broker of a chat that has PostgreSQL and no Redis: NOTIFY, on a connection of its own.

The payload of a NOTIFY is text of less than 8,000 bytes, so frames travel in Base64, long ones in
parts. All parts of a frame are in one transaction: whoever listens gets all of them, one after
another. `synchronous_commit=off`, because nothing is lost that may not be lost, and because a
transaction with a NOTIFY holds a lock of the whole server while it commits.

    9f2c61d07b3a48e5 812 2/3 OWYyYzYxZDA3YjNh…
    publisher        no. part, of how many

The number is in it because PostgreSQL drops what is the same as an earlier NOTIFY of a transaction.
"""

import os
import select
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
from psycopg import Connection

from chatapp.cluster.broker import PAUSE_SECONDS, Deliver, ThreadedBroker
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import connect

PART_BYTES = 5_600
"""7,500 in Base64."""
LISTEN = "LISTEN chatapp_bus"
NOTIFY = "SELECT pg_notify('chatapp_bus', part) FROM unnest(%s::text[]) AS part"


class PostgresBroker(ThreadedBroker):
    """Connects by itself, and again after each loss."""

    _name = "PostgreSQL's NOTIFY"

    def __init__(self, url: str, deliver: Deliver) -> None:
        super().__init__(deliver)
        self._url = url
        self._parts: dict[str, list[bytes]] = {}
        self._woken, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._start(self._run)

    def close(self) -> None:
        if self._stopping.is_set():
            return
        super().close()
        if not self._threads[0].is_alive():
            os.close(self._woken)
            os.close(self._waker)

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # then it is woken already
            os.write(self._waker, b"\0")

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url, answer_seconds=self.silent_seconds) as connection:
                    connection.execute("SET synchronous_commit = off")
                    connection.execute(LISTEN)
                    self._parts.clear()
                    self._serve(connection)
            except (psycopg.Error, ClusterError) as error:
                self._lost(str(error).strip(), self._take())
                self._stopping.wait(PAUSE_SECONDS)

    def _serve(self, connection: Connection[Any]) -> None:
        began = beaten = monotonic()
        self._send(connection, [self._heartbeat()])
        self._read(connection)
        while monotonic() - max(began, self._heard_at) < self.silent_seconds:
            self._wait(connection, self.heartbeat_seconds - (monotonic() - beaten))
            is_last = self._stopping.is_set()
            frames = self._take()
            if monotonic() - beaten >= self.heartbeat_seconds:
                beaten = monotonic()
                frames.append(self._heartbeat())
            if frames:
                self._send(connection, frames)
            self._read(connection)
            if is_last:
                return
        self._lost("its notifications do not come back")

    def _wait(self, connection: Connection[Any], seconds: float) -> None:
        poll = select.poll()
        for file in (connection.fileno(), self._woken):
            poll.register(file, select.POLLIN)
        poll.poll(max(0.0, seconds) * 1000)
        with suppress(BlockingIOError):
            os.read(self._woken, 65_536)

    def _send(self, connection: Connection[Any], frames: list[bytes]) -> None:
        try:
            connection.execute(NOTIFY, [[part for frame in frames for part in _parts(frame)]])
        except psycopg.Error as error:
            self._lost(str(error).strip(), frames)
            raise

    def _read(self, connection: Connection[Any]) -> None:
        frames = []
        for notification in connection.notifies(timeout=0):
            frame = self._joined(notification.payload)
            if frame is not None:
                frames.append(frame)
        if frames:
            self._arrived(frames)

    def _joined(self, text: str) -> bytes | None:
        """The frame that ends with this part; None if it goes on."""
        publisher, _, place, encoded = text.split(" ")
        number, _, count = place.partition("/")
        parts = self._parts.pop(publisher, [])
        parts.append(b64decode(encoded))
        if number != count:
            self._parts[publisher] = parts
            return None
        return b"".join(parts)


def _parts(frame: bytes) -> Iterator[str]:
    publisher, frame_number, _ = frame[:60].decode("latin-1").split(" ", 2)
    count = -(-len(frame) // PART_BYTES)
    for number in range(count):
        part = frame[number * PART_BYTES : (number + 1) * PART_BYTES]
        yield f"{publisher} {frame_number} {number + 1}/{count} {b64encode(part).decode()}"
