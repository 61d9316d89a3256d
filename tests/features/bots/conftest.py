"""Ana, her bots, and the rules that they meet: on tables in memory."""

from dataclasses import dataclass

import pytest

from chatapp.domain.model import Person
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import as_person
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.bots.manager import BotManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import TimedDecisions
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.protocol.requests import Create
from chatapp.protocol.values import Profile
from tests.support.accounts import PASSWORD, Clock, MemoryDirectory, Notes, make_accounts


@dataclass
class House:
    """The managers of a chat with the accounts Ana, Ben and Root, an admin. There are the public
    rooms `ci` and `lounge`, and `attic`, where only Ana is."""

    clock: Clock
    notes: Notes
    accounts: AccountManager
    people: PeopleManager
    rooms: RoomManager
    memberships: Memberships
    moderation: ModerationManager
    bots: BotManager
    profiles: ProfileManager
    expelled: list[str]
    told: list[Profile]

    def person(self, name: str) -> Person:
        return as_person(self.accounts.registry.find(name))

    def seen_by(self, name: str) -> list[str]:
        return [room.name for room in self.rooms.visible_to(self.person(name))]


@pytest.fixture
def house() -> House:
    directory, clock, notes, expelled, told = MemoryDirectory(), Clock(), Notes(), [], []
    accounts = make_accounts(directory, clock=clock, note=notes)
    registry = accounts.registry
    rooms = RoomManager(
        directory, clock=clock, account_of=registry.named, limits_of=registry.limits_of
    )
    memberships = Memberships(directory)
    profiles = ProfileManager(registry, notes, tell=told.append)
    mutes, bans = (
        TimedDecisions(directory, name, lambda: clock().timestamp()) for name in ("mutes", "bans")
    )
    house = House(
        clock,
        notes,
        accounts,
        PeopleManager(registry, notes, forget=rooms.forget),
        rooms,
        memberships,
        ModerationManager(
            notes,
            mutes=mutes,
            bans=bans,
            account_of=registry.named,
            now=lambda: clock().timestamp(),
            owner_of=registry.owner_of,
        ),
        BotManager(
            registry,
            notes,
            create=accounts.create_bot,
            rooms=rooms,
            memberships=memberships,
            expel=expelled.append,
            shown=profiles.tell,
        ),
        profiles,
        expelled,
        told,
    )
    for name, role in (("Ana", "member"), ("Ben", "member"), ("Root", "admin")):
        accounts.create(name, PASSWORD, role=role).result()
    ana = house.person("Ana")
    for room in ("ci", "lounge"):
        rooms.create(ana, Create(room=room)).result()
    rooms.create(ana, Create(room="attic", kind="private")).result()
    notes.clear()
    return house
