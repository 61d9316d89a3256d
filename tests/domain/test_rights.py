"""chatapp/domain/rights.py: who may do what, in one table and a few rules."""

import pytest

from chatapp.domain.errors import NotAllowed
from chatapp.domain.model import Message, Person, Room
from chatapp.domain.rights import (
    MAY,
    POWER,
    By,
    is_author,
    may,
    may_change_room,
    may_see,
    require_another,
    require_power_over,
)

SINCE = "2026-11-22T09:30:00.000Z"
BEFORE, AFTER = "2026-11-22T09:29:59.999Z", "2026-11-22T09:30:00.001Z"
ANA = Person(name="Ana", id="3f9a0c51d2b84e67", role="member", since=SINCE)
GUEST = Person(name="Ana", id="guest:c0ffee")


def actor(role: str) -> By:
    return Person(name="x", id="x", role=role) if role != "the command line" else None


@pytest.mark.parametrize(
    ("who", "over"),
    [
        ("guest", []),
        ("member", []),
        ("bot", []),
        ("admin", ["guest", "member", "bot"]),
        ("owner", ["guest", "member", "bot", "admin", "owner"]),
        ("the command line", ["guest", "member", "bot", "admin", "owner"]),
    ],
)
def test_power_goes_down_and_owners_have_it_over_all(who: str, over: list[str]) -> None:
    has_power = []
    for role in POWER:
        try:
            require_power_over(actor(who), role)
            has_power.append(role)
        except NotAllowed:
            pass

    assert sorted(has_power) == sorted(over)


def test_guests_and_members_have_none_of_the_rights_of_those_in_charge() -> None:
    of_all_with_accounts = {
        "make private rooms",
        "have a profile",
        "know who is away",
        "schedule messages",
        "pin messages",
    }
    of_people, of_bots = {"run commands"}, {"register commands"}

    assert {right for right in MAY if may(actor("guest"), right)} == of_people
    of_members = of_all_with_accounts | of_people
    assert {right for right in MAY if may(actor("member"), right)} == of_members
    assert {right for right in MAY if may(actor("bot"), right)} == of_all_with_accounts | of_bots
    assert set(MAY) - {right for right in MAY if may(actor("admin"), right)} == {
        "change the owner's settings",
        *of_bots,
    }
    assert {right for right in MAY if not may(actor("owner"), right)} == of_bots
    assert all(may(None, right) for right in MAY)


def test_nobody_acts_on_themselves_but_the_command_line_acts_on_all() -> None:
    with pytest.raises(NotAllowed):
        require_another(ANA, ANA.id)
    require_another(ANA, "another")
    require_another(None, ANA.id)


def said(by: str | None, at: str = AFTER, sender: str = "Ana") -> Message:
    return Message(room="tea", seq=1, sender=sender, by=by, text="x", at=at)


def test_a_message_is_its_author_s_by_id_and_not_by_name() -> None:
    assert is_author(ANA, said(ANA.id))
    assert is_author(ANA, said(ANA.id, sender="Somebody"))
    assert not is_author(ANA, said(GUEST.id))
    assert not is_author(GUEST, said(ANA.id))
    assert is_author(GUEST, said(GUEST.id))
    assert not is_author(GUEST, said("guest:another"))


def test_an_older_message_is_the_account_s_that_had_its_name_then() -> None:
    assert is_author(ANA, said(None, at=SINCE))
    assert not is_author(ANA, said(None, at=BEFORE))
    assert not is_author(ANA, said(None, sender="ana"))
    assert not is_author(GUEST, said(None))


def test_a_room_is_its_maker_s_by_id_and_not_by_name() -> None:
    def room(**made: str | None) -> Room:
        return Room(name="tea", title="Tea", **made)

    assert may_change_room(ANA, room(created_by="Ana", owner=ANA.id))
    assert not may_change_room(ANA, room(created_by="Ana", owner=GUEST.id, created_at=AFTER))
    assert not may_change_room(GUEST, room(created_by="Ana", owner=GUEST.id))
    assert may_change_room(ANA, room(created_by="Ana", created_at=AFTER))
    assert not may_change_room(ANA, room(created_by="Ana", created_at=BEFORE))


def test_a_private_room_is_seen_by_id_and_not_by_name() -> None:
    room = Room(name="tea", title="Tea", kind="private", members={ANA.id: "Ana"})
    namesake = Person(name="Ana", id="ana", role="owner", since=SINCE)

    assert may_see(ANA, room)
    assert not may_see(namesake, room)
    assert not may_see(Person(name="Ana", id=ANA.id), room)
