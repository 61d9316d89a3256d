"""What people say of themselves, with real clients of a real server."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import socketio

from tests.cluster.test_pushes import hear_of
from tests.support import closing
from tests.support.cast import chatapp, new_token, with_token
from tests.support.server import Server
from tests.support.soon import ask_for_soon
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

HOLIDAY = {"emoji": "🌴", "text": "Vacation", "out_of_office": True}


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("ana", "ben", "zoe")}


@pytest.fixture
def people(house: Server, tokens: dict[str, str]) -> dict[str, socketio.SimpleClient]:
    people = {name: with_token(house, token) for name, token in tokens.items()}
    for person in people.values():
        call(person, "status", {"text": ""})
    return people


def status_of(asker: socketio.SimpleClient, name: str) -> Any:
    found = call(asker, "people", {"names": [name]})["people"]
    return found[0].get("status") if found else None


def hears_of_none(client: socketio.SimpleClient, name: str) -> None:
    while "status" in hear_of(client, "profile", name=name):
        pass


def stored(house: Server) -> set[str]:
    """The names of people whose status is on the disk."""
    files = sorted((house.data / "directory").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    rows = {line["key"]: line.get("value") for line in lines if line.get("table") == "statuses"}
    return {row["name"] for row in rows.values() if row}


def soon(**after: float) -> str:
    return (datetime.now(UTC) + timedelta(**after)).isoformat()


def test_a_status_is_told_to_all_and_is_part_of_a_profile(people, house, tokens):
    ana, ben, _ = people.values()
    phone = with_token(house, tokens["ana"])

    set_now = call(ana, "status", {"emoji": "🏠", "text": "  Working   remotely "})

    expected = {"emoji": "🏠", "text": "Working remotely"}
    assert set_now["status"] == expected
    for other in (ben, phone, ana):
        hear_of(other, "profile", name="ana", status=expected)
    assert status_of(ben, "ana") == expected
    renamed = call(ana, "profile", {"display_name": "Ana P."})["profile"]
    assert renamed["status"] == expected
    call(ana, "profile", {"display_name": ""})

    assert call(phone, "status", {"emoji": "", "text": ""})["status"] is None
    hears_of_none(ben, "ana")
    assert status_of(ben, "ana") is None


def test_a_status_replaces_the_one_before_and_a_state_leaves_it(people):
    ana, ben, _ = people.values()
    call(ana, "status", {**HOLIDAY, "until": soon(days=2)})

    assert call(ana, "status", {"state": "busy"}) == {"ok": True}
    assert status_of(ben, "ana")["text"] == "Vacation"
    both = call(ana, "status", {"state": "online", "emoji": "☕"})

    assert both["status"] == {"emoji": "☕"}
    assert status_of(ben, "ana") == {"emoji": "☕"}


def test_a_status_ends_by_itself(people, house):
    ana, ben, _ = people.values()

    def meet(until: str) -> Any:
        return call(ana, "status", {"text": "In a meeting", "until": until})

    set_now = ask_for_soon(meet)["status"]

    hear_of(ben, "profile", name="ana", status=set_now)
    hears_of_none(ben, "ana")
    assert status_of(ben, "ana") is None


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "bad_payload"),
    ({"state": None}, "bad_payload"),
    ({"text": "x" * 101}, "too_long"),
    ({"text": "x", "emoji": "xy"}, "bad_payload"),
    ({"text": "x", "emoji": "🌴🌴"}, "bad_payload"),
    ({"text": "x", "emoji": "🌴" * 100}, "bad_payload"),
    ({"text": "half \ud83c"}, "bad_payload"),
    ({"text": "a\u202eb"}, "bad_name"),
    ({"text": "two\nlines"}, "bad_name"),
    ({"text": "x", "until": "2020-01-01T00:00:00Z"}, "bad_payload"),
    ({"text": "x", "until": "2999-01-01T00:00:00Z"}, "bad_payload"),
    ({"text": "x", "until": "2026-12-24T09:00:00"}, "bad_payload"),
    ({"text": "x", "until": "Monday"}, "bad_payload"),
    ({"until": "2027-01-01T00:00:00Z"}, "bad_payload"),
    ({"text": "x", "out_of_office": "yes"}, "bad_payload"),
    ({"text": "x", "name": "ben"}, "bad_payload"),
]


def test_bad_input_changes_nothing(people):
    ana, ben, _ = people.values()
    call(ana, "status", HOLIDAY)

    for wanted, code in BAD:
        assert call(ana, "status", wanted)["error"]["code"] == code, wanted
        assert status_of(ben, "ana") == HOLIDAY, wanted


def test_nobody_can_flood_the_chat_with_their_status(house, people):
    pat = with_token(house, new_token(house, "pat", "member"))
    answers = [call(pat, "status", {"text": f"number {n}"}) for n in range(35)]

    refused = [each for each in answers if "error" in each]
    assert refused[0]["error"]["code"] == "rate_limited"
    said = status_of(people["ben"], "pat")["text"]
    assert said == f"number {len(answers) - len(refused) - 1}"
    assert call(pat, "status", {"text": said})["ok"]  # It is that already.


def test_who_writes_to_somebody_learns_that_they_are_out_of_office(people):
    ana, ben, zoe = people.values()
    call(ana, "status", HOLIDAY)
    call(zoe, "status", {"text": "In a meeting"})
    direct = call(ben, "create", {"kind": "direct", "members": ["ana"]})["room"]["name"]
    call(ben, "create", {"room": "secret", "kind": "private"})

    def told(asker: socketio.SimpleClient, text: str, room: str = "general") -> list[str]:
        answer = call(asker, "message", {"room": room, "text": text})
        return [each["name"] for each in answer.get("out_of_office", [])]

    assert told(ben, "@ana @zoe @ben look") == ["ana"]
    assert told(ben, "look", direct) == ["ana"]
    assert told(ben, "@ana look", direct) == ["ana"]
    assert told(ben, "ana, look") == []
    assert told(ben, "@ana look", "secret") == []  # She cannot see it.
    assert told(ana, "@ana I am not here") == []
    assert told(ana, "I am not here", direct) == []
    call(ana, "status", {"text": ""})
    assert told(ben, "@ana look") == []


def test_guests_have_a_status_while_they_are_connected(people, house):
    _, ben, _ = people.values()
    auth = {"name": "Gus", "key": "the key of Gus, which is long"}
    gus = closing.SimpleClient()
    gus.connect(house.url, auth=auth, transports=["websocket"])

    call(gus, "status", {"emoji": "🚆", "text": "Commuting"})

    told = hear_of(ben, "profile", name="Gus")
    assert told == {"name": "Gus", "role": "guest", "status": {"emoji": "🚆", "text": "Commuting"}}
    assert status_of(ben, "Gus") == told["status"]
    here = call(ben, "people", {"room": "general", "here": True})["people"]
    assert [each["status"] for each in here if each["name"] == "Gus"] == [told["status"]]
    gus.disconnect()
    assert hear_of(ben, "profile", name="Gus") == {"name": "Gus", "role": "guest"}
    gus = closing.SimpleClient()
    gus.connect(house.url, auth=auth, transports=["websocket"])
    assert status_of(ben, "Gus") is None


def test_muted_people_can_only_clear_theirs(people, house):
    ana, ben, _ = people.values()
    admin = with_token(house, new_token(house, "root", "admin"))
    call(ana, "status", HOLIDAY)
    call(admin, "mute", {"name": "ana", "seconds": 60, "reason": "shouts"})

    assert call(ana, "status", {"text": "SHOUT"})["error"]["code"] == "not_allowed"
    assert status_of(ben, "ana") == HOLIDAY
    assert call(ana, "status", {"state": "busy"})["ok"]
    assert call(ana, "status", {"text": ""})["status"] is None
    call(admin, "mute", {"name": "ana", "seconds": 0, "reason": ""})


def test_the_command_line_clears_a_status_and_it_goes_with_the_account(people, house, tokens):
    _, ben, _ = people.values()
    token = new_token(house, "eve", "member")
    eve = with_token(house, token)
    call(eve, "status", HOLIDAY)
    eve.disconnect()
    assert status_of(ben, "eve") == HOLIDAY
    eve = with_token(house, token)

    chatapp(house, "user", "clear-status", "eve")
    assert status_of(ben, "eve") is None
    hear_of(ben, "profile", name="eve", status=HOLIDAY)
    hears_of_none(ben, "eve")

    call(eve, "status", HOLIDAY)
    assert "eve" in stored(house)
    chatapp(house, "user", "remove", "eve", "--yes")
    wait_until(lambda: "eve" not in stored(house), what="the end of eve's status on the disk")
