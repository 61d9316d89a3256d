"""A bot over a real socket, beside a running server: limits hold at once, and where it is told."""

import json

import pytest
import socketio

from tests.support.cast import add_account, chatapp, new_token, with_token
from tests.test_way_of_a_message import call, hear


def rooms_of(client):
    return {room["name"] for room in call(client, "rooms", {})["rooms"]}


def code(answer):
    return answer["error"]["code"]


@pytest.fixture
def ana(server):
    ana = with_token(server, new_token(server, "Ana", "member"))
    for room in ("ci", "lounge"):
        call(ana, "create", {"room": room})
    call(ana, "create", {"room": "attic", "kind": "private"})
    return ana


def test_a_bot_with_a_list_reads_and_writes_only_there(server, ana):
    secret = chatapp(server, "bot", "add", "Deploy", "--owner", "Ana", "--rooms", "ci,attic")
    bot = with_token(server, secret)

    assert rooms_of(bot) == {"ci", "attic"}
    assert call(bot, "message", {"room": "ci", "text": "built"})["ok"]
    assert call(bot, "message", {"room": "attic", "text": "built"})["ok"]
    for event, payload in (
        ("message", {"room": "general", "text": "hi"}),
        ("message", {"room": "lounge", "text": "hi"}),
        ("join", {"room": "lounge"}),
        ("history", {"room": "lounge"}),
        ("resume", {"room": "lounge", "epoch": "", "after": 0}),
    ):
        assert code(call(bot, event, payload)) == "no_such_room"
    call(ana, "update", {"room": "lounge", "topic": "a secret plan"})
    call(ana, "message", {"room": "lounge", "text": "Hey @Deploy, a plan"})
    call(ana, "create", {"room": "another"})
    call(ana, "delete_room", {"room": "another"})
    call(ana, "message", {"room": "ci", "text": "the end"})
    heard = []
    while not heard or "the end" not in heard[-1]:
        heard.append(json.dumps(bot.receive(timeout=10)))
    assert not any("plan" in one or "another" in one for one in heard)
    assert call(bot, "search", {"query": "plan"})["messages"] == []


def test_a_bot_is_gone_from_a_private_room_when_its_owner_leaves_it(server, ana):
    secret = chatapp(server, "bot", "add", "Deploy", "--owner", "Ana", "--rooms", "ci,attic")
    add_account(server, "Ben")
    call(ana, "invite", {"room": "attic", "name": "Ben"})
    bot = with_token(server, secret)
    assert "attic" in rooms_of(bot)

    call(ana, "leave", {"room": "attic"})

    assert hear(bot, "removed") == {"room": "attic"}
    assert rooms_of(bot) == {"ci"}
    assert code(call(bot, "message", {"room": "attic", "text": "hi"})) == "no_such_room"


def test_connections_end_with_the_owners_ban_and_begin_again_without_it(
    server, ana, connect, wait_until
):
    secret = chatapp(server, "bot", "add", "Deploy", "--owner", "Ana")
    bot = connect("Deploy", auth={"token": secret}, transports=["polling"])

    chatapp(server, "user", "ban", "Ana", "--reason", "spam")

    wait_until(lambda: not bot.connected, what="the connection of the bot to end")
    with pytest.raises(socketio.exceptions.ConnectionError):
        with_token(server, secret)
    chatapp(server, "user", "unban", "Ana")
    assert "ci" in rooms_of(with_token(server, secret))


def test_new_limits_reach_a_bot_that_is_connected(server, ana, connect, wait_until):
    secret = chatapp(server, "bot", "add", "Deploy", "--owner", "Ana", "--scope", "post")
    bot = connect("Deploy", auth={"token": secret}, transports=["polling"])

    chatapp(server, "bot", "set", "Deploy", "--rooms", "ci", "--per-minute", "2")

    wait_until(lambda: not bot.connected, what="the connection of the bot to end")
    back = with_token(server, secret)
    assert rooms_of(back) == {"ci"}
    answers = [call(back, "message", {"room": "ci", "text": "built"}) for _ in range(3)]
    assert [one.get("ok") for one in answers] == [True, True, False]
    assert code(answers[-1]) == "rate_limited"
    assert code(call(back, "react", {"room": "ci", "seq": 1, "emoji": "👍", "on": True})) == (
        "not_allowed"
    )
    shown = json.loads(chatapp(server, "bot", "show", "Deploy", "--json"))
    assert shown["used_at"] is not None
    chatapp(server, "bot", "revoke", "Deploy")
    with pytest.raises(socketio.exceptions.ConnectionError):
        with_token(server, secret)
