"""For tests that share a server: bo, and ana alone with him in a new room on the page."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

numbers = count(1)


@pytest.fixture(autouse=True)
def nobody_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """In the next test, everybody's name is free again, but of those who stay for all tests."""
    if "house" not in request.fixturenames:
        yield
        return
    house: Server = request.getfixturevalue("house")
    staying = house.connections
    yield
    if house.running:
        wait_until(lambda: house.connections <= staying, what="everybody to have left")


@pytest.fixture
def bo(connect: Callable[..., SimpleClient]) -> SimpleClient:
    return connect("bo")


@pytest.fixture
def room(bo: SimpleClient) -> str:
    """A room in which nobody has said anything, with bo in it."""
    room = f"room-{next(numbers)}"
    assert bo.call("create", {"room": room})["ok"]
    return room


@pytest.fixture
def ana(windows: Windows, server: Server, room: str) -> Person:
    return enter(windows, server, "ana", f"/rooms/{room}")
