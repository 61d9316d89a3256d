"""Who is in which room: accounts for good, guests while they are here."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import GENERAL, Person, Room
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.rooms.memberships import Memberships
from chatapp.protocol.requests import Leave
from tests.support.accounts import MemoryDirectory

ANA = Person(name="Ana", id="ana", role="member")
GUS = Person(name="Gus", id="guest:gus")
EVERYBODY = Room(name=GENERAL, title="General")
TEA = Room(name="tea", title="Tea")
CELLAR = Room(name="cellar", title="Cellar", kind="private", members={"ana": "Ana"})


@pytest.fixture
def store() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def memberships(store: MemoryDirectory) -> Memberships:
    return Memberships(store)


@pytest.mark.parametrize("person", [ANA, GUS])
def test_everybody_is_in_general_and_joins_public_rooms(memberships, person):
    assert memberships.rooms_of(person, [EVERYBODY, TEA]) == [GENERAL]

    memberships.join(person, TEA)
    assert memberships.rooms_of(person, [EVERYBODY, TEA]) == [GENERAL, "tea"]

    memberships.leave(person, TEA)
    assert memberships.rooms_of(person, [EVERYBODY, TEA]) == [GENERAL]


def test_a_room_with_a_list_has_those_who_are_in_it(memberships):
    memberships.join(GUS, CELLAR)

    assert memberships.is_in("ana", CELLAR)
    assert not memberships.is_in("guest:gus", CELLAR)


def test_an_accounts_rooms_outlast_its_visits_and_a_guests_do_not(memberships, store):
    for person in (ANA, GUS):
        memberships.join(person, TEA)
        memberships.departed(person)
        memberships.gone(person.id)

    assert memberships.is_in("ana", TEA)
    assert Memberships(store).is_in("ana", TEA)
    assert not memberships.is_in("guest:gus", TEA)
    memberships.forget("ana")
    assert not memberships.is_in("ana", TEA)


def test_while_the_disk_is_full_a_room_is_joined_for_the_visit(memberships, store):
    store.slow = True
    memberships.join(ANA, TEA)
    store.refuse()

    assert memberships.is_in("ana", TEA)
    memberships.departed(ANA)
    assert not memberships.is_in("ana", TEA)


class Attendance:
    """Notes which connections were taken out of a room."""

    def __init__(self) -> None:
        self.left: list[str] = []

    def leave(self, connection: SimpleNamespace, _room: str) -> None:
        self.left.append(connection.name)

    def leave_all(self, _person: Person, _room: str) -> list[SimpleNamespace]:
        self.left.append("the others")
        return []


@pytest.fixture
def subscriptions() -> Attendance:
    return Attendance()


@pytest.fixture
def leave(memberships: Memberships, subscriptions: Attendance) -> Callable[[], Any]:
    """Ana leaves the tea room: what the handler answers."""
    rooms = SimpleNamespace(find=lambda _person, _name: TEA)
    handlers = RoomEvents(
        cast(Any, None),
        cast(Any, rooms),
        memberships,
        cast(Any, None),
        subscriptions,
        lines=cast(Any, SimpleNamespace(left=lambda _person, _room: Future.of(None))),
    )
    connection = SimpleNamespace(name="this", person=ANA, open=True)
    return lambda: handlers._leave(cast(Any, connection), Leave(room="tea"))


def test_who_leaves_is_told_so_when_it_is_on_the_disk(memberships, store, subscriptions, leave):
    memberships.join(ANA, TEA)
    store.slow = True

    answer = leave()
    assert (answer.done, subscriptions.left) == (False, [])
    store.settle()

    assert answer.result().ok
    assert subscriptions.left == ["this", "the others"]


def test_a_leave_that_the_disk_refuses_has_not_happened(memberships, store, subscriptions, leave):
    memberships.join(ANA, TEA)
    store.slow = True

    answer = leave()
    store.refuse()

    with pytest.raises(ReadOnly):
        answer.result()
    assert subscriptions.left == []
    assert memberships.is_in("ana", TEA)


def test_who_joins_again_before_the_leave_is_on_the_disk_stays(
    memberships, store, subscriptions, leave
):
    memberships.join(ANA, TEA)
    store.slow = True

    answer = leave()
    memberships.join(ANA, TEA)
    store.settle()

    assert answer.result().ok
    assert subscriptions.left == []
    assert memberships.is_in("ana", TEA)


def test_the_members_of_a_room_are_counted_also_after_a_restart(memberships, store):
    ben = Person(name="Ben", id="ben", role="member")
    for person in (ANA, ben, ANA, GUS):
        memberships.join(person, TEA)

    assert memberships.count(TEA) == 2  # Guests are members for as long as they are online.
    assert memberships.count(CELLAR) == 1
    assert Memberships(store).count(TEA) == 2

    memberships.leave(ben, TEA)
    memberships.forget("ana")
    assert memberships.count(TEA) == 0
