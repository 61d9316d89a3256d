"""Webhooks at a real server: others hear of it, threads, private rooms, the command line."""

import json
from typing import Any

import pytest
import requests

from tests.support.cast import add_account, chatapp, new_token, with_token
from tests.support.server import Server, environment
from tests.support.waiting import DEADLINE_SECONDS
from tests.support.warm import run_warm
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def mia(house: Server) -> Any:
    mia = with_token(house, new_token(house, "mia", "member"))
    yield mia
    mia.disconnect()


def add(server: Server, name: str, room: str, *options: str) -> str:
    """The address of a new webhook at this server."""
    wanted = ("hook", "add", name, room, "--owner", "mia", *options)
    printed = chatapp(server, *wanted).splitlines()
    return server.url + printed[0][printed[0].index("/hooks/") :]


def post(url: str, payload: Any, **headers: str) -> requests.Response:
    told = {"Accept": "application/json", **headers}
    return requests.post(url, json=payload, headers=told, timeout=DEADLINE_SECONDS)


def test_a_delivery_reaches_everybody_in_the_room(house: Server, mia: Any) -> None:
    url = add(house, "ci", "general")

    answer = post(url, {"text": "built"}).json()

    heard = hear(mia, "message")
    assert (heard["seq"], heard["text"]) == (answer["seq"], "built")


def test_a_webhook_answers_in_a_thread(house: Server, mia: Any) -> None:
    call(mia, "create", {"room": "threads"})
    url = add(house, "threader", "#threads")
    root = call(mia, "message", {"room": "threads", "text": "build it"})["message"]["seq"]

    one = post(url, {"text": "building", "thread": root}).json()
    two = post(url, {"text": "built", "thread_ts": str(root), "reply_broadcast": True}).json()

    page = call(mia, "history", {"room": "threads", "thread": root})["messages"]
    assert [(m["seq"], m.get("also_to_room")) for m in page] == [
        (one["seq"], None),
        (two["seq"], True),
    ]
    assert post(url, {"text": "x", "thread": one["seq"]}).status_code == 400


def test_a_webhook_of_a_private_room_works_while_its_bot_is_in_it(house: Server, mia: Any) -> None:
    call(mia, "create", {"room": "secret-plans", "kind": "private"})

    url = add(house, "planner", "secret-plans")

    assert post(url, {"text": "psst"}).status_code == 200
    (said,) = call(mia, "history", {"room": "secret-plans"})["messages"]
    assert (said["sender"], said["text"]) == ("planner", "psst")
    assert call(mia, "remove", {"room": "secret-plans", "name": "planner"})["ok"]
    assert post(url, {"text": "psst"}).status_code == 404
    assert "planner" in chatapp(house, "hook", "list")


def test_a_bot_has_webhooks_for_its_own_room_only(house: Server, mia: Any) -> None:
    call(mia, "create", {"room": "builds"})
    call(mia, "create", {"room": "elsewhere"})
    one, two = add(house, "builder", "builds"), add(house, "builder", "builds")

    assert one != two
    assert post(one, {"text": "x"}).status_code == post(two, {"text": "y"}).status_code == 200
    wanted = ("hook", "add", "builder", "elsewhere")
    refused = run_warm(wanted, environment({"CHATAPP_DATA": str(house.data)}), timeout=60)
    assert refused.returncode != 0
    assert "cannot be in this room" in refused.stderr


def test_there_is_no_webhook_for_a_conversation_of_two(house: Server, mia: Any) -> None:
    new_token(house, "eva", "member")
    room = call(mia, "create", {"room": "", "kind": "direct", "members": ["eva"]})["room"]["name"]

    refused = run_warm(
        ("hook", "add", "spy", room, "--owner", "mia"),
        environment({"CHATAPP_DATA": str(house.data)}),
        timeout=60,
    )

    assert refused.returncode != 0
    assert "public or a private room" in refused.stderr


def test_the_command_line_works_without_a_server(new_server: Any) -> None:
    server = new_server()
    add_account(server, "ana")
    wanted = ("--owner", "ana", "--signed", "--source", "gitlab")
    hooks = chatapp(server, "hook", "add", "ci", "general", *wanted)
    path = hooks.splitlines()[0]
    (listed,) = map(json.loads, chatapp(server, "hook", "list", "--json").splitlines())
    assert (listed["name"], listed["room"], listed["source"]) == ("ci", "general", "gitlab")

    server.start()

    url, signing = server.url + path[path.index("/hooks/") :], hooks.splitlines()[1]
    payload = {"object_kind": "push", "ref": "refs/heads/x", "after": "0" * 40}
    assert post(url, payload).status_code == 401
    assert post(url, payload, **{"X-Gitlab-Token": signing}).status_code == 200
    server.stop()
    chatapp(server, "hook", "revoke", listed["id"])
    assert not chatapp(server, "hook", "list", "--json")
    assert "revoke-incoming-webhook" in chatapp(server, "audit", "--json")
