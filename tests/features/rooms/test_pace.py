"""How fast one person may make rooms."""

import pytest

from chatapp.domain import clock
from chatapp.domain.errors import RateLimited, RoomExists
from chatapp.domain.model import Person
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features.rooms.manager import RoomManager
from chatapp.protocol.requests import Create
from tests.support.accounts import MemoryDirectory

ANA, BEN = (Person(name=name, id=f"key of {name}") for name in ("Ana", "Ben"))
BOSS = Person(name="Boss", id="boss", role="admin")


def test_too_many_new_rooms_are_refused_and_told_when_again() -> None:
    pace = PersonPace(Rate(burst=2, per_second=2 / 3600), "new rooms")
    rooms = RoomManager(
        MemoryDirectory(), clock=clock.now, account_of=lambda _name: None, pace=pace
    )
    for name in ("one", "two"):
        rooms.create(ANA, Create(room=name))

    with pytest.raises(RateLimited, match="again in 60 minutes") as refused:
        rooms.create(ANA, Create(room="three"))
    rooms.create(BEN, Create(room="three"))

    assert refused.value.retry_after is not None
    assert 3000 < refused.value.retry_after <= 3601


def test_who_tries_out_the_names_of_rooms_is_slowed_down_as_if_they_made_them() -> None:
    pace = PersonPace(Rate(burst=2, per_second=2 / 3600), "new rooms")
    rooms = RoomManager(
        MemoryDirectory(), clock=clock.now, account_of=lambda _name: None, pace=pace
    )
    cellar = Create(room="cellar", kind="private")
    rooms.create(Person(name="Eva", id="id of Eva", role="member"), cellar)

    for _ in range(2):
        with pytest.raises(RoomExists):
            rooms.create(ANA, Create(room="cellar"))
    with pytest.raises(RateLimited):
        rooms.create(ANA, Create(room="cellar"))


def test_who_sets_the_place_up_makes_as_many_rooms_as_it_needs() -> None:
    pace = PersonPace(Rate(burst=2, per_second=2 / 3600), "new rooms")
    rooms = RoomManager(
        MemoryDirectory(), clock=clock.now, account_of=lambda _name: None, pace=pace
    )

    for number in range(30):
        rooms.create(BOSS, Create(room=f"room-{number}")).result()

    assert len(rooms.all()) == 31
