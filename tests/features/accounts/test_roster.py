"""Who belongs to a room, who is here, and who may know."""

from datetime import timedelta

import pytest

from chatapp.domain.errors import BadPayload, NoSuchRoom
from chatapp.domain.model import Person, Room
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.presence.last_seen import LastSeen
from chatapp.protocol.requests import ListPeople
from chatapp.protocol.values import PersonStatus, Profile
from tests.support.accounts import Clock, MemoryDirectory, make_accounts

ANA = Person(name="ana", id="ana", role="member")
GUS = Person(name="gus", id="a key", role="guest")
TEA = PersonStatus(emoji="☕", text="Having tea")
ROOMS = {
    "general": Room(name="general", title="General"),
    "tea": Room(name="tea", title="Tea"),
    "cellar": Room(
        name="cellar", title="Cellar", kind="private", members={"ana": "ana", "eve": "Eve"}
    ),
}
MORNING, NOON = "2026-11-22T09:30:00.000Z", "2026-11-22T12:30:00.000Z"


@pytest.fixture
def accounts(directory: MemoryDirectory, clock: Clock) -> AccountManager:
    """Of people whose ids are their names' keys, as older versions had it."""
    for name in ("ana", "ben", "Eve", "zoe"):
        account = Account(
            name=name,
            role="member",
            password="",
            created_at=MORNING,
            display_name=f"{name} the Great",
        )
        directory.table("accounts", Account).put(account.key, account)
    return make_accounts(directory, clock=clock)


@pytest.fixture
def last_seen(directory: MemoryDirectory, clock: Clock) -> LastSeen:
    return LastSeen(directory, clock=clock, later=lambda _seconds, _step: None)


@pytest.fixture
def roster(accounts: AccountManager, last_seen: LastSeen, clock: Clock) -> PeopleDirectory:
    """ana is here; ben was in the morning, Eve at noon, and zoe never was."""
    for name in ("ana", "ben"):
        last_seen.note(Person(name=name, id=name, role="member"))
    clock.pass_by(timedelta(hours=3))
    last_seen.note(Person(name="Eve", id="eve", role="member"))

    def find_room(person: Person, name: str) -> Room:
        if name == "cellar" and person is not ANA:
            raise NoSuchRoom("There is no such room.")
        return ROOMS[name]

    def is_in(id: str, room: Room) -> bool:
        if room.kind != "public":
            return id in room.members
        return room.name == "general" or (id, room.name) == ("ben", "tea")

    return PeopleDirectory(
        accounts.registry,
        last_seen,
        find_room=find_room,
        is_in=is_in,
        state_of=lambda name: "idle" if name == "ana" else "online" if name == "gus" else None,
        members=lambda _room, *, after, limit: [
            name for name in ("ana", "gus") if after is None or name > after
        ][:limit],
        person=lambda name: GUS if name == "gus" else None,
        status_of=lambda id: TEA if id == GUS.id else None,
        photo_of=lambda _id: "",
    )


def names(found: list[Profile]) -> list[str]:
    return [profile.name for profile in found]


def test_who_is_in_a_room_now_comes_in_pages_guests_too(roster: PeopleDirectory) -> None:
    first, is_more = roster.present(ANA, ListPeople(room="tea", here=True, limit=1))
    second, goes_on = roster.present(ANA, ListPeople(room="tea", here=True, after="ana", limit=1))

    assert first == [Profile(name="ana", display_name="ana the Great", state="idle")]
    assert second == [Profile(name="gus", role="guest", state="online", status=TEA)]
    assert (is_more, goes_on) == (True, False)


def test_names_are_asked_for_in_any_spelling(roster: PeopleDirectory) -> None:
    found = roster.people(ANA, ListPeople(names=["EVE", "ana", "eve", "nobody", "gus"]))

    assert found == [
        Profile(name="Eve", display_name="Eve the Great", last_seen=NOON),
        Profile(name="ana", display_name="ana the Great", state="idle"),
        Profile(name="gus", role="guest", state="online", status=TEA),  # A guest with a status.
    ]


def test_who_is_away_was_seen_last_first(roster: PeopleDirectory) -> None:
    assert names(roster.people(ANA, ListPeople(room="general"))) == ["Eve", "ben"]
    assert names(roster.people(ANA, ListPeople(room="general", limit=1))) == ["Eve"]


def test_only_those_of_the_room_are_told(roster: PeopleDirectory) -> None:
    assert names(roster.people(ANA, ListPeople(room="tea"))) == ["ben"]
    assert names(roster.people(ANA, ListPeople(room="cellar"))) == ["Eve"]
    assert names(roster.people(ANA, ListPeople(room="cellar", query="great"))) == ["ana", "Eve"]
    with pytest.raises(NoSuchRoom):
        roster.people(GUS, ListPeople(room="cellar"))


def test_people_are_found_by_either_name(roster: PeopleDirectory) -> None:
    assert names(roster.people(ANA, ListPeople(room="general", query="ZO"))) == ["zoe"]
    assert len(roster.people(ANA, ListPeople(room="general", query="the gr"))) == 4


def test_a_guest_learns_how_people_are_shown_and_who_is_here(roster: PeopleDirectory) -> None:
    named = roster.people(GUS, ListPeople(names=["ana", "Eve"]))

    assert named == [
        Profile(name="ana", display_name="ana the Great", state="idle"),
        Profile(name="Eve", display_name="Eve the Great"),
    ]
    assert roster.people(GUS, ListPeople(room="general")) == []
    assert names(roster.people(GUS, ListPeople(room="general", query="great"))) == ["ana"]


def test_who_had_the_name_before_was_somebody_else(
    roster: PeopleDirectory, last_seen: LastSeen, directory: MemoryDirectory
) -> None:
    """In an older version, which gave the names of removed accounts to others."""
    last_seen.note(Person(name="dan", id="dan", role="member"))
    later = "2026-11-22T18:30:00.000Z"
    dan = Account(name="dan", role="member", password="", created_at=later)
    directory.table("accounts", Account).put(dan.key, dan)

    [found] = roster.people(ANA, ListPeople(names=["dan"]))

    assert found.last_seen is None


@pytest.mark.parametrize("wanted", [ListPeople(), ListPeople(names=[], room="tea")])
def test_one_asks_for_names_or_for_a_room(roster: PeopleDirectory, wanted: ListPeople) -> None:
    with pytest.raises(BadPayload):
        roster.people(ANA, wanted)
