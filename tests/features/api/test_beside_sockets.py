"""Requests at a real server, beside people with sockets."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.cast import new_token, with_token
from tests.support.waiting import DEADLINE_SECONDS
from tests.test_way_of_a_message import call

GUEST_KEY = "a-key-of-a-guest"


class Http:
    def __init__(self, url, authorization):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = authorization

    def __call__(self, method, path, **options):
        return self.session.request(
            method, f"{self.url}/api/v1/{path}", timeout=DEADLINE_SECONDS, **options
        )


@pytest.fixture(scope="module")
def token(house):
    return new_token(house, "Ana", "member")


@pytest.fixture
def ana(house, token):
    http = Http(house.url, f"Bearer {token}")
    yield http
    http.session.close()


def next_of(client, event):
    while True:
        name, *payload = client.receive(timeout=DEADLINE_SECONDS)
        if name == event:
            return payload[0]


def test_everybody_hears_a_request_once_and_the_senders_devices_too(house, connect, ana, token):
    bob, own = connect("bob", url=house.url), with_token(house, token)

    texts = [f"by request {number}" for number in range(3)]
    for text in texts:
        assert ana("POST", "message", json={"text": text}).json()["ok"]
    call(bob, "message", {"text": "the end"})
    call(own, "message", {"text": "the end"})

    assert [next_of(bob, "message")["text"] for _ in texts] == texts
    assert [next_of(own, "message")["text"] for _ in texts] == texts
    own.disconnect()


def test_other_devices_are_told_what_a_request_has_changed(house, ana, token):
    own = with_token(house, token)
    ana("POST", "create", json={"room": "kitchen"})
    seq = ana("POST", "rooms/kitchen/messages", json={"text": "tea"}).json()["message"]["seq"]

    ana("POST", "save", json={"room": "kitchen", "seq": seq, "on": True})

    assert next_of(own, "saved")["seq"] == seq
    joined = call(own, "join", {"room": "kitchen"})["room"]
    assert "Ana" in joined["members"]
    own.disconnect()


def test_nobody_takes_the_name_of_a_guest_who_is_online(house, connect):
    connect("gus", url=house.url, auth={"name": "gus", "key": GUEST_KEY})
    same, other = (Http(house.url, f"Guest gus:{key}") for key in (GUEST_KEY, GUEST_KEY[::-1]))

    assert same("POST", "message", json={"text": "hi"}).json()["message"]["sender"] == "gus"
    refused = other("POST", "message", json={"text": "hi"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "name_taken")
    for each in (same, other):
        each.session.close()


def test_somebody_who_only_sends_requests_is_not_online(house, connect, ana):
    bob = connect("bob", url=house.url)

    ana("POST", "message", json={"text": "here and gone"})

    assert next_of(bob, "message")["text"] == "here and gone"
    here = call(bob, "people", {"room": "general", "here": True})["people"]
    assert [person["name"] for person in here] == ["bob"]


def test_a_connection_serves_one_request_after_another(house, token):
    """Also after those that are refused, with a body that was not read."""
    client = http_connection(house)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    sock = None
    for body, status in (
        (b'{"text": "hi"}', 200),
        (b"{", 400),
        (b'{"text": "x"}', 200),
        (json.dumps({"text": "x" * 20_000}), 400),
        (b'{"text": "hi"}', 200),
    ):
        client.request("POST", "/api/v1/message", body, headers)
        answer = client.getresponse()
        answer.read()
        assert answer.status == status
        sock = sock or client.sock
        assert client.sock is sock
    client.close()


def test_a_body_may_come_in_chunks(house, token):
    client = http_connection(house)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    client.request("POST", "/api/v1/message", iter([b'{"text": ', b'"in chunks"}']), headers)
    assert json.load(client.getresponse())["message"]["text"] == "in chunks"
    client.request("POST", "/api/v1/message", iter([b"x" * 70_000] * 2), headers)
    assert client.getresponse().status == 413
    client.close()


def test_a_body_that_is_too_large_is_refused_before_it_comes(house, token):
    client = http_connection(house)
    client.putrequest("POST", "/api/v1/message")
    for name, value in (
        ("Authorization", f"Bearer {token}"),
        ("Content-Type", "application/json"),
        ("Content-Length", "1000000000"),
    ):
        client.putheader(name, value)
    client.endheaders()

    answer = client.getresponse()

    assert (answer.status, json.load(answer)["error"]["code"]) == (413, "too_long")
    client.close()


def http_connection(house):
    return http.client.HTTPConnection(urlsplit(house.url).netloc, timeout=DEADLINE_SECONDS)
