"""Events as requests: who sends them, what they are answered, and what is no request at all."""

import gzip
from datetime import timedelta

import gevent
import pytest

from chatapp.domain import clock
from chatapp.domain.clock import timestamp
from chatapp.domain.model import Event
from chatapp.domain.rates import Rate
from chatapp.features.accounts.sign_in.tokens import Token
from chatapp.protocol.events import EVENTS
from chatapp.web.waiting import wait
from tests.support.accounts import PASSWORD
from tests.support.pages import Browser
from tests.support.waiting import wait_until


def code_of(answer):
    """Its status and code; what is not as every error must be fails."""
    body = answer.json
    assert answer.mimetype == "application/json"
    assert body["ok"] is False
    assert body["error"]["message"].endswith((".", "!", "?")) or body["error"]["message"]
    return answer.status_code, body["error"]["code"]


# Posting


def test_a_post_is_answered_as_over_a_socket(ana):
    answer = ana("POST message", {"text": "hello"})

    assert answer.status_code == 200
    assert answer.json["ok"] is True
    assert answer.json["message"]["text"] == "hello"
    assert answer.json["message"]["sender"] == "Ana"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_plain_string_is_a_text_for_general(ana):
    assert ana("POST message", "hello").json["message"]["room"] == "general"


def test_a_message_has_an_address(ana):
    posted = ana("POST rooms/general/messages", {"text": "here"})

    assert posted.status_code == 201
    there = ana(f"GET {posted.headers['Location']}")
    assert there.json == {"ok": True, "message": posted.json["message"]}


def test_a_room_of_any_script_has_an_address(ana):
    ana("POST create", {"room": "cocina-española"})

    posted = ana("POST rooms/cocina-española/messages", {"text": "hola"})

    assert posted.headers["Location"] == "/api/v1/rooms/cocina-espa%C3%B1ola/messages/1"
    assert ana(f"GET {posted.headers['Location']}").json["message"]["text"] == "hola"


def test_a_message_is_changed_and_deleted_at_its_address(ana):
    seq = ana("POST rooms/general/messages", {"text": "befor"}).json["message"]["seq"]
    address = f"rooms/general/messages/{seq}"

    assert ana(f"PATCH {address}", {"text": "before"}).json["event"]["text"] == "before"
    assert ana(f"GET {address}").json["message"]["text"] == "before"
    versions = ana(f"GET {address}/versions").json["versions"]
    assert [each["text"] for each in versions] == ["befor", "before"]
    assert ana(f"DELETE {address}").json["event"]["type"] == "delete"
    assert ana(f"GET {address}").json["message"]["deleted_by"] == "Ana"


def test_the_same_key_is_the_same_message(ana):
    for address in ("message", "rooms/general/messages"):
        key = {"Idempotency-Key": f'"{address}"'}
        first = ana(f"POST {address}", {"text": "once"}, headers=key)
        again = ana(f"POST {address}", {"text": "once"}, headers=key)

        assert again.status_code == 200
        assert again.json == {"ok": True, "message": first.json["message"], "duplicate": True}
        assert first.json["message"]["cid"] == address


def test_a_key_that_is_not_the_cid_is_refused(ana):
    key = {"Idempotency-Key": "one"}

    answer = ana("POST message", {"text": "hi", "cid": "another"}, headers=key)
    assert code_of(answer) == (400, "bad_payload")
    assert code_of(ana("POST inbox", headers=key)) == (400, "bad_payload")


# Who sends them


@pytest.mark.parametrize(
    "authorization", [None, "Bearer chatapp_wrong", "Basic YTpi", "Bearer", "Guest ana", "nonsense"]
)
def test_nobody_knows_who_that_is(nobody, authorization):
    headers = {"Authorization": authorization} if authorization else {}

    for request in (
        "POST message",
        "GET rooms",
        "GET rooms/general/messages",
        "POST typing",
        "GET files/x",
    ):
        answer = nobody(request, headers=headers)

        assert code_of(answer) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_does_what_its_scopes_say(program):
    reader = program("Ana", scopes=("read",))
    writer = program("Ana", scopes=("write",))

    assert reader("GET rooms").status_code == 200
    assert code_of(reader("POST message", {"text": "hi"})) == (403, "not_allowed")
    for event in ("join", "leave"):
        assert code_of(reader(f"POST {event}", {"room": "general"})) == (403, "not_allowed")
    for request in ("GET rooms", "POST message"):
        assert code_of(writer(request, {"text": "hi"})) == (403, "not_allowed")


def test_a_guest_has_a_name_and_a_key(guest):
    answer = guest("Zoë: the 2nd")("POST message", {"text": "hi"})

    assert answer.json["message"]["sender"] == "Zoë: the 2nd"


def test_nothing_is_kept_for_a_guest_who_is_not_connected(guest):
    for event, payload in (
        ("join", {"room": "general"}),
        ("read", {"room": "general", "seq": 1}),
        ("save", {"room": "general", "seq": 1, "on": True}),
        ("prefs", {"room": "general", "favourite": True}),
        ("status", {"text": "Tea"}),
        ("arrange", {"rooms": ["general"]}),
        ("notifications", {"keywords": ["tea"]}),
        ("follow", {"room": "general", "thread": 1, "on": True}),
    ):
        assert code_of(guest("Gus")(f"POST {event}", payload)) == (403, "not_allowed")


def test_a_guest_cannot_have_the_name_of_somebody_with_an_account(ana, guest):
    assert code_of(guest("ANA")("POST message", {"text": "hi"})) == (409, "name_taken")


def test_a_page_needs_its_token_to_change_something(app):
    wait(app.extensions["accounts"].create("Pat", PASSWORD))
    page = Browser(app).sign_in("Pat")
    token = page.token

    assert page.get("/api/v1/rooms").json["me"] == "Pat"
    for sent in ({}, {"X-CSRF-Token": "made up"}):
        answer = page.http.post("/api/v1/message", json={"text": "hi"}, headers=sent)
        assert code_of(answer) == (403, "not_allowed")
        assert "`X-CSRF-Token`" in answer.json["error"]["message"]
    answer = page.http.post("/api/v1/message", json={"text": "hi"}, headers={"X-CSRF-Token": token})
    assert answer.json["message"]["sender"] == "Pat"


def test_a_header_counts_and_the_session_beside_it_does_not(app, new_token):
    wait(app.extensions["accounts"].create("Quin", PASSWORD))
    page = Browser(app).sign_in("Quin")

    headers = {"Authorization": f"Bearer {new_token('Ana')}"}
    answer = page.http.post("/api/v1/message", json={"text": "hi"}, headers=headers)

    assert answer.json["message"]["sender"] == "Ana"


def test_somebody_who_is_banned_is_told_so(ana, program):
    kit, bob = program("Kit", role="admin"), program("Bob")
    assert bob("GET rooms").status_code == 200

    kit("POST ban", {"name": "Bob", "reason": "noise"})

    for request in ("GET rooms", "POST message"):
        assert code_of(bob(request)) == (403, "not_allowed")
    kit("POST unban", {"name": "Bob"})
    assert bob("GET rooms").status_code == 200


def test_connections_end_when_a_token_expires(app, new_token, monkeypatch):
    new_token("Tim")
    registry, expelled = app.extensions["accounts"].registry, []
    monkeypatch.setattr(registry, "expel", expelled.append)
    account, until = registry.named("Tim"), timestamp(clock.now() + timedelta(seconds=2))
    token = Token(
        account=account.key, title="short", scopes=("read",), created_at="", expires_at=until
    )

    wait(registry.tokens.table.put("the token's digest", token))
    assert expelled == []

    wait_until(lambda: gevent.sleep(0.02) or expelled)
    assert expelled == [account]
    assert timestamp(clock.now()) >= until


def test_a_revoked_token_is_unknown_at_once(app, program):
    eve = program("Eve")
    assert eve("GET rooms").status_code == 200

    app.extensions["accounts"].registry.tokens.revoke_all("eve")

    assert code_of(eve("GET rooms")) == (401, "unauthorized")


# What is no request


@pytest.mark.parametrize(
    ("request_", "options", "expected"),
    [
        ("POST message", {"data": b"{", "content_type": "application/json"}, (400, "bad_payload")),
        ("POST message", {"data": b"\xff", "content_type": "application/json"},
         (400, "bad_payload")),
        ("POST message", {"json": {"txet": "hi"}}, (400, "bad_payload")),
        ("POST message", {"json": {"text": ""}}, (400, "empty")),
        ("POST message", {"json": {"text": "x" * 20_000}}, (400, "too_long")),
        ("POST message", {"json": {"text": "x" * 140_000}}, (413, "too_long")),
        ("POST message", {"json": {"text": "hi", "room": "missing"}}, (404, "no_such_room")),
        ("POST message", {"data": "text=hi"}, (415, "unsupported")),
        ("POST message", {"data": {"text": "hi"}}, (415, "unsupported")),
        ("POST message",
         {"data": gzip.compress(b"{}"), "content_type": "application/json",
          "headers": {"Content-Encoding": "gzip"}}, (415, "unsupported")),
        ("POST message", {"json": {"text": "hi"}, "headers": {"Accept": "text/html"}},
         (406, "bad_payload")),
        ("POST typing", {"json": {"room": "general"}}, (404, "not_found")),
        ("POST status", {"json": {"state": "away"}}, (400, "bad_payload")),
        ("POST nothing", {"json": {}}, (404, "not_found")),
        ("GET message", {}, (405, "bad_payload")),
        ("PUT rooms/general/messages", {"json": {"text": "hi"}}, (405, "bad_payload")),
        ("POST rooms/general/messages", {"json": {"text": "hi", "room": "general"}},
         (400, "bad_payload")),
        ("PATCH rooms/general/messages/1", {"json": {}}, (400, "bad_payload")),
        ("PATCH rooms/general/messages/x", {"json": {"text": "hi"}}, (400, "bad_payload")),
        ("DELETE rooms/general/messages/999999", {}, (404, "not_found")),
        ("GET rooms/general/messages/999999", {}, (404, "not_found")),
        ("GET rooms/missing/messages", {}, (404, "no_such_room")),
        ("GET rooms/missing/messages/1", {}, (404, "no_such_room")),
        ("GET rooms//messages", {}, (404, "not_found")),
        ("GET rooms/general/messages?limit=0", {}, (400, "bad_payload")),
        ("GET rooms/general/messages?limit=ten", {}, (400, "bad_payload")),
        ("GET rooms/general/messages?limit=null", {}, (400, "bad_payload")),
        ("GET rooms/general/messages?limit=1&limit=2", {}, (400, "bad_payload")),
        ("GET rooms/general/messages?colour=red", {}, (400, "bad_payload")),
        ("GET rooms/general/messages?before=1&after=2", {}, (400, "bad_payload")),
        ("GET search?query=%ff", {}, (400, "bad_payload")),
        ("GET search", {}, (400, "bad_payload")),
    ],
)  # fmt: skip
def test_a_bad_request_is_answered_with_its_reason(ana, request_, options, expected):
    assert code_of(ana(request_, **options)) == expected


def test_an_error_names_the_field_as_the_address_does(ana):
    answer = ana("GET rooms/general/messages/x")

    assert code_of(answer) == (400, "bad_payload")
    message = answer.json["error"]["message"]
    assert message == "The address is invalid: Expected `int`, got `str` - at `$.seq`."


def test_a_method_that_is_not_possible_says_which_are(ana, nobody):
    assert (
        ana("PUT rooms/general/messages/1").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    )
    answer = nobody("OPTIONS rooms/general/messages")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_too_many_requests_are_told_when_to_come_back(app, ana):
    realtime = app.extensions["realtime"]
    realtime.limit_events(Rate(burst=5, per_second=0.1), 0)
    try:
        answers = [ana("GET inbox") for _ in range(3)]
    finally:
        realtime.limit_events(None, 0)

    assert code_of(answers[-1]) == (429, "rate_limited")
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json["error"]["retry_after"] > 0


def test_somebody_unknown_who_goes_on_is_told_so_too(app, nobody):
    realtime = app.extensions["realtime"]
    realtime.limit_events(Rate(burst=5, per_second=0.1), 0)
    try:
        codes = [code_of(nobody("GET rooms")) for _ in range(10)]
    finally:
        realtime.limit_events(None, 0)

    assert codes[0] == (401, "unauthorized")
    assert codes[-1] == (429, "rate_limited")


def test_what_fails_on_the_server_is_one_answer(app, ana, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(app.extensions["accounts"], "bearer", broken)

    answer = ana("GET rooms")

    assert code_of(answer) == (500, "unavailable")
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text


# Reading


def test_a_page_of_messages_is_that_of_the_event(ana):
    for text in "abc":
        ana("POST rooms/general/messages", {"text": text})

    page = ana("GET rooms/general/messages?limit=2")

    assert page.json == ana("POST history", {"room": "general", "limit": 2}).json
    assert page.json == ana("GET /api/rooms/general/messages?limit=2").json
    assert [message["text"] for message in page.json["messages"]] == ["b", "c"]


def test_what_has_not_changed_is_not_sent_again(ana):
    first = ana("GET rooms/general/messages?limit=1")
    etag = first.headers["ETag"]

    again = ana("GET rooms/general/messages?limit=1", headers={"If-None-Match": etag})
    weak = ana("GET rooms/general/messages?limit=1", headers={"If-None-Match": f'"x", W/{etag}'})
    ana("POST message", {"text": "news"})
    news = ana("GET rooms/general/messages?limit=1", headers={"If-None-Match": etag})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert weak.status_code == 304
    assert (news.status_code, news.json["messages"][0]["text"]) == (200, "news")


def test_head_is_get_without_the_body(ana):
    get, head = ana("GET rooms/general/messages"), ana("HEAD rooms/general/messages")

    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(get.data))
    assert head.headers["ETag"] == get.headers["ETag"]


def test_names_in_a_query_may_come_several_times(ana):
    people = ana("GET people?names=Ana&names=Kit").json["people"]

    assert {person["name"] for person in people} <= {"Ana", "Kit"}
    assert "Ana" in {person["name"] for person in people}


def test_every_event_is_a_request_or_says_why_not(app):
    addresses = app.extensions["api"].all

    missing = [event for event in EVENTS if f"/api/v1/{event}" not in addresses]

    assert missing == ["files"]
    assert "GET" in addresses["/api/v1/rooms/{room}/files"]


def test_posts_are_heard_by_everybody_with_no_origin(app, ana):
    heard = []
    app.extensions["messages"]._log.feed.subscribe(
        lambda event, origin: heard.append((event, origin))
    )

    ana("POST message", {"text": "for all"})

    [(event, origin)] = [one for one in heard if isinstance(one[0], Event)]
    assert (event.text, origin or None) == ("for all", None)
