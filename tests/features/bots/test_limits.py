"""A bot may never do more than its owner may at that moment, and less if it is limited."""

import pytest

from chatapp.domain.errors import (
    BadPayload,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    RateLimited,
    Unauthorized,
)
from chatapp.domain.rates import PersonPace, Rate, RateLimiter
from chatapp.features.bots.manager import WantedLimits
from chatapp.features.bots.pace import BotPace
from chatapp.protocol.requests import Ban, Create, Invite, Mute, Remove


def add(house, name="Echo", owner="Ana", **limits):
    return house.bots.add(None, name, WantedLimits(owner=owner, **limits)).result()


def token(house, name="Echo", *scopes):
    return house.people.create_token(None, name, "a test", scopes or ("read",)).result()


def direct(house, one, *others):
    wanted = Create(kind="direct", members=list(others))
    return house.rooms.create(house.person(one), wanted).result()


# Where it may be


def test_a_bot_without_a_list_sees_public_rooms(house):
    add(house)

    assert house.seen_by("Echo") == ["general", "ci", "lounge"]


def test_a_bot_with_a_list_sees_only_these_rooms_and_is_in_them(house):
    bot = add(house, rooms=["ci", "attic", "ci"])

    assert house.seen_by("Echo") == ["attic", "ci"]
    assert house.memberships.is_in(bot.id, house.rooms.any("ci"))
    assert bot.id in house.rooms.any("attic").members
    with pytest.raises(NoSuchRoom):
        house.rooms.find(house.person("Echo"), "lounge")


def test_a_bot_is_out_of_a_private_room_as_soon_as_its_owner_is(house):
    ana = house.person("Ana")
    add(house)
    house.rooms.invite(ana, Invite(room="attic", name="Echo")).result()
    house.rooms.invite(ana, Invite(room="attic", name="Ben")).result()
    assert "attic" in house.seen_by("Echo")

    house.rooms.remove(ana, Remove(room="attic", name="Ana")).result()

    assert "attic" not in house.seen_by("Echo")
    assert "attic" in house.seen_by("Ben")


def test_a_bot_cannot_be_added_where_its_owner_is_not(house):
    add(house, owner="Ben")

    with pytest.raises(NotAllowed):
        house.rooms.invite(house.person("Ana"), Invite(room="attic", name="Echo"))

    assert house.seen_by("Echo") == ["general", "ci", "lounge"]


def test_a_bot_with_a_list_makes_no_rooms_and_has_no_conversations(house):
    direct(house, "Ana", "Ben")
    add(house)
    own = direct(house, "Echo", "Ben")
    house.bots.limit(None, "Echo", WantedLimits(rooms=["ci"])).result()
    bot = house.person("Echo")

    for wanted in (
        Create(room="new"),
        Create(room="new", kind="private", members=["Ana"]),
        Create(kind="direct", members=["Ana"]),
        Create(kind="direct", members=["Ben"]),
    ):
        with pytest.raises(NotAllowed):
            house.rooms.create(bot, wanted).result()
    with pytest.raises(NotAllowed):
        direct(house, "Ana", "Echo")
    assert own.name not in house.seen_by("Echo")


def test_a_bot_talks_with_one_person_alone_but_with_several_only_beside_its_owner(house):
    add(house)

    alone = direct(house, "Echo", "Ben")
    with pytest.raises(NotAllowed):
        direct(house, "Echo", "Ben", "Root")
    group = direct(house, "Echo", "Ben", "Ana")

    assert {alone.name, group.name} <= set(house.seen_by("Echo"))


def test_a_bot_makes_no_private_room_without_its_owner(house):
    add(house)
    bot = house.person("Echo")

    with pytest.raises(NotAllowed):
        house.rooms.create(bot, Create(room="lair", kind="private", members=["Ben"]))
    house.rooms.create(bot, Create(room="lair", kind="private", members=["Ana"])).result()

    assert "lair" in house.seen_by("Echo")


def test_rooms_can_be_added_to_the_list_and_taken_from_it(house):
    bot = add(house, rooms=["ci", "attic"])

    house.bots.limit(None, "Echo", WantedLimits(rooms=["lounge"])).result()

    assert house.seen_by("Echo") == ["lounge"]
    assert not house.memberships.is_in(bot.id, house.rooms.any("ci"))
    assert bot.id not in house.rooms.any("attic").members
    house.bots.limit(None, "Echo", WantedLimits(rooms=[])).result()
    assert house.seen_by("Echo") == ["general", "ci", "lounge"]
    assert house.memberships.is_in(bot.id, house.rooms.any("lounge"))


def test_a_bot_that_older_versions_made_has_no_limits_until_it_gets_an_owner(house):
    house.accounts.create_bot(None, "Old").result()
    house.rooms.add_member(house.rooms.any("attic"), "Old").result()
    assert "attic" in house.seen_by("Old")

    with pytest.raises(BadPayload):
        house.bots.limit(None, "Old", WantedLimits(rooms=["ci"]))
    house.bots.limit(None, "Old", WantedLimits(owner="Ben")).result()

    assert "attic" not in house.seen_by("Old")


# Its owner


def test_a_bot_comes_in_as_long_as_its_owner_has_an_account(house):
    add(house)
    secret = token(house)
    bot = house.accounts.bearer(secret)

    house.people.remove(None, "Ana").result()

    with pytest.raises(Unauthorized):
        house.accounts.bearer(secret)
    with pytest.raises(Unauthorized):
        house.accounts.check_stay(bot)
    assert house.expelled == [bot.id]
    house.bots.limit(None, "Echo", WantedLimits(owner="Ben")).result()
    assert house.accounts.bearer(secret) == bot


def test_a_bot_is_banned_and_muted_with_its_owner(house):
    bot = add(house)
    person = house.person("Echo")
    lounge = house.rooms.any("lounge")
    house.moderation.check_entry(person, "192.0.2.1")
    house.moderation.check_post(person, lounge)

    house.moderation.mute(None, Mute(name="Ana", seconds=60, reason="noise")).result()
    house.moderation.ban(None, Ban(name="Ana", reason="spam")).result()

    with pytest.raises(NotAllowed, match="owner of this bot is muted"):
        house.moderation.check_post(person, lounge)
    for check in (
        lambda: house.moderation.check_entry(person, "192.0.2.1"),
        lambda: house.moderation.check_stay(person),
    ):
        with pytest.raises(Unauthorized, match="owner of this bot is banned") as refused:
            check()
        assert "spam" not in refused.value.message
    house.moderation.unban(None, Ban(name="Ana")).result()
    house.moderation.check_entry(person, "192.0.2.1")
    assert bot.id == person.id


def test_an_owner_who_becomes_a_bot_is_none_any_more(house):
    bot = add(house)
    secret = token(house)

    house.people.give_role(None, "Ana", "bot").result()

    with pytest.raises(Unauthorized):
        house.accounts.bearer(secret)
    assert bot.id in house.expelled


def test_somebodys_bot_stays_a_bot(house):
    add(house)

    with pytest.raises(NotAllowed):
        house.people.give_role(None, "Echo", "admin")


def test_only_admins_make_bots_and_change_them(house):
    add(house)
    ben, root = house.person("Ben"), house.person("Root")

    for act in (
        lambda by: house.bots.add(by, "Other", WantedLimits(owner="Ben")),
        lambda by: house.bots.limit(by, "Echo", WantedLimits(owner="Ben")),
    ):
        with pytest.raises(NotAllowed):
            act(ben)
        act(root).result()

    assert house.bots.view("Echo").owner.name == "Ben"
    actions = [(actor, action) for actor, action in house.notes if actor == "Root"]
    assert actions == [("Root", "add-account"), ("Root", "bot-limits"), ("Root", "bot-limits")]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({}, BadPayload),
        ({"owner": "Nobody"}, NotFound),
        ({"owner": "Other"}, NotAllowed),
        ({"owner": "Ana", "rooms": ["missing"]}, NoSuchRoom),
        ({"owner": "Ben", "rooms": ["attic"]}, NotAllowed),
        ({"owner": "Ana", "rooms": ["gone"]}, NoSuchRoom),
        ({"owner": "Ana", "rooms": [f"room-{number}" for number in range(101)]}, BadPayload),
        ({"owner": "Ana", "per_minute": -1}, BadPayload),
        ({"owner": "Ana", "per_minute": 1001}, BadPayload),
    ],
)
def test_limits_that_make_no_sense_change_nothing(house, wanted, error):
    add(house, "Other")
    house.rooms.create(house.person("Ana"), Create(room="gone")).result()
    house.rooms.drop(None, house.rooms.any("gone")).result()

    with pytest.raises(error):
        house.bots.add(None, "Echo", WantedLimits(**wanted))

    assert [view.account.name for view in house.bots.all()] == ["Other"]


def test_a_person_is_no_bot(house):
    with pytest.raises(NotAllowed):
        house.bots.limit(None, "Ben", WantedLimits(owner="Ana"))
    with pytest.raises(NotAllowed):
        house.bots.view("Ben")


def test_its_admins_see_its_owner_its_tokens_and_when_it_was_last_used(house):
    add(house)
    secret = token(house)
    assert house.bots.view("echo").used_at is None

    house.accounts.bearer(secret)

    view = house.bots.view("echo")
    assert view.owner.name == "Ana"
    assert [one.title for _, one in view.tokens] == ["a test"]
    assert view.used_at is not None


def test_changed_limits_apply_to_open_connections(house):
    bot = add(house)
    house.accounts.registry.change("Echo", display_name="Echo the second").result()
    assert house.expelled == []

    house.bots.limit(None, "Echo", WantedLimits(per_minute=3)).result()

    assert house.expelled == [bot.id]


def test_everybody_sees_whose_bot_it_is_and_is_told_when_that_changes(house):
    add(house)
    assert house.profiles.of(["Echo"])["Echo"].owner == "Ana"

    house.bots.limit(None, "Echo", WantedLimits(owner="Ben")).result()

    assert [(one.name, one.role, one.owner) for one in house.told] == [("Echo", "bot", "Ben")]
    assert house.profiles.of(["Ana"])["Ana"].owner == ""


# What its token says


def test_write_includes_its_parts_and_each_can_be_given_alone(house):
    add(house)

    everything = house.accounts.bearer(token(house, "Echo", "read", "write"))
    some = house.accounts.bearer(token(house, "Echo", "react", "read"))

    assert everything.scopes == ("read", "post", "react", "files", "rooms", "write")
    assert some.scopes == ("read", "react")


# How much it may send


class Shared:
    def limiter(self, rate, what, name=None):
        return RateLimiter(rate, what)


def test_a_bot_has_a_rate_of_its_own_in_place_of_that_of_people(house):
    add(house, "Slow", per_minute=2)
    add(house, "Fast", per_minute=50)
    add(house, "Plain")
    pace = PersonPace(
        Rate(burst=5, per_second=0.001),
        "messages",
        own=BotPace(house.accounts.registry.limits_of, Shared()).of,
    )

    def sent_by(name):
        for number in range(60):
            try:
                pace.check(house.person(name))
            except RateLimited:
                return number
        return None

    assert [sent_by(name) for name in ("Slow", "Fast", "Plain", "Ben")] == [2, 50, 5, 5]
    with pytest.raises(RateLimited):
        pace.check(house.person("Slow"))
    house.bots.limit(None, "Slow", WantedLimits(per_minute=0)).result()
    pace.check(house.person("Slow"))
