"""Keywords and quiet hours, with real clients of a real server."""

from typing import Any

import pytest
import socketio

from chatapp.features.reading.notifications import checked_keywords
from tests.cluster.test_pushes import hear_of
from tests.support import closing
from tests.support.cast import chatapp, new_token, with_token
from tests.support.server import Server
from tests.test_way_of_a_message import call

NIGHT = {"start": "22:00", "end": "07:00", "days": [5, 1], "zone": "Europe/Madrid"}
KEPT = {**NIGHT, "days": [1, 5], "mentions": False}
NONE: dict[str, Any] = {"keywords": [], "quiet": None}

BAD: list[dict[str, Any]] = [
    {"keywords": ["x"] * 31},
    {"keywords": [""]},
    {"keywords": ["x" * 41]},
    {"keywords": ["…"]},
    {"keywords": ["a\u202eb"]},
    {"keywords": "tea"},
    {"keywords": [1]},
    {"quiet": "off"},
    {"quiet": {}},
    {"quiet": {**NIGHT, "start": "24:00"}},
    {"quiet": {**NIGHT, "start": "7:00"}},
    {"quiet": {**NIGHT, "end": "22:00"}},
    {"quiet": {**NIGHT, "days": []}},
    {"quiet": {**NIGHT, "days": [1, 1]}},
    {"quiet": {**NIGHT, "days": [0]}},
    {"quiet": {**NIGHT, "days": [1, 2, 3, 4, 5, 6, 7, 1]}},
    {"quiet": {**NIGHT, "zone": "Middle/Earth"}},
    {"quiet": {**NIGHT, "zone": "../../etc/passwd"}},
    {"quiet": {**NIGHT, "zone": ""}},
    {"quiet": {**NIGHT, "name": "night"}},
    {"sound": True},
]


@pytest.fixture(scope="module")
def tokens(house: Server) -> dict[str, str]:
    return {name: new_token(house, name, "member") for name in ("ana", "ben")}


def rules_of(person: socketio.SimpleClient, **wanted: Any) -> Any:
    return call(person, "notifications", wanted)["notifications"]


def test_rules_are_private_and_the_same_on_all_devices(house, tokens):
    ana, phone, ben = (with_token(house, tokens[name]) for name in ("ana", "ana", "ben"))
    assert rules_of(ana) == NONE

    assert rules_of(ana, keywords=["Tea", "上海", "tea"])["keywords"] == ["Tea", "上海"]
    assert hear_of(phone, "notifications") == {"keywords": ["Tea", "上海"], "quiet": None}
    expected = {"keywords": ["Tea", "上海"], "quiet": KEPT}
    assert rules_of(phone, quiet=NIGHT) == expected
    assert hear_of(ana, "notifications") == expected
    assert rules_of(ana) == rules_of(phone) == expected
    assert rules_of(ben) == NONE
    call(ana, "message", {"text": "x"})
    heard = []
    while "message" not in heard:
        heard.append(ben.receive()[0])
    assert "notifications" not in heard

    assert rules_of(ana, quiet=None, keywords=[]) == NONE
    assert hear_of(phone, "notifications") == NONE


def test_bad_input_changes_nothing(house, tokens):
    ana = with_token(house, tokens["ana"])
    before = rules_of(ana, keywords=["Tea"], quiet=NIGHT)

    for wanted in BAD:
        assert "error" in call(ana, "notifications", wanted), wanted
        assert rules_of(ana) == before, wanted


def test_a_token_that_only_reads_reads_them(house, tokens):
    reading = chatapp(house, "token", "create", "ben", "reading", "--scope", "read")
    ben = with_token(house, reading)

    assert rules_of(ben) == NONE
    assert call(ben, "notifications", {"keywords": ["x"]})["error"]["code"] == "not_allowed"


def test_guests_have_theirs_and_those_of_an_account_go_with_it(house):
    gus = closing.SimpleClient()
    auth = {"name": "Gus", "key": "the key of Gus, which is long"}
    gus.connect(house.url, auth=auth, transports=["websocket"])
    assert rules_of(gus, keywords=["tea"])["keywords"] == ["tea"]
    gus.disconnect()
    gus = closing.SimpleClient()
    gus.connect(house.url, auth=auth, transports=["websocket"])
    assert rules_of(gus)["keywords"] == ["tea"]

    eve = with_token(house, new_token(house, "eve", "member"))
    rules_of(eve, keywords=["secret plan"])
    journal = house.data / "directory"
    assert "secret plan" in last_row(journal, "notifications")
    chatapp(house, "user", "remove", "eve", "--yes")
    assert "secret plan" not in last_row(journal, "notifications")


def last_row(journal: Any, table: str) -> str:
    files = sorted(journal.glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text().splitlines()]
    return next(line for line in reversed(lines) if f'"table":"{table}"' in line)


def test_keywords_that_find_the_same_are_one():
    assert checked_keywords(["Café", "tea", "CAFE", "green  tea"]) == ["Café", "tea", "green tea"]
