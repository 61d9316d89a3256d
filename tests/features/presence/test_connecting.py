"""People who have to wait before they are let in, until their name is claimed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chatapp.domain.errors import NameTaken, Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.presence import events
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.presence.manager import PresenceManager
from chatapp.transport import Realtime
from tests.features.presence.test_manager import Later
from tests.support.accounts import Clock, MemoryDirectory
from tests.support.waiting import wait_until
from tests.transport.conftest import serve  # noqa: F401 - a fixture
from tests.transport.raw import RawClient
from tests.transport.serving import Serving

GUS = Person(name="gus", id="guest:1")


class Door:
    """`claimed` is settled by the tests; `error` is raised for whoever comes in from then on."""

    def __init__(self, realtime: Realtime) -> None:
        self.claimed: list[Future[None]] = []
        self.error: Exception | None = None
        self.presence = PresenceManager(later=Later(), tell=lambda _news: None)
        seen = LastSeen(MemoryDirectory(), clock=Clock(), later=Later())
        departed: list[Person] = []
        subscriptions = RoomSubscriptions(realtime, self.presence, seen, departed.append, self)
        events.register(
            realtime,
            subscriptions,
            identify=lambda _auth, _environ: GUS,
            admit=lambda _person, _address: self._check(Unauthorized),
            initial_rooms=lambda _person: ["general"],
            is_in=lambda _person, _room: True,
            check_guest=lambda _name: self._check(NameTaken),
        )

    def claim(self, person: Person) -> Future[None]:
        self.claimed.append(Future())
        return self.claimed[-1]

    def arriving(self, person: Person) -> None:
        pass

    def changed(self, person: Person) -> None:
        pass

    def _check(self, kind: type[Exception]) -> None:
        if isinstance(self.error, kind):
            raise self.error


@pytest.fixture
def door(serve: Callable[..., Serving]) -> Serving:  # noqa: F811
    return serve(Door)


def knock(door: Serving) -> RawClient:
    client = door.raw()
    client.packet()
    client.say("40{}")
    wait_until(lambda: door.chat.claimed, what="the claim")
    return client


def let_in(door: Serving, error: Exception | None = None) -> list[str]:
    """The members of the room after the claim has succeeded."""

    def settle() -> list[str]:
        door.chat.error = error
        door.chat.claimed[0].resolve(None)
        members: list[str] = door.chat.presence.members("general")
        return members

    return door.inside(settle)


def test_a_guest_is_in_once_the_name_is_claimed(door: Serving) -> None:
    client = knock(door)
    assert door.inside(lambda: door.chat.presence.people) == 0

    assert let_in(door) == ["gus"]
    assert client.packet().startswith(b"40{")


@pytest.mark.parametrize(
    "error", [NameTaken("An account has it."), Unauthorized("You are banned.")]
)
def test_what_has_changed_meanwhile_counts(door: Serving, error: Any) -> None:
    client = knock(door)

    assert let_in(door, error) == []
    refusal = json.loads(client.packet().removeprefix(b"44"))
    assert refusal["data"]["code"] == error.code


def test_a_claim_that_fails_is_a_refusal(door: Serving) -> None:
    client = knock(door)

    door.inside(lambda: door.chat.claimed[0].fail(NameTaken("Somebody else was faster.")))

    refusal = json.loads(client.packet().removeprefix(b"44"))
    assert refusal["data"] == {"code": "name_taken", "message": "Somebody else was faster."}


def test_a_client_that_has_gone_meanwhile_is_nobody(door: Serving) -> None:
    client = knock(door)

    client.socket.close()
    wait_until(lambda: door.connections == 0, what="the end of the connection")

    assert let_in(door) == []
    assert door.inside(lambda: door.chat.presence.people) == 0
