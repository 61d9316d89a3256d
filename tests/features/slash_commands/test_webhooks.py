"""Commands that webhooks have, with a real receiver: Slack's form or signed JSON, and answers."""

import hmac
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from standardwebhooks import Webhook

from tests.features.slash_commands.conftest import code
from tests.support.cast import chatapp, new_token, with_token
from tests.support.receiver import Receiver
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("server")
    server = server_with_admin(folder, CHATAPP_OUTBOUND_HOSTS=receiver.place)
    chatapp(server, "bot", "add", "builder", "--owner", "admin")
    yield server
    server.close()


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return new_token(server, "mia", "member")


@pytest.fixture
def mia(server: Server, token: str, receiver: Receiver) -> Any:
    receiver.got.clear()
    receiver.status, receiver.body = 200, b""
    return with_token(server, token)


@pytest.fixture
def add(server: Server, receiver: Receiver) -> Any:
    """`add("deploy", "--room", "ops")`: the secret of a webhook with this command."""

    def add(name: str, *more: str) -> str:
        words = ("webhook", "add", name, f"http://{receiver.place}/", "--reply-as", "builder")
        return chatapp(server, *words, "--command", name, "--address", server.url, *more)

    return add


def answering(receiver: Receiver, **answer: str) -> None:
    receiver.body = json.dumps(answer).encode()


def texts(client: Any) -> list[tuple[str, str]]:
    page = call(client, "history", {"room": "general"})["messages"]
    return [(one["sender"], one["text"]) for one in page if "system" not in one]


def test_slacks_form_is_sent_signed_and_its_answers_are_shown(mia, receiver, add):
    secret = add("deploy", "--hint", "ENV", "--description", "Puts it there")
    [offered] = call(mia, "commands", {"room": "general"})["commands"]
    assert offered == {
        "name": "deploy", "hint": "ENV", "description": "Puts it there", "owner": "builder",
    }  # fmt: skip
    answering(receiver, response_type="in_channel", text="*built* @room")

    wanted = {"room": "general", "name": "deploy", "text": "web & db", "cid": "once"}
    first, again = call(mia, "run_command", wanted), call(mia, "run_command", wanted)

    assert first["ok"]
    assert first == again
    [(headers, body)] = receiver.got
    sent = {key: value[0] for key, value in parse_qs(body.decode()).items()}
    assert (sent["command"], sent["text"]) == ("/deploy", "web & db")
    assert (sent["user_name"], sent["channel_name"]) == ("mia", "general")
    signed = f"v0:{headers['X-Slack-Request-Timestamp']}:".encode() + body
    digest = hmac.digest(secret.encode(), signed, "sha256").hex()
    assert headers["X-Slack-Signature"] == f"v0={digest}"
    assert texts(mia)[-1] == ("builder", "**built** ＠room")

    for number in range(5):
        answer = {"text": f"later {number}"}
        assert requests.post(sent["response_url"], json=answer).text == "ok"
        assert hear(mia, "command_answer")["text"] == f"later {number}"
    assert requests.post(sent["response_url"], json={"text": "six"}).status_code == 403
    other = sent["response_url"][:-4] + "0000"
    assert requests.post(other, json={"text": "forged"}).status_code == 404


def test_signed_json_is_sent_and_an_answer_is_for_who_has_typed(mia, receiver, add):
    secret = add("whisper", "--signed-json")
    answering(receiver, text="**for you**")
    before = texts(mia)

    answer = call(mia, "run_command", {"room": "general", "name": "whisper", "text": "x"})

    assert answer["ok"]
    [(headers, body)] = receiver.got
    sent = Webhook(secret).verify(body, headers)
    assert (sent["type"], sent["data"]["name"], sent["data"]["text"]) == (
        "command.run", "whisper", "x",
    )  # fmt: skip
    told = hear(mia, "command_answer")
    assert (told["sender"], told["text"]) == ("builder", "**for you**")
    assert texts(mia) == before


def test_a_receiver_that_fails_is_told_and_not_called_again(server, mia, receiver, add):
    add("broken")
    receiver.status = 500
    wanted = {"room": "general", "name": "broken", "cid": "failed"}

    answers = [call(mia, "run_command", wanted) for _ in range(2)]
    webhooks = [
        json.loads(line) for line in chatapp(server, "webhook", "list", "--json").split("\n")
    ]
    [id] = [one["id"] for one in webhooks if one["command"] == "broken"]
    chatapp(server, "webhook", "pause", id)
    paused = call(mia, "run_command", {"room": "general", "name": "broken"})

    assert [code(one) for one in answers] == ["no_answer"] * 2
    assert "It answers with 500." in answers[0]["error"]["message"]
    assert "switched off" in paused["error"]["message"]
    assert len(receiver.got) == 1
    chatapp(server, "webhook", "remove", id)
    assert code(call(mia, "run_command", {"room": "general", "name": "broken"})) == "not_found"


def test_the_console_makes_a_command_that_nobody_else_has(server, mia, receiver):
    boss = Visitor(server.url).sign_in()
    form = {"title": "Ops", "url": f"http://{receiver.place}/", "replies_as": "builder"}
    without_bot = boss.submit(
        "/admin/outgoing-webhooks", **{**form, "replies_as": ""}, command="ops"
    )
    page = boss.submit("/admin/outgoing-webhooks", **form, command="/ops", hint="WHAT").text
    taken = boss.submit("/admin/outgoing-webhooks", **form, command="ops")
    own = boss.submit("/admin/outgoing-webhooks", **form, command="join")
    (id,) = {*re.findall(r'name="id" value="(\w+)"', page)}

    assert 'value="/ops"' in page
    assert "needs a bot" in without_bot.text
    assert [one.status_code for one in (without_bot, taken, own)] == [400, 409, 409]
    assert "/ops" in boss.get("/admin/bots").text
    names = [one["name"] for one in call(mia, "commands", {"room": "general"})["commands"]]
    assert "ops" in names
    boss.submit("/admin/outgoing-webhook", id=id, **form, event="message.posted", command="ops2")
    names = [one["name"] for one in call(mia, "commands", {"room": "general"})["commands"]]
    assert "ops2" in names
    assert "ops" not in names
    boss.close()


def test_a_private_room_has_a_webhooks_command_only_if_it_is_named(server, mia, receiver, add):
    room = call(mia, "create", {"room": "cellar", "kind": "private"})["room"]["name"]
    for name in ("admin", "builder"):
        assert call(mia, "invite", {"room": room, "name": name})["ok"]
    add("everywhere")

    names = [one["name"] for one in call(mia, "commands", {"room": room})["commands"]]
    refused = call(mia, "run_command", {"room": room, "name": "everywhere"})

    assert names == []
    assert code(refused) == "not_found"
    assert receiver.got == []
