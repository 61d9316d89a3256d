"""Rooms on a real directory, with accounts for ana, ben and eva."""

from datetime import UTC, datetime

import pytest

from chatapp.domain.errors import BadPayload, NoSuchRoom, NotAllowed, NotFound, RoomExists
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person
from chatapp.domain.rights import may_change_room
from chatapp.features.accounts.model import Account
from chatapp.features.rooms.manager import RoomManager
from chatapp.protocol.requests import Create, Invite, Remove, Update
from tests.support.accounts import MemoryDirectory

ACCOUNTS = {"ana": "Ana", "ben": "Ben", "eva": "Eva"}


def account(name):
    known = ACCOUNTS.get(name_key(name))
    if known is None:
        return None
    made = "2026-11-01T09:30:00.000Z"
    return Account(id=f"id of {known}", name=known, role="member", password="", created_at=made)


def manager_on(directory):
    return RoomManager(
        directory,
        clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        account_of=account,
    )


@pytest.fixture
def rooms(directory):
    return manager_on(directory)


def person(name, role="member"):
    return Person(name=name, id=f"id of {name}", role=role)


ANA, BEN, EVA = person("Ana"), person("Ben"), person("Eva")
ADMIN, GUEST = person("Root", role="admin"), person("Gus", role="guest")


def names(rooms, who):
    return [room.name for room in rooms.visible_to(who)]


def test_there_is_a_general_room(rooms):
    assert names(rooms, GUEST) == ["general"]


def test_a_public_room_is_for_everyone(rooms):
    rooms.create(GUEST, Create(room="Kitchen", title="The kitchen")).result()

    assert names(rooms, BEN) == ["general", "kitchen"]
    assert rooms.find(BEN, "KITCHEN").title == "The kitchen"


def test_a_room_is_made_once(rooms):
    rooms.create(ANA, Create(room="kitchen")).result()

    with pytest.raises(RoomExists):
        rooms.create(BEN, Create(room="Kitchen"))


def test_a_private_room_cannot_be_found_by_others(rooms):
    rooms.create(ANA, Create(room="secret", kind="private", members=["ben"])).result()

    assert names(rooms, ANA) == names(rooms, BEN) == ["general", "secret"]
    for outsider in (EVA, GUEST, ADMIN, person("Ana", role="guest")):
        assert names(rooms, outsider) == ["general"]
        with pytest.raises(NoSuchRoom) as hidden:
            rooms.find(outsider, "secret")
        with pytest.raises(NoSuchRoom) as missing:
            rooms.find(outsider, "missing")
        assert hidden.value.message == missing.value.message.replace("missing", "secret")


def test_guests_make_no_private_rooms(rooms):
    with pytest.raises(NotAllowed):
        rooms.create(GUEST, Create(room="secret", kind="private"))


def test_only_accounts_are_invited(rooms):
    with pytest.raises(NotFound):
        rooms.create(ANA, Create(room="secret", kind="private", members=["Gus"]))

    assert names(rooms, ANA) == ["general"]


def test_the_same_people_get_the_same_direct_room(rooms):
    one = rooms.create(ANA, Create(kind="direct", members=["ben"])).result()
    two = rooms.create(BEN, Create(kind="direct", members=["Ana"])).result()

    assert one == two
    assert one.title == "Ana, Ben"
    assert names(rooms, EVA) == ["general"]
    with pytest.raises(BadPayload):
        rooms.create(ANA, Create(kind="direct", members=["ana"]))


def test_who_is_invited_sees_the_room_and_who_is_removed_does_not(rooms):
    rooms.create(ANA, Create(room="secret", kind="private")).result()

    rooms.invite(ANA, Invite(room="secret", name="BEN")).result()
    assert "secret" in names(rooms, BEN)

    rooms.remove(ANA, Remove(room="secret", name="ben")).result()
    assert names(rooms, BEN) == ["general"]


def test_members_may_invite_and_leave_but_not_remove_others(rooms):
    rooms.create(ANA, Create(room="secret", kind="private", members=["Ben"])).result()

    rooms.invite(BEN, Invite(room="secret", name="Eva")).result()
    with pytest.raises(NotAllowed):
        rooms.remove(BEN, Remove(room="secret", name="Eva"))
    rooms.remove(BEN, Remove(room="secret", name="Ben")).result()

    assert names(rooms, BEN) == ["general"]
    assert "secret" in names(rooms, EVA)


@pytest.mark.parametrize("who", [BEN, GUEST])
def test_only_its_maker_and_admins_change_a_room(rooms, who):
    rooms.create(ANA, Create(room="kitchen")).result()

    with pytest.raises(NotAllowed):
        rooms.update(who, Update(room="kitchen", topic="mine now"))
    rooms.update(ADMIN, Update(room="kitchen", topic="soup", slow_seconds=5)).result()
    changed = rooms.update(ANA, Update(room="kitchen", title="Soup kitchen")).result()

    assert (changed.title, changed.topic, changed.slow_seconds) == ("Soup kitchen", "soup", 5)


def test_the_general_room_cannot_be_archived(rooms):
    with pytest.raises(NotAllowed):
        rooms.update(ADMIN, Update(room="general", archived=True))


def test_rooms_are_there_at_the_next_start(rooms, directory):
    rooms.create(ANA, Create(room="secret", kind="private", members=["Ben"])).result()
    rooms.update(ADMIN, Update(room="general", topic="Welcome")).result()

    again = manager_on(directory)

    assert names(again, BEN) == ["general", "secret"]
    assert again.find(GUEST, "general").topic == "Welcome"


def test_who_is_removed_is_out_before_the_disk_says_so():
    directory = MemoryDirectory()
    rooms = manager_on(directory)
    rooms.create(ANA, Create(room="secret", kind="private", members=["ben"]))
    before = rooms.find(BEN, "secret")
    assert before.name == "secret"
    directory.slow = True

    removed = rooms.remove(ANA, Remove(room="secret", name="Ben"))

    assert not removed.done
    assert not rooms.may_see(BEN, before)
    with pytest.raises(NoSuchRoom):
        rooms.find(BEN, "secret")
    assert names(rooms, BEN) == ["general"]
    directory.settle()
    assert names(rooms, BEN) == ["general"]
    assert names(rooms, ANA) == ["general", "secret"]


def test_who_is_invited_is_in_at_once_unless_the_disk_is_full():
    directory = MemoryDirectory()
    rooms = manager_on(directory)
    rooms.create(ANA, Create(room="secret", kind="private"))
    directory.slow = True

    rooms.invite(ANA, Invite(room="secret", name="Ben"))
    assert names(rooms, BEN) == ["general", "secret"]
    directory.refuse()
    assert names(rooms, BEN) == ["general"]

    rooms.invite(ANA, Invite(room="secret", name="Ben"))
    directory.settle()
    assert names(rooms, BEN) == ["general", "secret"]


def test_a_direct_room_has_no_settings_and_nobody_in_charge(rooms):
    room = rooms.create(ANA, Create(kind="direct", members=["ben"])).result()

    for who in (ANA, BEN, person("Ana", "owner")):
        assert not may_change_room(who, room)
        with pytest.raises(NotAllowed, match="has no settings"):
            rooms.update(who, Update(room=room.name, read_only=True))
