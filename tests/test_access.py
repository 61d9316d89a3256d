"""Who may do what: every event, for every role and every kind of membership.

What hangs on a role is as `rights.MAY` and `rights.POWER` say. An event that is not in the tables
below fails the test, and so does an answer that differs.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import socketio

from chatapp.domain.rights import MAY, POWER, Right
from tests.protocol.test_protocol import PAYLOADS
from tests.support import closing
from tests.support.cast import add_account, chatapp, with_account, with_token
from tests.support.files import picture
from tests.support.server import Server
from tests.test_way_of_a_message import call

ROLES = ["guest", "member", "bot", "admin", "owner"]
OK = "ok"
ALL = dict.fromkeys(ROLES, OK)
NOBODY = dict.fromkeys(ROLES, "no_such_room")
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()


def where(right: Right) -> dict[str, str]:
    """What each role is answered where it takes this right."""
    return {role: OK if role in MAY[right] else "not_allowed" for role in ROLES}


# What is done in a room that anybody may see and the person has joined, in one that they have
# not joined, and in a private one that is not theirs. Messages there are somebody else's.
IN_A_ROOM: list[tuple[str, dict[str, Any], dict[str, str], dict[str, str]]] = [
    ("message", {"text": "hi"}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("edit", {"seq": 1, "text": "mine now"}, dict.fromkeys(ROLES, "not_allowed"),
     dict.fromkeys(ROLES, "not_a_member")),
    ("hide_previews", {"seq": 1}, where("delete any message"),
     dict.fromkeys(ROLES, "not_a_member")),
    ("delete", {"seq": 1}, where("delete any message"), dict.fromkeys(ROLES, "not_a_member")),
    ("react", {"seq": 2, "emoji": "👍", "on": True}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("vote", {"seq": 5, "options": [1]}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("close_poll", {"seq": 4}, where("close any poll"), dict.fromkeys(ROLES, "not_a_member")),
    ("voters", {"seq": 5, "option": 0}, ALL, ALL),
    ("typing", {}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("schedule", {"text": "later", "at": TOMORROW}, where("schedule messages"),
     dict.fromkeys(ROLES, "not_a_member")),
    ("history", {}, ALL, ALL),
    ("versions", {"seq": 2}, ALL, ALL),
    ("resume", {"epoch": "another", "after": 0}, ALL, ALL),
    ("search", {"query": "said"}, ALL, ALL),
    ("files", {}, ALL, ALL),
    ("proofs", {}, ALL, ALL),
    ("read", {"seq": 1}, ALL, ALL),
    ("read", {"seq": 1, "thread": 1}, ALL, ALL),
    ("history", {"thread": 1}, ALL, ALL),
    ("follow", {"thread": 1, "on": True}, ALL, ALL),
    ("threads", {}, ALL, ALL),
    ("save", {"seq": 2, "on": True}, ALL, ALL),
    ("save", {"seq": 2, "on": False}, ALL, ALL),
    ("pin", {"seq": 2, "on": True}, where("pin messages"), dict.fromkeys(ROLES, "not_a_member")),
    ("pins", {}, ALL, ALL),
    ("title", {"thread": 2, "title": "Of {role}"}, where("change any room"),
     dict.fromkeys(ROLES, "not_a_member")),
    ("move", {"seqs": [2], "to_thread": 0}, where("change any room"),
     dict.fromkeys(ROLES, "not_a_member")),
    ("forward", {"seqs": [2], "to_room": "public"}, ALL, dict.fromkeys(ROLES, "not_a_member")),
    ("original", {"seq": 2}, dict.fromkeys(ROLES, "not_found"), dict.fromkeys(ROLES, "not_found")),
    ("commands", {}, ALL, ALL),
    ("run_command", {"name": "no-such"},
     dict.fromkeys(ROLES, "not_found") | {"bot": "not_allowed"},
     dict.fromkeys(ROLES, "not_a_member") | {"bot": "not_allowed"}),
    ("prefs", {"level": "all"}, ALL, ALL),
    ("update", {"topic": "soup"}, where("change any room"), where("change any room")),
    ("invite", {"name": "Founder"}, dict.fromkeys(ROLES, "not_allowed"),
     dict.fromkeys(ROLES, "not_allowed")),
    ("remove", {"name": "Founder"}, dict.fromkeys(ROLES, "not_allowed"),
     dict.fromkeys(ROLES, "not_allowed")),
    ("people", {}, ALL, ALL),
    ("leave", {}, ALL, ALL),
    ("join", {}, ALL, ALL),
]  # fmt: skip
# What is done in a group conversation that one is in.
IN_A_GROUP: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("message", {"text": "hi"}, ALL),
    ("update", {"title": "Of {role}"}, ALL),
    ("update", {"topic": "soup"}, dict.fromkeys(ROLES, "not_allowed")),
    ("delete_room", {}, dict.fromkeys(ROLES, "not_allowed")),
    ("invite", {"name": "Some {role}"}, ALL),
    ("remove", {"name": "Some {role}"}, where("change any room")),
    ("move", {"seqs": [2], "to_room": "public"}, dict.fromkeys(ROLES, "not_allowed")),
    ("title", {"thread": 2, "title": "Of {role}"}, ALL),
    ("leave", {}, ALL),
]  # fmt: skip
ANYWHERE: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("rooms", {}, ALL),
    ("inbox", {}, ALL),
    ("scheduled", {}, ALL),
    ("scheduled", {"room": "secret"}, ALL),  # One's own, whatever became of the room.
    ("unschedule", {"id": "of somebody else"}, dict.fromkeys(ROLES, "not_found")),
    ("schedule", {"id": "of somebody else", "now": True}, dict.fromkeys(ROLES, "not_found")),
    ("emoji", {}, ALL),
    ("checkpoints", {}, ALL),
    (
        "add_emoji",
        {"name": "missing", "file": "of-somebody-else"},
        dict.fromkeys(ROLES, "not_found") | {"guest": "not_allowed"},
    ),
    (
        "remove_emoji",
        {"name": "mascot_{role}"},
        {role: "ok" if role in MAY["administer"] else "not_allowed" for role in ROLES},
    ),
    ("remove_emoji", {"name": "missing"}, dict.fromkeys(ROLES, "not_found")),
    ("commands", {}, ALL),
    ("add_command", {"name": "of-{role}"}, where("register commands")),
    (
        "add_command",
        {"name": "elsewhere", "rooms": ["secret"]},
        dict.fromkeys(ROLES, "not_allowed") | {"bot": "no_such_room"},
    ),
    ("remove_command", {"name": "of-{role}"}, dict.fromkeys(ROLES, "not_found") | {"bot": OK}),
    ("take_command", {"id": "of another bot", "mark": "m"}, dict.fromkeys(ROLES, "not_found")),
    ("answer_command", {"id": "of another bot", "text": "hi"}, dict.fromkeys(ROLES, "not_found")),
    ("threads", {}, ALL),
    ("saved", {}, ALL),
    ("forward", {"room": "public", "seqs": [2], "to_room": "secret"}, NOBODY),
    ("forward", {"room": "secret", "seqs": [1], "to_room": "general"}, NOBODY),
    ("original", {"room": "secret", "seq": 1}, NOBODY),
    ("notifications", {}, ALL),
    ("notifications", {"keywords": ["tea"]}, ALL),
    ("arrange", {"rooms": ["general"]}, ALL),
    ("arrange", {"rooms": ["secret"]}, NOBODY),
    ("status", {"state": "online"}, ALL),
    ("status", {"emoji": "☕", "text": "Tea"}, ALL),
    ("status", {"text": ""}, ALL),
    ("people", {"names": ["Founder"]}, ALL),
    ("profile", {"display_name": "The {role}"}, where("have a profile")),
    ("photo", {"file": ""}, where("have a profile")),
    (
        "photo",
        {"file": "of-somebody-else"},
        dict.fromkeys(ROLES, "not_found") | {"guest": "not_allowed"},
    ),
    ("create", {"room": "new-{role}"}, ALL),
    ("create", {"room": "private-{role}", "kind": "private"}, where("make private rooms")),
    ("create", {"kind": "direct", "members": ["Founder"]}, where("make private rooms")),
    ("create", {"kind": "direct", "members": ["Founder", "Some bot"]}, where("make private rooms")),
    ("delete_room", {"room": "bin-{role}"}, where("change any room")),
    ("delete_room", {"room": "general"}, dict.fromkeys(ROLES, "not_allowed")),
    ("delete_room", {"room": "secret"}, NOBODY),
    ("mute", {"name": "Nobody", "seconds": 60, "reason": "noise"}, where("administer")),
    ("kick", {"name": "Nobody", "reason": "noise"}, where("administer")),
    ("ban", {"name": "Nobody {role}", "reason": "noise"}, where("administer")),
    ("unban", {"name": "Nobody {role}"}, where("administer")),
]


class Cast:
    """A server with somebody of each role, a public room and one that is the founder's alone."""

    def __init__(self, server: Server) -> None:
        self.people: dict[str, socketio.SimpleClient] = {"guest": closing.SimpleClient()}
        self.people["guest"].connect(server.url, auth={"name": "Gus"}, transports=["websocket"])
        for role in ROLES[1:]:
            self.people[role] = with_account(server, role.title(), role)
        self.subjects = {"guest": "Somebody"}
        for role in ROLES[1:]:
            self.subjects[role] = f"Some {role}"
            add_account(server, self.subjects[role], role)
        self.founder = with_account(server, "Founder")
        call(self.founder, "create", {"room": "public"})
        call(self.founder, "create", {"room": "its-own"})
        call(self.founder, "create", {"room": "secret", "kind": "private"})
        mascot = server.data.parent / "mascot.png"
        mascot.write_bytes(picture())
        for role in ROLES:
            call(self.founder, "create", {"room": f"bin-{role}"})
            chatapp(server, "emoji", "add", f"mascot_{role}", str(mascot))
        for room in ("public", "secret", "its-own"):
            for _ in range(2):
                call(self.founder, "message", {"room": room, "text": "said in " + room})
            answer = {"room": room, "text": "in a thread", "thread": 2}
            call(self.founder, "message", answer)
            for _ in range(2):
                poll = {"question": "Tea?", "options": ["Yes", "No"]}
                call(self.founder, "message", {"room": room, "poll": poll})
        self.group = self.new_group()
        added = chatapp(server, "bot", "add", "Limited", "--owner", "Founder", "--rooms", "its-own")
        self.limited_token = added.split()[-1]
        self.limited = with_token(server, self.limited_token)

    def new_group(self) -> str:
        """Of the founder and everybody with an account, with two messages and a thread."""
        others = {"kind": "direct", "members": [role.title() for role in ROLES[1:]]}
        name: str = call(self.founder, "create", others)["room"]["name"]
        call(self.founder, "message", {"room": name, "text": "said in a group"})
        call(self.founder, "message", {"room": name, "text": "in a thread", "thread": 2})
        return name

    def close(self) -> None:
        for person in [*self.people.values(), self.founder, self.limited]:
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


@pytest.mark.parametrize("way", ["socket", "request"])
@pytest.mark.parametrize(("event", "payload", "joined", "_outside"), IN_A_ROOM)
def test_a_bot_with_rooms_of_its_own_is_a_bot_there_and_nowhere_else(
    cast, house, event, payload, joined, _outside, way
):
    """All other public rooms are to it as if they were not there."""

    def ask(room):
        asked = {"room": room, **payload}
        if way == "socket" or event == "typing":  # which is no request
            return call(cast.limited, event, asked)
        path = "rooms/{room}/files".format(**asked) if event == "files" else event
        method = "GET" if event == "files" else "POST"
        headers = {"Authorization": f"Bearer {cast.limited_token}"}
        url = f"{house.url}/api/v1/{path}"
        body = None if method == "GET" else asked
        return requests.request(method, url, json=body, headers=headers, timeout=60).json()

    call(cast.limited, "join", {"room": "its-own"})
    here, elsewhere, missing = ask("its-own"), ask("public"), ask("missing")

    names_another = event == "forward"  # to a room that it does not see
    assert outcome(here) == ("no_such_room" if names_another else joined["bot"])
    assert outcome(elsewhere) == ("not_a_member" if event == "typing" else "no_such_room")
    assert str(elsewhere).replace("'public'", "'missing'") == str(missing)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("create", {"room": "by-limited"}),
        ("create", {"room": "by-limited", "kind": "private"}),
        ("create", {"kind": "direct", "members": ["Founder"]}),
        ("delete_room", {"room": "public"}),
        ("arrange", {"rooms": ["public"]}),
        ("original", {"room": "public", "seq": 1}),
    ],
)
def test_a_bot_with_rooms_of_its_own_makes_none_and_changes_none(cast, event, payload):
    answer = call(cast.limited, event, payload)

    assert outcome(answer) == ("not_allowed" if event == "create" else "no_such_room")


@pytest.mark.parametrize("role", ROLES[1:])
@pytest.mark.parametrize(("event", "payload", "allowed"), IN_A_GROUP)
def test_in_a_group_that_one_is_in(cast, role, event, payload, allowed):
    payload = {
        key: value.replace("{role}", role) if isinstance(value, str) else value
        for key, value in payload.items()
    }

    answer = call(cast.people[role], event, {"room": cast.group, **payload})

    assert outcome(answer) == allowed[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("event", "payload", "allowed"), ANYWHERE)
def test_anywhere(cast, role, event, payload, allowed):
    payload = {
        key: value.replace("{role}", role) if isinstance(value, str) else value
        for key, value in payload.items()
    }

    answer = call(cast.people[role], event, payload)

    assert outcome(answer) == allowed[role]


@pytest.mark.parametrize("subject", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_one_moderates_those_whom_one_has_power_over(cast, role, subject):
    """What `rights.POWER` says is what the socket does; tests/admin/test_power.py has the rest."""
    name, actor = cast.subjects[subject], cast.people[role]
    expected = OK if subject in POWER[role] else "not_allowed"
    acts = [
        ("mute", {"name": name, "seconds": 60, "reason": "noise"}),
        ("kick", {"name": name, "reason": "noise"}),
        ("ban", {"name": name.upper(), "reason": "noise"}),
        ("unban", {"name": name}),
    ]

    outcomes = {event: outcome(call(actor, event, payload)) for event, payload in acts}

    assert outcomes == dict.fromkeys(("mute", "kick", "ban", "unban"), expected)


def test_nobody_moderates_themselves(cast):
    for role in ("admin", "owner"):
        for event in ("mute", "kick", "ban"):
            act = {"name": role, "reason": "oops"} | ({"seconds": 9} if event == "mute" else {})
            answer = call(cast.people[role], event, act)
            assert (role, event, outcome(answer)) == (role, event, "not_allowed")


@pytest.mark.parametrize("role", ROLES)
def test_a_private_room_shows_nowhere(cast, role):
    person = cast.people[role]

    rooms = call(person, "rooms")["rooms"]
    found = call(person, "search", {"query": "said"})["messages"]

    assert "public" in [room["name"] for room in rooms]
    assert "secret" not in str(rooms)
    assert {message["room"] for message in found} <= {"public", "its-own"}


def test_the_tables_have_every_event(cast):
    listed = {event for event, *_ in [*IN_A_ROOM, *ANYWHERE]}

    assert listed == set(PAYLOADS)
