"""How fast one person may make rooms."""

import pytest

from chatapp import clock
from chatapp.config import Rate
from chatapp.errors import RateLimited
from chatapp.model import Person
from chatapp.rates import Pace
from chatapp.rooms.manager import RoomManager
from chatapp.wire import Create
from tests.support.accounts import MemoryDirectory

ANA, BEN = (Person(name=name, key=f"key of {name}") for name in ("Ana", "Ben"))


def test_too_many_new_rooms_are_refused_and_told_when_again() -> None:
    pace = Pace(Rate(burst=2, per_second=2 / 3600), "new rooms")
    rooms = RoomManager(
        MemoryDirectory(), clock=clock.now, account_name=lambda _name: None, pace=pace
    )
    for name in ("one", "two"):
        rooms.create(ANA, Create(room=name))

    with pytest.raises(RateLimited, match="again in 60 minutes") as refused:
        rooms.create(ANA, Create(room="three"))
    rooms.create(BEN, Create(room="three"))

    assert refused.value.retry_after is not None
    assert 3000 < refused.value.retry_after <= 3601
