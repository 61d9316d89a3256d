"""How people are shown, and that nobody passes for somebody else."""

import pytest

from chatapp.domain.errors import (
    BadName,
    BadPayload,
    ChatError,
    NameTaken,
    NotAllowed,
    RateLimited,
    TooLong,
)
from chatapp.domain.model import Person
from chatapp.domain.rates import Rate, RateLimiter
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.profiles import ProfileManager, asked_profile
from chatapp.protocol.requests import ChangeProfile
from chatapp.protocol.values import Profile
from tests.support.accounts import PASSWORD, MemoryDirectory, Notes

ANA = Person(name="ana", id="ana", role="member")


@pytest.fixture
def told() -> list[Profile]:
    return []


@pytest.fixture
def here() -> set[str]:
    """The names of guests who are here."""
    return set()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def profiles(
    accounts: AccountManager, told: list[Profile], here: set[str], notes: Notes
) -> ProfileManager:
    accounts.create("ana", PASSWORD)
    accounts.create("ben", PASSWORD, profile=ChangeProfile(display_name="Ben Nevis"))
    accounts.create("root", PASSWORD, "admin")
    return ProfileManager(
        accounts.registry,
        notes,
        is_free=lambda name, _key: name not in here,
        tell=told.append,
    )


def call_oneself(profiles: ProfileManager, name: str) -> Profile:
    return profiles.change_own(ANA, ChangeProfile(display_name=name)).result()


def test_one_is_shown_as_one_likes_and_everybody_is_told(
    profiles: ProfileManager, told: list[Profile], notes: Notes
) -> None:
    profile = call_oneself(profiles, "  Ana   Pe\u0301rez ")
    coloured = profiles.change_own(ANA, ChangeProfile(colour="rose")).result()

    assert profile == Profile(name="ana", display_name="Ana Pérez")
    assert coloured == Profile(name="ana", display_name="Ana Pérez", colour="rose")
    assert told == [profile, coloured]
    assert notes == [("ana", "profile"), ("ana", "profile")]
    assert profiles.of(["ana", "nobody"]) == {"ana": coloured}


def test_what_is_so_already_is_not_told(profiles: ProfileManager, told: list[Profile]) -> None:
    call_oneself(profiles, "Ana Pérez")
    told.clear()

    call_oneself(profiles, "Ana Pérez")

    assert told == []


@pytest.mark.parametrize("name", ["", " ", "ana"])
def test_a_display_name_is_taken_back(profiles: ProfileManager, name: str) -> None:
    call_oneself(profiles, "Ana Pérez")

    assert call_oneself(profiles, name).display_name == ""


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Ben Nevis", NameTaken),
        ("ben", NameTaken),
        ("Веn", NameTaken),  # Cyrillic
        ("BenNevis", NameTaken),
        ("R00t", NameTaken),
        ("Zoe", NameTaken),  # a guest who is here
        ("Ana\u202ezereP", BadName),
        ("Ana\nPérez", BadName),
        ("x" * 61, TooLong),
    ],
)
def test_nobody_is_shown_as_somebody_else_or_as_nothing(
    profiles: ProfileManager,
    here: set[str],
    told: list[Profile],
    name: str,
    problem: type[ChatError],
) -> None:
    here.add("Zoe")

    with pytest.raises(problem):
        call_oneself(profiles, name)

    assert profiles.of(["ana"])["ana"].display_name == ""
    assert told == []


def test_a_display_name_is_nobodys_name_either(
    profiles: ProfileManager, accounts: AccountManager
) -> None:
    call_oneself(profiles, "Ana Pérez")

    with pytest.raises(NameTaken):
        accounts.create("Ana Pérez", PASSWORD)
    with pytest.raises(NameTaken):
        accounts.guest("AnaPérez", "a key of sixteen characters")
    with pytest.raises(NameTaken):
        accounts.create("eve", PASSWORD, profile=ChangeProfile(display_name="ANA PÉREZ"))
    assert accounts.guest("eve", "a key of sixteen characters").name == "eve"


def test_two_who_want_the_same_at_once_do_not_both_get_it(
    profiles: ProfileManager, directory: MemoryDirectory
) -> None:
    ben = Person(name="ben", id="ben", role="member")
    directory.slow = True

    profiles.change_own(ANA, ChangeProfile(display_name="The Captain"))

    with pytest.raises(NameTaken):
        profiles.change_own(ben, ChangeProfile(display_name="The Captain"))


def test_guests_have_no_profile(profiles: ProfileManager) -> None:
    with pytest.raises(NotAllowed):
        profiles.change_own(Person(name="gus", id="k"), ChangeProfile(display_name="Gus"))


def test_admins_name_members_and_members_nobody(
    profiles: ProfileManager, accounts: AccountManager
) -> None:
    root, ana = accounts.registry.find("root"), accounts.registry.find("ana")
    change = ChangeProfile(display_name="Benjamin")

    assert profiles.change(root, "BEN", change).result().display_name == "Benjamin"
    with pytest.raises(NotAllowed):
        profiles.change(ana, "ben", change)


def test_one_does_not_change_all_the_time(accounts: AccountManager) -> None:
    accounts.create("ana", PASSWORD)
    pace = RateLimiter(Rate(burst=1, per_second=0.001), "changes")
    profiles = ProfileManager(accounts.registry, Notes(), pace=pace)
    call_oneself(profiles, "One")

    with pytest.raises(RateLimited):
        call_oneself(profiles, "Two")


def test_a_colour_is_one_of_ours() -> None:
    assert asked_profile(None, "rose") == ChangeProfile(colour="rose")
    assert asked_profile(None, "") == ChangeProfile(colour="")
    with pytest.raises(BadPayload, match="slate"):
        asked_profile(None, "#f00; background: url(x)")
