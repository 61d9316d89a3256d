"""Private rooms over real sockets: what is said there is heard there, and nowhere else."""

import threading

import pytest

from tests.support.cast import with_account
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call, hear, hears_nothing_before


@pytest.fixture(scope="module")
def cast(house):
    """Ana, Ben and Eva, with accounts."""
    people = [with_account(house, name) for name in ("Ana", "Ben", "Eva")]
    yield people
    for person in people:
        person.disconnect()


@pytest.fixture
def people(cast):
    """The three, who have heard all that was said before: it came before an answer to them."""
    for person in cast:
        call(person, "rooms")
        person.input_buffer.clear()
    return cast


def make_room(name, owner, *members):
    answer = call(owner, "create", {"room": name, "kind": "private", "members": list(members)})
    assert answer["ok"], answer
    return answer["room"]


def everything_before(client, marker):
    """Every event that a client got before the message `marker`."""
    heard = []
    while True:
        event = client.receive()
        if event[0] == "message" and event[1]["text"] == marker:
            return heard
        heard.append(event)


def test_only_its_members_hear_of_a_private_room(people):
    ana, ben, eva = people
    make_room("plans", ana, "Ben")

    call(ana, "message", {"room": "plans", "text": "for us"})
    call(ben, "typing", {"room": "plans"})
    call(ana, "message", {"text": "for all 1"})

    assert hear(ben, "message")["text"] == "for us"
    assert "plans" not in str(everything_before(eva, "for all 1"))


def test_who_is_invited_is_in_the_room_at_once_with_its_history(people):
    ana, _, eva = people
    room = make_room("guests", ana)
    call(ana, "message", {"room": "guests", "text": "before"})

    call(ana, "invite", {"room": "guests", "name": "eva"})

    while (news := hear(eva, "room"))["name"] != "guests":
        pass
    assert news["joined"] is True
    call(ana, "message", {"room": "guests", "text": "welcome"})
    texts = [hear(eva, "message")["text"] for _ in range(2)]
    assert texts == ["Ana added Eva", "welcome"]
    missed = call(eva, "resume", {"room": "guests", "epoch": room["epoch"], "after": 0})
    assert [event["text"] for event in missed["events"]] == ["before", "Ana added Eva", "welcome"]


def test_who_is_removed_hears_nothing_more_and_cannot_resume_what_came_after(people):
    ana, ben, _ = people
    room = make_room("closed", ana, "Ben")
    call(ana, "message", {"room": "closed", "text": "with ben"})
    assert hear(ben, "message")["text"] == "with ben"

    assert call(ana, "remove", {"room": "closed", "name": "Ben"}) == {"ok": True}
    call(ana, "message", {"room": "closed", "text": "without ben"})
    call(ana, "message", {"text": "for all 2"})

    assert hear(ben, "removed") == {"room": "closed"}
    assert hears_nothing_before(ben, "for all 2") == []
    asked = {"room": "closed", "epoch": room["epoch"], "after": 1}
    for event, payload in (
        ("resume", asked),
        ("history", {"room": "closed"}),
        ("message", {"room": "closed", "text": "hello?"}),
        ("search", {"query": "without", "room": "closed"}),
    ):
        assert call(ben, event, payload)["error"]["code"] == "no_such_room"
    assert call(ben, "search", {"query": "without"})["messages"] == []


def test_nothing_is_delivered_after_a_removal_that_was_acked_in_the_middle_of_a_burst(people):
    ana, ben, _ = people
    make_room("race", ana, "Ben")
    acked = threading.Event()

    for number in range(100):
        ana.client.emit("message", {"room": "race", "text": f"before {number}"})
    ana.client.emit("remove", {"room": "race", "name": "Ben"}, callback=lambda _: acked.set())
    assert acked.wait(DEADLINE_SECONDS)
    for number in range(100):
        ana.client.emit("message", {"room": "race", "text": f"after {number}"})
    call(ana, "message", {"text": "for all 3"})

    heard = hears_nothing_before(ben, "for all 3")
    assert len(heard) == 100
    assert all(text.startswith("before") for text in heard)


def test_the_same_two_people_get_the_same_direct_room(people):
    ana, ben, eva = people

    one = call(ana, "create", {"kind": "direct", "members": ["Ben"]})["room"]
    two = call(ben, "create", {"kind": "direct", "members": ["Ana"]})["room"]
    call(ana, "message", {"room": one["name"], "text": "psst"})

    assert one["name"] == two["name"]
    assert hear(ben, "message")["text"] == "psst"
    assert one["name"] not in str(call(eva, "rooms"))


def test_who_leaves_a_private_room_has_left_it_for_good(people):
    ana, ben, _ = people
    make_room("left", ana, "Ben")

    assert call(ben, "leave", {"room": "left"}) == {"ok": True}

    assert call(ben, "join", {"room": "left"})["error"]["code"] == "no_such_room"
    assert call(ana, "join", {"room": "left"})["room"]["invited"] == ["Ana"]
