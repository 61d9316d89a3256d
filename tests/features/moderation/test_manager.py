"""Moderation on a real directory and a real audit log, with a clock that stands in the test."""

import json

import pytest

from chatapp.domain.errors import BadPayload, Empty, NotAllowed, NotFound, Unauthorized
from chatapp.domain.model import Person, Room
from chatapp.features.accounts.model import Account, as_person
from chatapp.features.audit.manager import Audit
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import Decision, TimedDecisions
from chatapp.protocol.requests import Ban, Kick, Mute
from chatapp.store.message_log import MessageLog

ROLES = {"Root": "owner", "Ada": "admin", "Bea": "admin", "Ana": "member"}


def account(name):
    found = next((known for known in ROLES if known.casefold() == name.casefold()), None)
    if found is None:
        return None
    made = "2026-11-22T09:30:00.000Z"
    return Account(id=f"id of {found}", name=found, role=ROLES[found], password="", created_at=made)


def person(name):
    known = account(name)
    return as_person(known) if known else Person(name=name, id=f"guest:{name}")


ROOT, ADA, BEA = person("Root"), person("Ada"), person("Bea")
ANA, GUS = person("Ana"), person("Gus")
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


def manager_on(directory, audit_log, *, now):
    return ModerationManager(
        Audit(audit_log),
        mutes=TimedDecisions(directory, "mutes", now),
        bans=TimedDecisions(directory, "bans", now),
        account_of=account,
        now=now,
    )


@pytest.fixture
def moderation(directory, audit_log, clock):
    return manager_on(directory, audit_log, now=clock)


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
        moderation.check_entry(person("GUS"), "10.0.0.1")
    moderation.check_entry(person("Gustav"), "10.0.0.1")


def test_an_address_is_banned_for_a_time(moderation, clock):
    moderation.ban(ADA, Ban(address="10.0.0.1", seconds=60, reason="flood")).result()

    with pytest.raises(Unauthorized):
        moderation.check_entry(person("anybody"), "10.0.0.1")
    moderation.check_entry(person("anybody"), "10.0.0.2")
    clock.now += 61
    moderation.check_entry(person("anybody"), "10.0.0.1")


def test_with_an_address_its_place_is_banned(moderation):
    ban = Ban(address="2001:db8:1:2::1", reason="flood")
    moderation.ban(ADA, ban).result()

    with pytest.raises(Unauthorized):
        moderation.check_entry(person("anybody"), "2001:db8:1:2::77")
    moderation.check_entry(person("anybody"), "2001:db8:1:3::1")

    moderation.unban(ADA, ban).result()
    moderation.check_entry(person("anybody"), "2001:db8:1:2::77")


def test_a_ban_outlives_a_restart_and_is_lifted(directory, moderation, audit_log, clock):
    moderation.ban(ADA, Ban(name="Gus", reason="trolling")).result()
    again = manager_on(directory, audit_log, now=clock)

    with pytest.raises(Unauthorized):
        again.check_entry(person("Gus"), "")
    again.unban(ADA, Ban(name="gus")).result()

    again.check_entry(person("Gus"), "")
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


def test_in_a_read_only_room_those_in_charge_write_and_in_an_archived_one_nobody(moderation):
    news = Room(name="news", title="News", read_only=True)
    old = Room(name="old", title="Old", archived=True)

    moderation.check_post(ADA, news)
    moderation.check_change(ANA, news)
    for who, room in ((ANA, news), (ANA, old), (ADA, old)):
        with pytest.raises(NotAllowed):
            moderation.check_post(who, room)


def test_an_id_is_no_way_around_the_power_over_its_account(moderation):
    moderation.ban(ROOT, Ban(name="Bea", reason="coup")).result()
    moderation.mute(ROOT, Mute(name="Bea", seconds=60, reason="coup")).result()

    with pytest.raises(NotFound):
        moderation.unban(ADA, Ban(name=BEA.id))
    with pytest.raises(NotFound):
        moderation.mute(ADA, Mute(name=BEA.id, seconds=0))
    moderation.ban(ADA, Ban(name=BEA.id, seconds=1, reason="a guest of this name")).result()

    assert moderation.ban_of(account("Bea")).reason == "coup"


def test_what_an_older_version_decided_about_a_guest_holds_and_is_lifted(
    directory, audit_log, clock
):
    decision = Decision(whom="Gus", by="Ada", reason="trolling", since=clock.now)
    directory.table("bans", Decision).put("name:gus", decision)
    directory.table("mutes", Decision).put("gus", decision)
    directory.flush()
    moderation = manager_on(directory, audit_log, now=clock)

    with pytest.raises(Unauthorized):
        moderation.check_entry(GUS, "")
    with pytest.raises(NotAllowed):
        moderation.check_unmuted(GUS)
    moderation.unban(ADA, Ban(name="GUS")).result()
    moderation.mute(ADA, Mute(name="Gus", seconds=0)).result()

    moderation.check_entry(GUS, "")
    moderation.check_unmuted(GUS)


@pytest.mark.parametrize("who", [ADA, BEA])
def test_admins_decide_nothing_about_admins(moderation, who):
    other = "Bea" if who is ADA else "Ada"
    moderation.ban(ROOT, Ban(name=other, reason="coup")).result()

    for decide in (
        lambda: moderation.mute(who, Mute(name=other, seconds=60, reason="x")),
        lambda: moderation.kick(who, Kick(name=other, reason="x")),
        lambda: moderation.ban(who, Ban(name=other, reason="x")),
        lambda: moderation.unban(who, Ban(name=other)),
    ):
        with pytest.raises(NotAllowed):
            decide()
