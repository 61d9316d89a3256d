"""Streams of a chat of several servers: it is one feed, and one log to go on in."""

import pytest

from tests.support.cluster import two_nodes
from tests.support.streams import StreamClient
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(postgres, tmp_path_factory):
    database = postgres.new_database("chat_of_streams")
    with two_nodes(database, tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def follow():
    """`follow(node, member, room, query)`: a stream there."""
    opened = []

    def follow(node, member, room="general", query=""):
        opened.append(StreamClient.of_room(node.url, room, f"Bearer {member.token}", query))
        return opened[-1]

    yield follow
    for stream in opened:
        stream.close()


def test_a_stream_hears_what_came_in_elsewhere_and_goes_on_elsewhere(here, there, member, follow):
    ana, ben = member("ana"), member("ben")
    speaker = ana.at(here)
    ben.at(there)
    streams = [follow(node, ben) for node in (here, there)]
    before = [stream.next().data["seq"] for stream in streams]

    for number in range(5):
        call(speaker, "message", {"text": f"{number}"})

    heard = [stream.take(5) for stream in streams]
    assert before[0] == before[1]
    assert heard[0] == heard[1]
    assert [event.data["text"] for event in heard[0]] == list("01234")
    moved = follow(there, ben, query=f"?since={heard[0][2].id}")
    assert moved.take(2) == heard[0][3:]
    assert moved.next().data["recovered"]


def test_who_is_removed_elsewhere_hears_no_more(here, there, member, follow, wait_until):
    ana, ben = member("ana"), member("ben")
    owner, room = ana.at(here), f"plans-of-{ana.name}"
    ben.at(there)
    assert call(owner, "create", {"room": room, "kind": "private", "members": [ben.name]})["ok"]

    def opened():
        stream = follow(there, ben, room)
        return stream if stream.status == 200 else None

    stream = wait_until(opened, what="the room at the other server")
    assert stream.next().name == "ready"
    call(owner, "remove", {"room": room, "name": ben.name})
    call(owner, "message", {"room": room, "text": "without ben"})

    ended = stream.rest()
    assert ended[-1].name == "closing"
    assert all(event.data.get("text") != "without ben" for event in ended)


def test_a_stream_of_all_rooms_goes_on_elsewhere(here, there, member, wait_until):
    ana, ben = member("ana"), member("ben")
    owner, room, secret = ana.at(here), f"plans-of-{ana.name}", f"Bearer {ben.token}"
    streams = [StreamClient.of_rooms(node.url, secret) for node in (here, there)]
    places = [stream.next().id for stream in streams]
    assert call(owner, "create", {"room": room, "kind": "private", "members": [ben.name]})["ok"]

    for stream in streams:
        assert stream.until("room_added").data["room"] == room
    for number in range(4):
        call(owner, "message", {"room": ("general", room)[number % 2], "text": f"{number}"})

    heard = [stream.take(4) for stream in streams]
    assert places[0] == places[1]
    assert heard[0] == heard[1]
    assert [event.data["text"] for event in heard[0]] == list("0123")
    moved = StreamClient.of_rooms(there.url, secret, f"?since={heard[0][1].id}")
    assert moved.take(2) == heard[0][2:]
    assert moved.next().data["recovered"]
    call(owner, "remove", {"room": room, "name": ben.name})
    for stream in (*streams, moved):
        assert stream.until("room_removed").data == {"room": room}
        stream.close()
