"""Moderation on a real directory and a real audit log, with a clock that stands in the test."""

import json

import pytest

from chatapp.audit.manager import Audit
from chatapp.errors import BadPayload, Empty, NotAllowed, NotFound, RateLimited, Unauthorized
from chatapp.model import Person, Room
from chatapp.moderation.manager import ModerationManager
from chatapp.storage import MessageLog
from chatapp.wire import Ban, Kick, Mute

ROLES = {"Root": "owner", "Ada": "admin", "Ana": "member"}


def person(name):
    return Person(name=name, key=f"key of {name}", role=ROLES.get(name, "guest"))


ROOT, ADA, ANA, GUS = person("Root"), person("Ada"), person("Ana"), person("Gus")
KITCHEN = Room(name="kitchen", title="Kitchen")


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def audit_log(tmp_path):
    log = MessageLog.open(tmp_path / "audit", index=tmp_path / "audit.sqlite3")
    yield log
    log.close()


@pytest.fixture
def moderation(directory, audit_log, clock):
    return ModerationManager(
        directory,
        Audit(audit_log),
        role_of=ROLES.get,
        in_charge=lambda person, room: person.is_admin,
        now=clock,
    )


def test_who_is_muted_does_not_write_until_the_time_is_over(moderation, clock):
    moderation.mute(ADA, Mute(name="ana", seconds=600, reason="spam")).result()

    with pytest.raises(NotAllowed, match="another 10 min: spam"):
        moderation.check_post(ANA, KITCHEN)
    moderation.check_post(GUS, KITCHEN)
    clock.now += 601
    moderation.check_post(ANA, KITCHEN)


def test_a_mute_is_lifted_with_0_seconds(moderation):
    moderation.mute(ADA, Mute(name="ana", seconds=600, reason="spam")).result()

    moderation.mute(ADA, Mute(name="ana", seconds=0)).result()

    moderation.check_post(ANA, KITCHEN)
    with pytest.raises(NotFound):
        moderation.mute(ADA, Mute(name="ana", seconds=0))


def test_who_is_banned_does_not_come_in_under_any_spelling(moderation):
    moderation.ban(ADA, Ban(name="Gus", reason="trolling")).result()

    with pytest.raises(Unauthorized, match="trolling"):
        moderation.check_entry("GUS", "10.0.0.1")
    moderation.check_entry("Gustav", "10.0.0.1")


def test_an_address_is_banned_for_a_time(moderation, clock):
    moderation.ban(ADA, Ban(address="10.0.0.1", seconds=60, reason="flood")).result()

    with pytest.raises(Unauthorized):
        moderation.check_entry("anybody", "10.0.0.1")
    moderation.check_entry("anybody", "10.0.0.2")
    clock.now += 61
    moderation.check_entry("anybody", "10.0.0.1")


def test_with_an_address_its_place_is_banned(moderation):
    ban = Ban(address="2001:db8:1:2::1", reason="flood")
    moderation.ban(ADA, ban).result()

    with pytest.raises(Unauthorized):
        moderation.check_entry("anybody", "2001:db8:1:2::77")
    moderation.check_entry("anybody", "2001:db8:1:3::1")

    moderation.unban(ADA, ban).result()
    moderation.check_entry("anybody", "2001:db8:1:2::77")


def test_a_ban_outlives_a_restart_and_is_lifted(directory, moderation, audit_log, clock):
    moderation.ban(ADA, Ban(name="Gus", reason="trolling")).result()
    again = ModerationManager(
        directory, Audit(audit_log), role_of=ROLES.get, in_charge=lambda p, r: False, now=clock
    )

    with pytest.raises(Unauthorized):
        again.check_entry("Gus", "")
    again.unban(ADA, Ban(name="gus")).result()

    again.check_entry("Gus", "")
    assert again.bans() == {}


@pytest.mark.parametrize("who", [ANA, GUS])
def test_only_admins_decide(moderation, who):
    for decide in (
        lambda: moderation.mute(who, Mute(name="Eva", seconds=60, reason="x")),
        lambda: moderation.kick(who, Kick(name="Eva", reason="x")),
        lambda: moderation.ban(who, Ban(name="Eva", reason="x")),
        lambda: moderation.ban(who, Ban(address="10.0.0.1", reason="x")),
        lambda: moderation.unban(who, Ban(name="Eva")),
    ):
        with pytest.raises(NotAllowed):
            decide()


def test_nobody_bans_themselves_and_only_owners_ban_owners(moderation):
    with pytest.raises(NotAllowed):
        moderation.ban(ADA, Ban(name="ada", reason="oops"))
    with pytest.raises(NotAllowed):
        moderation.ban(ADA, Ban(name="Root", reason="coup"))
    moderation.ban(ROOT, Ban(name="Ada", reason="coup")).result()


def test_a_decision_needs_a_reason_and_one_subject(moderation, audit_log):
    with pytest.raises(Empty):
        moderation.ban(ADA, Ban(name="Gus"))
    with pytest.raises(BadPayload):
        moderation.ban(ADA, Ban(name="Gus", address="10.0.0.1", reason="x"))
    with pytest.raises(BadPayload):
        moderation.ban(ADA, Ban(reason="x"))

    assert moderation.bans() == {}
    assert audit_log.head("ban") == 0


def test_every_decision_is_in_the_audit_log(moderation, audit_log):
    moderation.mute(ADA, Mute(name="Gus", seconds=60, reason="noise")).result()
    moderation.kick(ADA, Kick(name="Gus", reason="more noise")).result()
    moderation.ban(ROOT, Ban(name="Gus", reason="enough")).result()
    moderation.unban(ROOT, Ban(name="Gus")).result()

    entries = [
        (entry.record.room, entry.record.sender, json.loads(entry.record.text))
        for entry in reversed(audit_log.find().result())
    ]
    assert entries == [
        ("mute", "Ada", {"name": "Gus", "reason": "noise", "seconds": 60}),
        ("kick", "Ada", {"name": "Gus", "reason": "more noise"}),
        ("ban", "Root", {"name": "Gus", "reason": "enough"}),
        ("unban", "Root", {"name": "Gus"}),
    ]


def test_in_slow_mode_one_waits_between_two_messages(moderation, clock):
    slow = Room(name="slow", title="Slow", slow_seconds=30)
    moderation.check_post(ANA, slow)

    with pytest.raises(RateLimited) as limited:
        moderation.check_post(ANA, slow)
    moderation.check_post(GUS, slow)
    moderation.check_post(ADA, slow)
    moderation.check_post(ADA, slow)
    clock.now += 30
    moderation.check_post(ANA, slow)

    assert limited.value.retry_after == 30


def test_in_a_read_only_room_those_in_charge_write_and_in_an_archived_one_nobody(moderation):
    news = Room(name="news", title="News", read_only=True)
    old = Room(name="old", title="Old", archived=True)

    moderation.check_post(ADA, news)
    moderation.check_change(ANA, news)
    for who, room in ((ANA, news), (ANA, old), (ADA, old)):
        with pytest.raises(NotAllowed):
            moderation.check_post(who, room)
