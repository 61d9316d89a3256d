"""Whoever is called in a room that they are not in hears of it; else the sender does."""

from collections.abc import Callable, Iterator

import pytest
from socketio import SimpleClient

from tests.support.cast import new_token, with_token
from tests.support.server import Server

Connect = Callable[..., SimpleClient]


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("Ana", "Łucja Wiśniewska", "Zoe")}


@pytest.fixture
def people(house: Server, tokens: dict[str, str]) -> Iterator[dict[str, SimpleClient]]:
    people = {name: with_token(house, token) for name, token in tokens.items()}
    yield people
    for client in people.values():
        client.disconnect()


def heard(client: SimpleClient, event: str) -> dict[str, object]:
    """The next event of this name; others are passed over."""
    while True:
        name, payload = client.receive()
        if name == event:
            return dict(payload)


def hears_none(client: SimpleClient, event: str) -> bool:
    """Of what was sent to a client before an answer to it."""
    client.call("people", {"names": []})
    before = [name for name, *_ in client.input_buffer]
    return event not in before


def room_of(client: SimpleClient, name: str) -> dict[str, object]:
    rooms = client.call("rooms", {})["rooms"]
    return next(room for room in rooms if room["name"] == name)


def test_a_mention_in_a_public_room_reaches_who_is_not_in_it(
    people: dict[str, SimpleClient],
) -> None:
    ana, lucja, zoe = people.values()
    ana.call("create", {"room": "escalations"})
    ana.call("message", {"room": "escalations", "text": "before"})

    said = {"room": "escalations", "text": "@Łucja Wiśniewska can you take this? @all"}
    answer = ana.call("message", said)

    assert "unreached" not in answer
    mention = heard(lucja, "mention")
    assert (mention["room"], mention["seq"], mention["text"]) == ("escalations", 2, said["text"])
    assert hears_none(zoe, "mention"), "@all are those who are in the room"
    room = room_of(lucja, "escalations")
    assert (room["joined"], room["read"], room["mentions"]) == (False, 1, 1)
    assert room_of(zoe, "escalations")["mentions"] == 0


def test_it_is_there_for_who_comes_later_until_they_have_read_it(
    house: Server, people: dict[str, SimpleClient], tokens: dict[str, str]
) -> None:
    ana, _, zoe = people.values()
    zoe.disconnect()
    ana.call("create", {"room": "later"})
    ana.call("message", {"room": "later", "text": "@zoe, when you are back"})
    ana.call("message", {"room": "later", "text": "@all and nobody by name"})

    zoe = with_token(house, tokens["Zoe"])
    assert room_of(zoe, "later")["mentions"] == 1
    zoe.call("read", {"room": "later", "seq": 2})

    assert room_of(zoe, "later")["mentions"] == 0
    zoe.disconnect()


def test_who_is_in_the_room_hears_the_message_alone(people: dict[str, SimpleClient]) -> None:
    ana, lucja, _ = people.values()
    ana.call("create", {"room": "joined"})
    lucja.call("join", {"room": "joined"})

    ana.call("message", {"room": "joined", "text": "@Łucja Wiśniewska"})

    assert heard(lucja, "message")["room"] == "joined"
    assert hears_none(lucja, "mention")


def test_a_guest_who_is_here_is_reached_too(
    house: Server, people: dict[str, SimpleClient], connect: Connect
) -> None:
    gus = connect("gus", url=house.url)
    ana = people["Ana"]
    ana.call("create", {"room": "with-guests"})

    ana.call("message", {"room": "with-guests", "text": "@Gus?"})

    assert heard(gus, "mention")["room"] == "with-guests"


def test_of_a_private_room_nobody_outside_hears_and_the_sender_is_told(
    people: dict[str, SimpleClient],
) -> None:
    ana, lucja, zoe = people.values()
    ana.call("create", {"room": "secret", "kind": "private", "members": ["Zoe"]})

    answer = ana.call("message", {"room": "secret", "text": "@zoe @Łucja Wiśniewska @nobody"})

    assert answer["unreached"] == ["Łucja Wiśniewska"]
    assert hears_none(lucja, "mention")
    assert heard(zoe, "message")["room"] == "secret"
    assert "unreached" not in ana.call("message", {"room": "secret", "text": "@zoe @ana"})


def test_one_message_reaches_so_many_and_no_more(house: Server, connect: Connect) -> None:
    """What somebody sends may not cost more with the number of names in it."""
    guests = [connect(f"g{number}", url=house.url) for number in range(25)]
    bo = connect("bo", url=house.url)
    bo.call("create", {"room": "crowd"})

    bo.call("message", {"room": "crowd", "text": " ".join(f"@g{n}" for n in range(25))})

    assert sum(not hears_none(guest, "mention") for guest in guests) == 20
