"""Group conversations: whom they are between, who adds and removes whom, what they are called."""

from datetime import UTC, datetime

import pytest

from chatapp.domain.errors import NoSuchRoom, NotAllowed, NotFound, QuotaReached
from chatapp.domain.limits import MAX_GROUP_MEMBERS
from chatapp.domain.model import Room
from chatapp.features.accounts.model import Account
from chatapp.features.rooms.manager import RoomManager
from chatapp.protocol.requests import Create, Invite, Remove, Update
from tests.features.rooms.test_manager import ADMIN, ANA, BEN, EVA, names, person
from tests.support.cast import chatapp, new_token, with_account, with_token
from tests.test_way_of_a_message import call, hear, hears_nothing_before

DAN = person("Dan")


def account(name):
    if name.casefold() == "nobody":
        return None
    return Account(
        id=f"id of {name.title()}",
        name=name.title(),
        role="member",
        password="",
        created_at="2026-11-01T09:30:00.000Z",
    )


@pytest.fixture
def rooms(directory):
    return RoomManager(
        directory, clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), account_of=account
    )


def talk(rooms, who, *others):
    return rooms.create(who, Create(kind="direct", members=list(others))).result()


def test_the_same_people_without_a_name_get_the_same_group(rooms):
    group = talk(rooms, ANA, "ben", "eva")

    assert talk(rooms, EVA, "Ana", "Ben", "ana") == group
    assert (group.is_group, group.title) == (True, "Ana, Ben, Eva")
    assert "ana" not in group.name
    others = talk(rooms, ANA, "ben"), talk(rooms, ANA, "ben", "eva", "dan")
    assert group.name not in [each.name for each in others]
    assert [each.is_group for each in others] == [False, True]


def test_a_group_with_a_name_is_one_of_several_of_the_same_people(rooms):
    named = talk(rooms, ANA, "ben", "eva")
    rooms.update(BEN, Update(room=named.name, title="Trip")).result()

    other = talk(rooms, ANA, "ben", "eva")
    assert other.name != named.name
    assert talk(rooms, BEN, "ana", "eva") == other

    rooms.update(EVA, Update(room=named.name, title="  ")).result()
    assert rooms.find(ANA, named.name).title == "Ana, Ben, Eva"


def test_the_people_who_are_in_it_now_count(rooms):
    three = talk(rooms, ANA, "ben", "eva")
    rooms.invite(EVA, Invite(room=three.name, name="dan")).result()

    again = talk(rooms, ANA, "ben", "eva")
    assert again.name != three.name
    assert talk(rooms, DAN, "ana", "ben", "eva").name == three.name
    assert rooms.find(ANA, three.name).title == "Ana, Ben, Dan, Eva"

    rooms.remove(DAN, Remove(room=three.name, name="Dan")).result()
    assert talk(rooms, EVA, "ana", "ben").name in {three.name, again.name}


def test_two_who_are_left_are_no_direct_message_and_may_add_again(rooms):
    group = talk(rooms, ANA, "ben", "eva")
    rooms.remove(EVA, Remove(room=group.name, name="eva")).result()

    left = rooms.find(ANA, group.name)
    assert (left.is_group, left.title) == (True, "Ana, Ben")
    assert talk(rooms, ANA, "ben").name != group.name
    rooms.invite(BEN, Invite(room=group.name, name="eva")).result()
    assert names(rooms, EVA) == ["general", group.name]


def test_a_direct_message_of_two_stays_between_them(rooms):
    direct = talk(rooms, ANA, "ben")

    for change in (
        lambda: rooms.invite(ANA, Invite(room=direct.name, name="eva")),
        lambda: rooms.remove(ANA, Remove(room=direct.name, name="ben")),
        lambda: rooms.update(ANA, Update(room=direct.name, title="Us")),
    ):
        with pytest.raises(NotAllowed):
            change()

    assert rooms.find(BEN, direct.name) == direct
    assert names(rooms, EVA) == ["general"]


def test_nobody_else_sees_a_group(rooms):
    group = talk(rooms, ANA, "ben", "eva")

    for outsider in (DAN, ADMIN, person("Ana", role="guest")):
        assert names(rooms, outsider) == ["general"]
        for change in (
            lambda who: rooms.invite(who, Invite(room=group.name, name=who.name)),
            lambda who: rooms.remove(who, Remove(room=group.name, name="ben")),
            lambda who: rooms.update(who, Update(room=group.name, title="Ours")),
        ):
            with pytest.raises(NoSuchRoom):
                change(outsider)


def test_everybody_in_a_group_adds_and_its_creator_and_admins_remove(rooms):
    group = talk(rooms, ANA, "ben", "eva", "root")
    rooms.invite(BEN, Invite(room=group.name, name="dan")).result()

    with pytest.raises(NotAllowed):
        rooms.remove(BEN, Remove(room=group.name, name="dan"))
    rooms.remove(ANA, Remove(room=group.name, name="dan")).result()
    rooms.remove(ADMIN, Remove(room=group.name, name="eva")).result()
    with pytest.raises(NotFound):
        rooms.remove(ANA, Remove(room=group.name, name="eva"))
    rooms.remove(BEN, Remove(room=group.name, name="ben")).result()

    assert list(rooms.find(ANA, group.name).members.values()) == ["Ana", "Root"]


@pytest.mark.parametrize("setting", [{"topic": "x"}, {"archived": True}, {"threads": "off"}])
def test_a_group_has_a_name_and_no_other_settings(rooms, setting):
    group = talk(rooms, ANA, "ben", "eva")

    with pytest.raises(NotAllowed):
        rooms.update(ANA, Update(room=group.name, title="Trip", **setting))

    assert rooms.find(ANA, group.name) == group


def test_a_group_has_up_to_twenty_people(rooms):
    others = [f"person {number}" for number in range(MAX_GROUP_MEMBERS - 1)]
    group = talk(rooms, ANA, *others)

    with pytest.raises(QuotaReached):
        rooms.invite(ANA, Invite(room=group.name, name="eva"))
    with pytest.raises(QuotaReached):
        talk(rooms, ANA, *others, "eva")
    rooms.invite(ANA, Invite(room=group.name, name=others[0])).result()  # who is in it already

    assert names(rooms, EVA) == ["general"]
    assert group.title == "Ana, Person 0, Person 1 +17"


def test_whoever_is_removed_from_the_chat_is_in_no_group(rooms):
    group = talk(rooms, ANA, "ben", "eva")

    rooms.forget(BEN.id)

    left = rooms.find(ANA, group.name)
    assert (left.is_group, left.title) == (True, "Ana, Eva")


def test_a_room_that_took_the_name_of_a_conversation_is_none(rooms, directory):
    """Whoever knows two ids can make a public room with the name that their conversation would
    have."""
    ours = talk(rooms, ANA, "ben")
    squat = Room(name=ours.name, title="Ana, Ben", owner=EVA.id, created_by="Eva")
    directory.table("rooms", Room).put(ours.name, squat).result()

    again = talk(rooms, BEN, "ana")

    assert again.name != ours.name
    assert (again.kind, names(rooms, EVA)) == ("direct", ["general", ours.name])
    assert talk(rooms, ANA, "ben") == again


def test_a_group_of_an_older_version_is_one(rooms, directory):
    members = {each.id: each.name for each in (ANA, BEN, EVA)}
    old = Room(name="direct-old", title="Ana, Ben, Eva", kind="direct", members=members)
    directory.table("rooms", Room).put(old.name, old).result()

    assert talk(rooms, BEN, "ana", "eva") == old
    rooms.remove(EVA, Remove(room=old.name, name="eva")).result()
    assert rooms.find(ANA, old.name).is_group


# Over sockets


@pytest.fixture
def cast(server):
    """ana, ben, eva and dan, with accounts; dan's token."""
    people = [with_account(server, name) for name in ("ana", "ben", "eva")]
    token = new_token(server, "dan", "member")
    people.append(with_token(server, token))
    yield [*people, token]
    for each in people:
        each.disconnect()


def lines(client, room):
    page = call(client, "history", {"room": room})["messages"]
    return [(each["text"], each["system"]) for each in page if "system" in each]


def test_a_group_tells_who_did_what_in_it_and_only_its_people_hear_it(cast, server):
    ana, ben, eva, dan, token = cast
    wanted = {"kind": "direct", "members": ["eva", "ben"]}

    room = call(ana, "create", wanted)["room"]
    name = room["name"]
    assert call(ben, "create", {"kind": "direct", "members": ["ana", "eva"]})["room"]["head"] == 1
    call(ana, "message", {"room": name, "text": "before dan"})
    call(ben, "update", {"room": name, "title": "Trip"})
    call(ben, "invite", {"room": name, "name": "dan"})
    for where in ("trip", "dan", name):
        found = call(ana, "search", {"query": f"before in:{where}"})["messages"]
        assert [each["text"] for each in found] == ["before dan"], where
    assert call(ana, "search", {"query": "before in:ana"})["messages"] == []
    call(dan, "update", {"room": name, "title": ""})
    assert call(ben, "remove", {"room": name, "name": "eva"})["error"]["code"] == "not_allowed"
    call(ana, "remove", {"room": name, "name": "eva"})
    call(ana, "message", {"room": name, "text": "after eva"})
    call(ana, "message", {"text": "for all"})

    assert room["group"] == {"named": False, "may_remove": True}
    assert (room["kind"], room["title"], room["may_change"]) == ("direct", "ana, ben, eva", False)
    assert lines(ben, name) == [
        ("ana started a conversation with ben, eva", {"what": "started", "people": ["ben", "eva"]}),
        ("ben named the conversation “Trip”", {"what": "renamed"}),
        ("ben added dan", {"what": "invited", "who": "dan"}),
        ("dan removed the conversation's name", {"what": "renamed"}),
        ("ana removed eva", {"what": "removed", "who": "eva"}),
    ]
    # Dan sees what was said before, and all of it but the lines is unread.
    news = hear(dan, "room")
    assert (news["name"], news["group"]["may_remove"], news["unread"]) == (name, False, 1)
    texts = [each["text"] for each in call(dan, "history", {"room": name})["messages"]]
    assert "before dan" in texts
    assert call(dan, "join", {"room": name})["room"]["unread"] == 2
    # Eva hears that she is out, and nothing more.
    heard = hears_nothing_before(eva, "for all")
    assert "after eva" not in str(heard)
    assert call(eva, "history", {"room": name})["error"]["code"] == "no_such_room"

    read_only = chatapp(server, "token", "create", "dan", "a test", "--scope", "read")
    reader = with_token(server, read_only)
    assert call(reader, "leave", {"room": name})["error"]["code"] == "not_allowed"
    assert call(dan, "leave", {"room": name}) == {"ok": True}
    assert call(dan, "join", {"room": name})["error"]["code"] == "no_such_room"
    assert lines(ana, name)[-1] == ("dan left", {"what": "left"})
    reader.disconnect()
    again = with_token(server, token)
    assert name not in str(call(again, "rooms"))
    again.disconnect()
