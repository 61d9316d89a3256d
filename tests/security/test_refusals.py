"""What was refused is in the audit log: to whom, what, from where."""

import json

import pytest

from tests.security.test_attacks import cookies_of, websocket
from tests.support.cast import chatapp
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.test_way_of_a_message import call


def refused(server):
    lines = chatapp(server, "audit", "--what", "refused", "--json").splitlines()
    records = [json.loads(line) for line in lines]
    return [(one["sender"], json.loads(one["text"])["what"]) for one in records]


def test_pages_forms_events_and_sites_that_were_refused(server, sockets, visitors):
    member = visitors["member"]
    assert member.get("/admin/people").status_code == 403
    member.http.post(f"{server.url}/account/sessions/end", data={}, timeout=DEADLINE_SECONDS)
    for _ in range(3):
        assert not call(sockets["member"], "ban", {"name": "Gus", "reason": "x"})["ok"]
    websocket(server, cookies_of(member), b"https://evil.example")

    expected = {
        ("Member Fox", "GET admin.everybody_page"),
        ("Member Fox", "POST accounts.end_other_sessions"),
        ("Member Fox", "ban"),
        ("?", "a page of another site"),
    }
    found = wait_until(
        lambda: expected <= set(noted := refused(server)) and noted, what="all of them"
    )
    assert found.count(("Member Fox", "ban")) == 1


def test_slips_are_no_refusals(server, sockets):
    before = refused(server)

    assert not call(sockets["member"], "join", {"room": "no-such-room"})["ok"]
    assert not call(sockets["member"], "message", {"text": ""})["ok"]

    assert refused(server) == before


def test_tries_beyond_the_limit_are_noted_too(server, new_visitor):
    visitor = new_visitor()
    for _ in range(7):
        answer = visitor.submit("/login", name="Somebody Else", password="guess")

    assert answer.status_code == 429
    wait_until(lambda: ("?", "POST accounts.sign_in") in refused(server), what="the record")


@pytest.mark.parametrize(
    ("path", "fields", "act"),
    [
        ("/admin/person/role", {"name": "Bot Fox", "role": "member"}, "role"),
        ("/admin/settings", {"welcome": "Ahoy"}, "setting"),
    ],
)
def test_an_act_of_an_admin_says_from_where(server, visitors, path, fields, act):
    assert visitors["owner"].submit(path, **fields).status_code == 303

    lines = wait_until(
        lambda: chatapp(server, "audit", "--what", act, "--json").splitlines(), what="the record"
    )
    assert json.loads(json.loads(lines[-1])["text"])["address"] == "127.0.0.1"
