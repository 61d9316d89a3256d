"""Who may do what: every event and every route, for every role and every kind of membership.

The tables below are the whole truth. An event or a route that is not in them fails the test,
and so does an answer that differs.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from tests.support import closing
from tests.support.cast import with_account
from tests.support.server import Server
from tests.test_protocol import PAYLOADS
from tests.test_way_of_a_message import call

ROLES = ["guest", "member", "bot", "admin", "owner"]
OK = "ok"
ALL = dict.fromkeys(ROLES, OK)
ADMINS = dict.fromkeys(ROLES, "not_allowed") | {"admin": OK, "owner": OK}
NOBODY = dict.fromkeys(ROLES, "no_such_room")

# What is done in a room that anybody may see and the person has joined, in one that they have
# not joined, and in a private one that is not theirs. Messages there are somebody else's.
IN_A_ROOM: list[tuple[str, dict[str, Any], dict[str, str], dict[str, str]]] = [
    ("message", {"text": "hi"}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("edit", {"seq": 1, "text": "mine now"}, dict.fromkeys(ROLES, "not_allowed"),
     dict.fromkeys(ROLES, "not_a_member")),
    ("delete", {"seq": 1}, ADMINS, dict.fromkeys(ROLES, "not_a_member")),
    ("react", {"seq": 2, "emoji": "+", "on": True}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("typing", {}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("history", {}, ALL, ALL),
    ("versions", {"seq": 2}, ALL, ALL),
    ("resume", {"epoch": "another", "after": 0}, ALL, ALL),
    ("search", {"query": "said"}, ALL, ALL),
    ("read", {"seq": 1}, ALL, ALL),
    ("prefs", {"level": "all"}, ALL, ALL),
    ("update", {"topic": "soup"}, ADMINS, ADMINS),
    ("invite", {"name": "Founder"}, dict.fromkeys(ROLES, "not_allowed"),
     dict.fromkeys(ROLES, "not_allowed")),
    ("remove", {"name": "Founder"}, dict.fromkeys(ROLES, "not_allowed"),
     dict.fromkeys(ROLES, "not_allowed")),
    ("people", {}, ALL, ALL),
    ("leave", {}, ALL, ALL),
    ("join", {}, ALL, ALL),
]  # fmt: skip
ANYWHERE: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("rooms", {}, ALL),
    ("arrange", {"rooms": ["general"]}, ALL),
    ("arrange", {"rooms": ["secret"]}, NOBODY),
    ("status", {"state": "online"}, ALL),
    ("people", {"names": ["Founder"]}, ALL),
    ("profile", {"display_name": "The {role}"}, ALL | {"guest": "not_allowed"}),
    ("create", {"room": "new-{role}"}, ALL),
    ("create", {"room": "private-{role}", "kind": "private"}, ALL | {"guest": "not_allowed"}),
    ("mute", {"name": "Nobody", "seconds": 60, "reason": "noise"}, ADMINS),
    ("kick", {"name": "Nobody", "reason": "noise"}, ADMINS),
    ("ban", {"name": "Nobody {role}", "reason": "noise"}, ADMINS),
    ("unban", {"name": "Nobody {role}"}, ADMINS),
]


class Cast:
    """A server with somebody of each role, a public room and one that is the founder's alone."""

    def __init__(self, server: Server) -> None:
        self.people: dict[str, socketio.SimpleClient] = {"guest": closing.SimpleClient()}
        self.people["guest"].connect(server.url, auth={"name": "Gus"}, transports=["websocket"])
        for role in ROLES[1:]:
            self.people[role] = with_account(server, role.title(), role)
        self.founder = with_account(server, "Founder")
        call(self.founder, "create", {"room": "public"})
        call(self.founder, "create", {"room": "secret", "kind": "private"})
        for room in ("public", "secret"):
            for _ in range(2):
                call(self.founder, "message", {"room": room, "text": "said in " + room})

    def close(self) -> None:
        for person in [*self.people.values(), self.founder]:
            person.disconnect()


@pytest.fixture(scope="module")
def cast(house: Server) -> Iterator[Cast]:
    cast = Cast(house)
    yield cast
    cast.close()


def outcome(answer: Any) -> str:
    if isinstance(answer, dict) and not answer.get("ok"):
        code: str = answer["error"]["code"]
        return code
    return OK


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "joined", "_outside"), IN_A_ROOM)
def test_in_a_room_that_one_is_in(cast, role, event, payload, joined, _outside):
    call(cast.people[role], "join", {"room": "public"})

    answer = call(cast.people[role], event, {"room": "public", **payload})

    assert outcome(answer) == joined[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "_joined", "outside"), IN_A_ROOM)
def test_in_a_room_that_one_is_not_in(cast, role, event, payload, _joined, outside):
    call(cast.people[role], "leave", {"room": "public"})

    answer = call(cast.people[role], event, {"room": "public", **payload})

    assert outcome(answer) == outside[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "_joined", "_outside"), IN_A_ROOM)
def test_in_a_private_room_that_is_not_ones_own(cast, role, event, payload, _joined, _outside):
    answer = call(cast.people[role], event, {"room": "secret", **payload})

    missing = call(cast.people[role], event, {"room": "missing", **payload})
    assert outcome(answer) == ("not_a_member" if event == "typing" else "no_such_room")
    assert str(answer).replace("secret", "missing") == str(missing)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "allowed"), ANYWHERE)
def test_anywhere(cast, role, event, payload, allowed):
    payload = {
        key: value.replace("{role}", role) if isinstance(value, str) else value
        for key, value in payload.items()
    }

    answer = call(cast.people[role], event, payload)

    assert outcome(answer) == allowed[role]


@pytest.mark.parametrize("role", ROLES)
def test_a_private_room_shows_nowhere(cast, role):
    person = cast.people[role]

    rooms = call(person, "rooms")["rooms"]
    found = call(person, "search", {"query": "said"})["messages"]

    assert "public" in [room["name"] for room in rooms]
    assert "secret" not in str(rooms)
    assert {message["room"] for message in found} <= {"public"}


def test_the_tables_have_every_event(cast):
    listed = {event for event, *_ in [*IN_A_ROOM, *ANYWHERE]}

    assert listed == set(PAYLOADS)
