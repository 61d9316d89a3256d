"""Streams of all rooms from a real server: which rooms, in one order, and where they go on."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from socketio import SimpleClient

from chatapp.features.streams.places import Places
from tests.support.cast import chatapp, new_token, with_token
from tests.support.server import Server
from tests.support.streams import GUEST, NDJSON, StreamClient, StreamEvent
from tests.test_way_of_a_message import call

Open = Callable[..., StreamClient]
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("Ada", "Bea")}


@pytest.fixture(scope="module")
def ada(house: Server, tokens: dict[str, str]) -> Iterator[SimpleClient]:
    client = with_token(house, tokens["Ada"])
    yield client
    client.disconnect()


@pytest.fixture
def private(ada: SimpleClient) -> str:
    """A new private room of Ada and Bea."""
    name = f"plans-{next(NUMBERS)}"
    call(ada, "create", {"room": name, "kind": "private", "members": ["Bea"]})
    return name


def bearer(token: str) -> str:
    return f"Bearer {token}"


def say(client: SimpleClient, text: str, room: str = "general") -> int:
    return int(call(client, "message", {"room": room, "text": text})["message"]["seq"])


def until_text(stream: StreamClient, text: str) -> list[StreamEvent]:
    """All events up to the message that says this."""
    before = len(stream.events)
    while stream.next().data.get("text") != text:
        pass
    return stream.events[before:]


def texts(events: list[StreamEvent]) -> list[Any]:
    return [event.data["text"] for event in events if event.name == "message"]


def test_all_rooms_come_in_one_order_to_those_who_see_them(
    ada: SimpleClient, tokens: dict[str, str], private: str, of_rooms: Open
) -> None:
    member, lines, guest = of_rooms(bearer(tokens["Bea"])), of_rooms(Accept=NDJSON), of_rooms()
    for stream in (member, lines, guest):
        assert stream.next().name == "ready"

    said = [say(ada, f"{n}", ("general", private)[n % 2]) for n in range(6)]
    call(ada, "edit", {"room": private, "seq": said[1], "text": "one"})
    call(ada, "react", {"room": "general", "seq": said[0], "emoji": "👍", "on": True})

    heard = member.take(8)
    assert texts(heard) == ["0", "1", "2", "3", "4", "5"]
    assert [each.name for each in heard[6:]] == ["edit", "react"]
    assert [each.data["room"] for each in heard[:2]] == ["general", private]
    public = [each for each in heard if each.data["room"] == "general"]
    assert guest.take(4) == lines.take(4) == public
    assert len({each.id for each in heard}) == 8


def test_a_stream_goes_on_where_it_ended_in_all_rooms(
    ada: SimpleClient, tokens: dict[str, str], private: str, of_rooms: Open
) -> None:
    first = of_rooms(bearer(tokens["Bea"]))
    start = first.next().id
    for n in range(4):
        say(ada, f"on {n}", ("general", private)[n % 2])
    gone = say(ada, "a secret", private)
    call(ada, "delete", {"room": private, "seq": gone})
    heard = first.take(6)

    by_header = of_rooms(bearer(tokens["Bea"]), "?since=nothing", Last_Event_ID=heard[1].id)
    by_query = of_rooms(bearer(tokens["Bea"]), f"?since={start}")
    as_guest = of_rooms(GUEST, f"?since={start}")

    assert texts(by_header.take(5)) == ["on 2", "on 3", ""]
    assert by_header.events[:2] == heard[2:4]
    assert [(each.name, each.id) for each in by_query.take(6)] == [(e.name, e.id) for e in heard]
    assert texts(as_guest.take(3)) == ["on 0", "on 2"]
    for stream in (by_header, by_query, as_guest):
        ready = stream.events[-1] if stream.events[-1].name == "ready" else stream.next()
        assert (ready.name, ready.data["recovered"]) == ("ready", True)


def test_there_are_neither_holes_nor_doubles_while_others_write(
    ada: SimpleClient, private: str, tokens: dict[str, str], of_rooms: Open
) -> None:
    start, count = of_rooms(bearer(tokens["Ada"])).next().id, 500
    writing = threading.Thread(
        target=lambda: [
            ada.client.emit("message", {"room": ("general", private)[n % 2], "text": f"{n}"})
            for n in range(count)
        ]
    )
    wanted = [f"{n}" for n in range(count)]
    first, others = of_rooms(bearer(tokens["Bea"]), f"?since={start}"), []

    writing.start()
    while texts(first.events)[-1:] != wanted[-1:]:
        first.next()
        if len(first.events) % 80 == 0:
            others.append(of_rooms(bearer(tokens["Bea"]), f"?since={start}"))
    writing.join()

    assert len(others) > 3
    for stream in others:
        until_text(stream, wanted[-1])
    assert all(sorted(texts(each.events), key=int) == wanted for each in (first, *others))
    ids = [[each.id for each in one.events if each.name == "message"] for one in (first, *others)]
    assert all(each == ids[0] for each in ids)


def test_only_what_was_asked_for_comes(
    ada: SimpleClient, tokens: dict[str, str], private: str, of_rooms: Open
) -> None:
    secret, other = bearer(tokens["Bea"]), f"tea-{next(NUMBERS)}"
    call(ada, "create", {"room": other})
    two = of_rooms(secret, f"?rooms={private}&rooms={other}")
    edits = of_rooms(secret, "?types=edit", Accept=NDJSON)
    start = edits.next().id
    assert two.next().name == "ready"

    seq = say(ada, "not in the two")
    say(ada, "in the first", private)
    say(ada, "in the second", other)
    call(ada, "edit", {"room": "general", "seq": seq, "text": "edited"})

    assert texts(until_text(two, "in the second")) == ["in the first", "in the second"]
    assert edits.next().data["text"] == "edited"
    missed = of_rooms(secret, f"?types=edit&types=react&since={start}")
    assert [each.name for each in missed.take(2)] == ["edit", "ready"]


def test_rooms_come_and_go_while_it_streams(
    ada: SimpleClient, tokens: dict[str, str], private: str, of_rooms: Open
) -> None:
    secret, new = bearer(tokens["Bea"]), f"new-{next(NUMBERS)}"
    stream, guest, one = of_rooms(secret), of_rooms(), of_rooms(secret, f"?rooms={private}")
    for each in (stream, guest, one):
        assert each.next().name == "ready"

    call(ada, "create", {"room": new})
    say(ada, "in the new one", new)
    call(ada, "remove", {"room": private, "name": "Bea"})
    hidden = say(ada, "without bea", private)
    call(ada, "invite", {"room": private, "name": "Bea"})
    say(ada, "with bea", private)
    call(ada, "delete_room", {"room": new})
    say(ada, "the end")

    heard = until_text(stream, "the end")
    changes = [(e.name, e.data["room"]) for e in heard if e.name.startswith("room_")]
    assert changes == [
        ("room_added", new),
        ("room_removed", private),
        ("room_added", private),
        ("room_removed", new),
    ]
    assert [e.data["seq"] for e in heard if e.name == "room_added"] == [0, hidden]
    assert "without bea" not in texts(heard)
    assert {"in the new one", "with bea"} <= set(texts(heard))
    of_guest = until_text(guest, "the end")
    assert [e.name for e in of_guest if e.data["room"] == new][0::2] == [
        "room_added",
        "room_removed",
    ]
    assert all(e.data["room"] in (new, "general") for e in of_guest)
    assert [e.name for e in until_text(one, "with bea")][:2] == ["room_removed", "room_added"]


def test_a_bot_with_rooms_of_its_own_hears_only_those(
    house: Server, ada: SimpleClient, of_rooms: Open
) -> None:
    name, room = f"Limited {next(NUMBERS)}", f"ci-{next(NUMBERS)}"
    call(ada, "create", {"room": room})
    added = chatapp(house, "bot", "add", name, "--owner", "Ada", "--rooms", room)
    secret = bearer(added.split()[-1])
    stream = of_rooms(secret)
    start = stream.next().id

    other = f"lounge-{next(NUMBERS)}"
    call(ada, "create", {"room": other})
    say(ada, "in a new public room", other)
    say(ada, "in general")
    say(ada, "for the bot", room)

    assert texts(until_text(stream, "for the bot")) == ["for the bot"]
    assert [e.name for e in stream.events if e.name.startswith("room_")] == []
    assert texts(of_rooms(secret, f"?since={start}").take(2)) == ["for the bot"]
    assert of_rooms(secret, "?rooms=general").status == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?since=1", 400),
        ("?since=" + "A" * 64, 400),
        ("?since=", 400),
        ("?since=%C3%A9", 400),
        ("?after=1", 400),
        ("?types=typing", 400),
        ("?rooms=nowhere", 404),
        ("?rooms=general&rooms=plans-0", 404),
    ],
)
def test_a_bad_request_is_refused(private: str, of_rooms: Open, query: str, status: int) -> None:
    refused = of_rooms(GUEST, query)

    assert refused.status == status
    assert json.loads(refused.response.read())["ok"] is False


def test_a_place_that_the_log_does_not_have_is_said_to_be_a_gap(
    house: Server, ada: SimpleClient, of_rooms: Open
) -> None:
    places = Places((house.data / "secret_key").read_bytes())
    here = places.number_of(of_rooms().next().id or "")

    ready = of_rooms(GUEST, f"?since={places.id_of(here + 1000)}").next()

    assert (ready.name, ready.data["recovered"]) == ("ready", False)


def test_an_id_does_not_tell_how_much_is_said_elsewhere() -> None:
    one, other = Places(b"the secret of a chat"), Places(b"the secret of another one")

    ids = [one.id_of(n) for n in range(300)]
    assert [one.number_of(id) for id in ids] == list(range(300))
    assert sorted(ids) != ids
    assert len({id[:8] for id in ids}) == 300  # nothing of a number stands at the beginning
    with pytest.raises(Exception, match="no id of a stream"):
        other.number_of(ids[0])
