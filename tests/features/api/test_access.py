"""Who may do what by requests: the same as by sockets, by the same tables, for people with and
without an account. What is kept for guests needs a connection."""

import pytest

from chatapp.protocol.events import EVENTS
from tests.support.programs import Program
from tests.test_access import ANYWHERE, IN_A_ROOM

ROLES = ["guest", "member", "admin"]


@pytest.fixture(scope="module")
def people(program, app):
    founder = program("Founder")
    founder("POST create", {"room": "public"})
    founder("POST create", {"room": "secret", "kind": "private"})
    for room in ("public", "secret"):
        for _ in range(2):
            founder("POST message", {"room": room, "text": f"said in {room}"})
        founder("POST message", {"room": room, "text": "in a thread", "thread": 2})
        for _ in range(2):
            poll = {"question": "Tea?", "options": ["Yes", "No"]}
            founder("POST message", {"room": room, "poll": poll})
    return {
        "guest": Program(app, "Guest Gus:a-key-of-a-guest"),
        "member": program("Member"),
        "admin": program("Admin", role="admin"),
    }


def outcome(program, event, payload):
    if event == "files":
        answer = program(f"GET rooms/{payload['room']}/files")
    else:
        answer = program(f"POST {event}", payload)
    return "ok" if answer.json["ok"] else answer.json["error"]["code"]


def rows(table):
    return [row for row in table if row[0] != "typing"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "_joined", "_outside"), rows(IN_A_ROOM))
def test_in_a_private_room_that_is_not_ones_own(people, role, event, payload, _joined, _outside):
    secret = outcome(people[role], event, {"room": "secret", **payload})

    is_kept = EVENTS[event].kept and role == "guest"
    assert secret == ("not_allowed" if is_kept else "no_such_room")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "_joined", "outside"), rows(IN_A_ROOM))
def test_in_a_room_that_one_is_not_in(people, role, event, payload, _joined, outside):
    people[role]("POST leave", {"room": "public"})

    found = outcome(people[role], event, {"room": "public", **payload})

    is_kept = EVENTS[event].kept and role == "guest"
    assert found == ("not_allowed" if is_kept else outside[role])


@pytest.mark.parametrize("role", ROLES[1:])
@pytest.mark.parametrize(("event", "payload", "joined", "_outside"), rows(IN_A_ROOM))
def test_in_a_room_that_one_is_in(people, role, event, payload, joined, _outside):
    people[role]("POST join", {"room": "public"})

    assert outcome(people[role], event, {"room": "public", **payload}) == joined[role]


ROWS_ABOUT_REQUESTS = [
    row
    for row in ANYWHERE
    if "{role}" not in str(row[1]) and row[1].get("kind") != "direct" and "state" not in row[1]
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "allowed"), ROWS_ABOUT_REQUESTS)
def test_anywhere(people, role, event, payload, allowed):
    is_kept = EVENTS[event].kept and role == "guest"

    assert outcome(people[role], event, payload) == ("not_allowed" if is_kept else allowed[role])
