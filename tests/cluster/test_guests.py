"""What belongs to a guest is there at every server, as long as it would be at a single one."""

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.log import format
from tests.support.cluster import journal_bytes, new_name, two_nodes
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def nodes(postgres, tmp_path_factory):
    with two_nodes(postgres.new_database("guests"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def guest(connect) -> Callable[..., Any]:
    """`guest(node, "gus")`: a device of this guest."""

    def guest(node, name):
        return connect(name, url=node.url, auth={"name": name, "key": f"the key of {name}, only"})

    return guest


@pytest.fixture
def rooms(guest, nodes) -> list[str]:
    """Two public rooms with a message in each, known at both servers."""
    host, watcher = (guest(node, new_name("host")) for node in nodes)
    names = [new_name("room") for _ in range(2)]
    for room in names:
        call(host, "create", {"room": room})
        for text in ("one", "two", "three"):
            call(host, "message", {"room": room, "text": text})
        page = {"room": room, "after": 2}
        wait_until(
            lambda page=page: call(watcher, "history", page).get("messages"), what="the room"
        )
    return names


def room_of(client, name: str) -> dict[str, Any]:
    [room] = [room for room in call(client, "rooms")["rooms"] if room["name"] == name]
    return room


def entries(node) -> list[Any]:
    """The lines of the tables, at a server."""
    lines = journal_bytes(node.data, "directory").splitlines(keepends=True)
    return [format.decode_entry(line) for line in lines]


def test_a_guest_who_comes_back_to_another_server_finds_everything(guest, nodes, rooms):
    here, there = nodes
    tea, soup = rooms
    name = new_name("gus")
    first = guest(here, name)
    call(first, "join", {"room": tea})
    assert call(first, "read", {"room": tea, "seq": 2})["ok"]
    assert call(first, "prefs", {"room": tea, "level": "mentions", "favourite": True})["ok"]
    assert call(first, "arrange", {"rooms": [soup, tea]})["ok"]

    second = guest(there, name)

    room = room_of(second, tea)
    assert (room["joined"], room["read"], room["unread"]) == (True, 2, 1)
    assert (room["level"], room["favourite"], room["place"]) == ("mentions", True, 1)
    first.disconnect()
    assert call(second, "message", {"room": tea, "text": "I am still here"})["ok"]


def test_devices_of_a_guest_at_two_servers_are_told_of_each_other(guest, nodes, rooms):
    here, there = nodes
    tea = rooms[0]
    name = new_name("gus")
    phone, laptop = guest(here, name), guest(there, name)

    call(phone, "join", {"room": tea})
    while not hear(laptop, "room")["joined"]:
        continue
    call(phone, "read", {"room": tea, "seq": 3})
    assert hear(laptop, "read")["read"] == 3
    call(laptop, "prefs", {"room": tea, "favourite": True})
    assert hear(phone, "prefs")["favourite"]
    call(laptop, "leave", {"room": tea})
    wait_until(lambda: not room_of(phone, tea)["joined"], what="the phone to have left")


def test_a_guest_who_was_connected_nowhere_has_their_marks_and_no_rooms(guest, nodes, rooms):
    tea, name = rooms[0], new_name("gus")
    devices = [guest(node, name) for node in nodes]
    for device in devices:
        call(device, "join", {"room": tea})
    call(devices[1], "read", {"room": tea, "seq": 2})

    for device in devices:
        device.disconnect()
    wait_until(
        lambda: (
            not [e for e in entries(nodes[0]) if (e.table, e.key) == ("guests", name)][-1].value
        ),
        what="the guest's name to be free",
    )
    again = guest(nodes[0], name)

    room = room_of(again, tea)
    assert (room["joined"], room["read"]) == (False, 2)
    refused = call(again, "message", {"room": tea, "text": "hi"})
    assert refused["error"]["code"] == "not_a_member"


def test_what_a_guest_reads_costs_no_line_of_a_journal(guest, nodes, rooms):
    gus = guest(nodes[0], new_name("gus"))
    call(gus, "join", {"room": rooms[0]})

    for seq in (1, 2, 3):
        assert call(gus, "read", {"room": rooms[0], "seq": seq})["ok"]

    tables = {entry.table for entry in entries(nodes[0]) if entry.key.startswith("guest:")}
    assert {entry.table for entry in entries(nodes[0])} >= {"guests", "rooms"}
    assert tables == set()


def test_a_server_that_starts_later_knows_them_too(guest, nodes, rooms):
    here, there = nodes
    name = new_name("gus")
    gus = guest(here, name)
    call(gus, "join", {"room": rooms[0]})
    call(gus, "read", {"room": rooms[0], "seq": 2})

    there.kill9()
    there.start()

    room = room_of(guest(there, name), rooms[0])
    assert (room["joined"], room["read"]) == (True, 2)
