"""Who belongs to a room, who is here, and who may know."""

from datetime import timedelta

import pytest

from chatapp.accounts.manager import AccountManager
from chatapp.accounts.roster import Roster
from chatapp.errors import BadPayload, NoSuchRoom
from chatapp.model import Person, Room
from chatapp.presence.last_seen import LastSeen
from chatapp.wire import ChangeProfile, ListPeople, Profile
from tests.support.accounts import PASSWORD, Clock, MemoryDirectory

ANA = Person(name="ana", key="account:ana", role="member")
GUS = Person(name="gus", key="a key", role="guest")
ROOMS = {
    "general": Room(name="general", title="General"),
    "tea": Room(name="tea", title="Tea"),
    "cellar": Room(
        name="cellar", title="Cellar", kind="private", members={"ana": "ana", "eve": "Eve"}
    ),
}
MORNING, NOON = "2026-11-22T09:30:00.000Z", "2026-11-22T12:30:00.000Z"


@pytest.fixture
def last_seen(directory: MemoryDirectory, clock: Clock) -> LastSeen:
    return LastSeen(directory, clock=clock, later=lambda _seconds, _step: None)


@pytest.fixture
def roster(accounts: AccountManager, last_seen: LastSeen, clock: Clock) -> Roster:
    """ana is here; ben was in the morning, Eve at noon, and zoe never was."""
    for name in ("ana", "ben", "Eve", "zoe"):
        accounts.create(name, PASSWORD, profile=ChangeProfile(display_name=f"{name} the Great"))
    for name in ("ana", "ben"):
        last_seen.note(Person(name=name, key=f"account:{name}", role="member"))
    clock.pass_by(timedelta(hours=3))
    last_seen.note(Person(name="Eve", key="account:eve", role="member"))

    def find_room(person: Person, name: str) -> Room:
        if name == "cellar" and person is not ANA:
            raise NoSuchRoom("There is no such room.")
        return ROOMS[name]

    return Roster(
        accounts.registry,
        last_seen,
        find_room=find_room,
        has_joined=lambda key, room: (key, room) == ("ben", "tea"),
        state_of=lambda name: "idle" if name == "ana" else None,
    )


def names(found: list[Profile]) -> list[str]:
    return [profile.name for profile in found]


def test_names_are_asked_for_in_any_spelling(roster: Roster) -> None:
    found = roster.people(ANA, ListPeople(names=["EVE", "ana", "eve", "nobody", "gus"]))

    assert found == [
        Profile(name="Eve", display_name="Eve the Great", last_seen=NOON),
        Profile(name="ana", display_name="ana the Great", state="idle"),
    ]


def test_who_is_away_was_seen_last_first(roster: Roster) -> None:
    assert names(roster.people(ANA, ListPeople(room="general"))) == ["Eve", "ben"]
    assert names(roster.people(ANA, ListPeople(room="general", limit=1))) == ["Eve"]


def test_only_those_of_the_room_are_told(roster: Roster) -> None:
    assert names(roster.people(ANA, ListPeople(room="tea"))) == ["ben"]
    assert names(roster.people(ANA, ListPeople(room="cellar"))) == ["Eve"]
    assert names(roster.people(ANA, ListPeople(room="cellar", query="great"))) == ["ana", "Eve"]
    with pytest.raises(NoSuchRoom):
        roster.people(GUS, ListPeople(room="cellar"))


def test_people_are_found_by_either_name(roster: Roster) -> None:
    assert names(roster.people(ANA, ListPeople(room="general", query="ZO"))) == ["zoe"]
    assert len(roster.people(ANA, ListPeople(room="general", query="the gr"))) == 4


def test_a_guest_learns_how_people_are_shown_and_who_is_here(roster: Roster) -> None:
    named = roster.people(GUS, ListPeople(names=["ana", "Eve"]))

    assert named == [
        Profile(name="ana", display_name="ana the Great", state="idle"),
        Profile(name="Eve", display_name="Eve the Great"),
    ]
    assert roster.people(GUS, ListPeople(room="general")) == []
    assert names(roster.people(GUS, ListPeople(room="general", query="great"))) == ["ana"]


def test_who_had_the_name_before_was_somebody_else(
    roster: Roster, accounts: AccountManager, clock: Clock
) -> None:
    accounts.registry.remove(accounts.registry.find("ben"))
    clock.pass_by(timedelta(hours=1))
    accounts.create("ben", PASSWORD)

    [ben] = roster.people(ANA, ListPeople(names=["ben"]))

    assert ben.last_seen is None


@pytest.mark.parametrize("wanted", [ListPeople(), ListPeople(names=[], room="tea")])
def test_one_asks_for_names_or_for_a_room(roster: Roster, wanted: ListPeople) -> None:
    with pytest.raises(BadPayload):
        roster.people(ANA, wanted)
