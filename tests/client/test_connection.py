"""How a connection ends."""

import time

from chatapp.client.connection import Connection


def test_a_goodbye_on_the_reading_thread_leaves_nobody_waiting(server):
    began = time.monotonic()

    for number in range(10):
        come_and_go(server.url, f"guest {number}")

    assert time.monotonic() - began < 10


def come_and_go(url: str, name: str) -> None:
    connection = Connection(url, {"name": name}, heard=lambda *_: connection.close())
    connection.tell("create", {"room": name.replace(" ", "-")})
    connection.wait()
