"""Streams of the server that the tests of a module share."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.server import Server
from tests.support.streams import GUEST, StreamClient


@pytest.fixture
def of_rooms(house: Server) -> Iterator[Callable[..., StreamClient]]:
    """The same for streams of all rooms: `of_rooms(secret, query, **headers)`."""
    opened: list[StreamClient] = []

    def open_stream(secret: str = GUEST, query: str = "", **headers: str) -> StreamClient:
        opened.append(StreamClient.of_rooms(house.url, secret, query, **headers))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.close()


@pytest.fixture
def streams(house: Server) -> Iterator[Callable[..., StreamClient]]:
    """Opens streams that have begun: `streams(room, secret, query, **headers)`."""
    opened: list[StreamClient] = []

    def open_stream(
        room: str = "general", secret: str = GUEST, query: str = "", **headers: str
    ) -> StreamClient:
        opened.append(StreamClient.of_room(house.url, room, secret, query, **headers))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.close()
