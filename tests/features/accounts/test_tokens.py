"""Tokens: as rules, on the command line, and over real sockets."""

import json
from datetime import timedelta

import pytest
import socketio

from chatapp.domain.errors import BadPayload, NotFound, Unauthorized
from tests.support.accounts import PASSWORD, make_accounts
from tests.support.cast import chatapp
from tests.test_way_of_a_message import call


@pytest.fixture
def accounts(clock):
    accounts = make_accounts(clock=clock)
    accounts.create("Robo", PASSWORD, role="bot").result()
    return accounts


def test_a_token_stands_for_its_account_as_far_as_its_scopes_reach(accounts, people):
    secret = people.create_token(None, "robo", "build bot", ("read",)).result()

    person = accounts.bearer(secret)

    assert (person.name, person.role, person.scopes) == ("Robo", "bot", ("read",))


def test_a_token_is_kept_as_a_digest_only(people):
    secret = people.create_token(None, "robo", "build bot", ("read",)).result()

    ((id, token),) = people.tokens()

    assert secret not in repr((id, token))


def test_a_made_up_a_revoked_and_an_old_token_are_answered_alike(accounts, people, clock):
    old = people.create_token(None, "robo", "old", ("read",), 1).result()
    revoked = people.create_token(None, "robo", "revoked", ("read",)).result()
    (id,) = [id for id, token in people.tokens() if token.title == "revoked"]
    people.revoke_token(None, id).result()
    clock.pass_by(timedelta(days=2))

    answers = set()
    for secret in ("chatapp_made-up", "", "\ud800", old, revoked):
        with pytest.raises(Unauthorized) as refused:
            accounts.bearer(secret)
        answers.add(refused.value.message)

    assert len(answers) == 1


def test_a_removed_account_takes_its_tokens_along(accounts, people):
    secret = people.create_token(None, "robo", "build bot", ("read",)).result()

    people.remove(None, "Robo").result()

    with pytest.raises(Unauthorized):
        accounts.bearer(secret)
    assert people.tokens() == []


@pytest.mark.parametrize("scopes", [(), ("everything",)])
def test_a_token_needs_scopes_that_there_are(people, scopes):
    with pytest.raises(BadPayload):
        people.create_token(None, "robo", "build bot", scopes)


def test_what_happens_to_tokens_is_noted(people, notes):
    people.create_token(None, "robo", "build bot", ("read",)).result()
    ((id, _),) = people.tokens()
    people.revoke_token(None, id).result()
    with pytest.raises(NotFound):
        people.revoke_token(None, id)

    assert [action for _, action in notes] == ["token", "revoke-token"]


def test_a_script_comes_with_a_token_does_what_it_may_and_is_out_when_it_is_revoked(
    server, connect, wait_until
):
    chatapp(server, "user", "add", "Robo", "--role", "bot", "--password-stdin", input=PASSWORD)
    reader = chatapp(server, "token", "create", "Robo", "reads", "--scope", "read")
    writer = chatapp(
        server, "token", "create", "Robo", "writes", "--scope", "read", "--scope", "write"
    )
    # engineio's client leaves a WebSocket open that the server has closed: polling, therefore
    deaf = chatapp(server, "token", "create", "Robo", "does not hear", "--scope", "write")
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect("Robo", auth={"token": deaf})
    reads = connect("Robo", auth={"token": reader}, transports=["polling"])
    writes = connect("Robo", auth={"token": writer}, transports=["polling"])

    posted = call(writes, "message", {"text": "beep"})
    refused = call(reads, "message", {"text": "beep"})
    banned = call(writes, "ban", {"name": "ana", "reason": "no"})

    assert posted["message"]["sender"] == "Robo"
    assert refused["error"]["code"] == banned["error"]["code"] == "not_allowed"
    assert len(call(reads, "history", {"room": "general"})["messages"]) == 1
    tokens = [json.loads(line) for line in chatapp(server, "token", "list", "--json").splitlines()]
    assert {token["title"] for token in tokens} == {"reads", "writes", "does not hear"}
    for token in tokens:
        chatapp(server, "token", "revoke", token["id"])
    wait_until(lambda: not reads.connected, what="the connection to be closed")
    with pytest.raises(socketio.exceptions.ConnectionError):
        connect("Robo", auth={"token": reader})


def test_the_last_use_is_kept_once_an_hour(accounts, people, clock):
    secret = people.create_token(None, "robo", "build bot", ("read",)).result()
    ((_, token),) = people.tokens()
    assert token.used_at is None

    used = []
    for _ in range(3):
        accounts.bearer(secret)
        ((_, token),) = people.tokens()
        used.append(token.used_at)
        clock.pass_by(timedelta(minutes=40))

    assert used[0] == used[1] < used[2]
