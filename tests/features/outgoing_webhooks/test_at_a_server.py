"""A real server calls a real receiver: made in the console, signed, and at least once."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.cast import new_token, with_token
from tests.support.receiver import Receiver
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import DEADLINE_SECONDS, wait_until
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
    yield server
    server.close()


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return new_token(server, "mia", "member")


@pytest.fixture
def mia(server: Server, token: str) -> Iterator[socketio.SimpleClient]:
    mia = with_token(server, token)
    yield mia
    mia.disconnect()


@pytest.fixture
def boss(server: Server) -> Iterator[Visitor]:
    boss = Visitor(server.url).sign_in()
    yield boss
    boss.close()


@pytest.fixture
def webhook(boss: Visitor, receiver: Receiver) -> Iterator[tuple[str, str]]:
    """Its id, and its secret."""
    receiver.got.clear()
    form = {"title": "CI", "url": f"http://{receiver.place}/chat?key=7", "event": "message.posted"}
    page = boss.submit("/admin/outgoing-webhooks", **form).text
    (secret,) = re.findall(r"<code>(whsec_[\w+/=]+)</code>", page)
    (id,) = {*re.findall(r'name="id" value="(\w+)"', page)}
    yield id, secret
    if not boss.get(f"/admin/outgoing-webhook?id={id}").ok:
        return
    boss.submit("/admin/outgoing-webhook/remove", id=id)


def test_a_message_arrives_signed(
    webhook: tuple[str, str], receiver: Receiver, mia: socketio.SimpleClient, boss: Visitor
) -> None:
    id, secret = webhook

    call(mia, "message", {"text": "hello"})

    receiver.wait_for("hello")
    got, body = receiver.got[0]
    assert Webhook(secret).verify(body, got)["data"]["sender"] == "mia"
    shown = boss.get(f"/admin/outgoing-webhook?id={id}").text
    assert "message.posted" in shown
    assert secret not in shown


def test_what_was_not_noted_before_a_kill_9_is_sent_again(
    webhook: tuple[str, str], receiver: Receiver, server: Server, token: str
) -> None:
    mia = with_token(server, token)
    call(mia, "message", {"text": "before"})
    receiver.wait_for("before")
    receiver.status = 503
    call(mia, "message", {"text": "refused"})
    receiver.wait_for("refused")
    mia.disconnect()

    server.kill9()
    receiver.status = 200
    receiver.got.clear()
    server.start()

    receiver.wait_for("refused")
    mia = with_token(server, token)
    call(mia, "message", {"text": "after"})
    receiver.wait_for("after")
    mia.disconnect()
    texts = list(dict.fromkeys(receiver.texts))
    assert texts[-2:] == ["refused", "after"]


def test_an_answer_is_posted_by_a_bot(
    receiver: Receiver, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    bot = {"name": "Builder", "title": "ci", "scope": "read", "days": ""}
    boss.submit("/admin/bots", **bot)
    receiver.body = b'{"text": "built"}'
    form = {"title": "Build", "url": f"http://{receiver.place}/", "event": "message.posted"}
    page = boss.submit("/admin/outgoing-webhooks", **form, replies_as="builder").text
    (id,) = {*re.findall(r'name="id" value="(\w+)"', page)}

    asked = call(mia, "message", {"text": "build"})

    def answers() -> list[dict[str, Any]]:
        messages = call(mia, "history", {"room": "general"})["messages"]
        return [one for one in messages if one["sender"] == "Builder"]

    wait_until(answers, what="the answer")
    (answer,) = answers()
    assert (answer["text"], answer["reply_to"]) == ("built", asked["message"]["seq"])
    receiver.body = b"{}"
    boss.submit("/admin/outgoing-webhook/remove", id=id)
    assert boss.get(f"/admin/outgoing-webhook?id={id}").status_code == 404


def test_the_console_pauses_tests_and_sends_again(
    webhook: tuple[str, str], receiver: Receiver, boss: Visitor, mia: socketio.SimpleClient
) -> None:
    id, secret = webhook
    boss.submit("/admin/outgoing-webhook/test", id=id)
    assert json.loads(receiver.got[-1][1])["type"] == "webhook.test"
    call(mia, "message", {"text": "once"})
    receiver.wait_for("once")

    page = f"/admin/outgoing-webhook?id={id}"
    wait_until(lambda: 'name="sent"' in boss.get(page).text, what="the attempt to be noted")
    (sent,) = re.findall(r'name="sent" value="(msg_\w+)"', boss.get(page).text)
    boss.submit("/admin/outgoing-webhook/again", id=id, sent=sent)
    assert receiver.texts == ["once", "once"]
    boss.submit("/admin/outgoing-webhook/pause", id=id)
    assert "paused" in boss.get(page).text
    fresh = boss.submit("/admin/outgoing-webhook/rotate", id=id).text
    assert secret not in fresh
    (new,) = re.findall(r"<code>(whsec_[\w+/=]+)</code>", fresh)
    boss.submit("/admin/outgoing-webhook/replay", id=id, day="2020-01-01")
    boss.submit("/admin/outgoing-webhook/resume", id=id)
    wait_until(lambda: receiver.texts.count("once") == 3, what="the past to come again")
    headers, body = receiver.got[-1]
    for each in (secret, new):  # while a secret is being replaced, both prove it
        assert Webhook(each).verify(body, headers)["data"]["text"] == "once"
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body.replace(b"once", b"twice"), headers)


def test_admins_are_told_in_the_chat_of_a_webhook_that_was_switched_off(
    webhook: tuple[str, str],
    receiver: Receiver,
    server: Server,
    mia: socketio.SimpleClient,
    boss: Visitor,
) -> None:
    desk = with_token(server, new_token(server, "olga", "admin"))
    others = [
        with_token(server, new_token(server, "otto", "admin", ("read", "write"))),
        with_token(server, new_token(server, "ben", "member")),
    ]
    receiver.status = 410

    call(mia, "message", {"text": "gone"})

    off = hear(desk, "webhook_off")
    assert (off["id"], off["title"]) == (webhook[0], "CI")
    assert off["problem"] == "It answers with 410."
    later = with_token(server, new_token(server, "oscar", "admin"))
    assert hear(later, "webhook_off") == off
    receiver.status = 200
    call(mia, "message", {"text": "after"})
    for other in others:
        names = []
        while True:
            name, *payload = other.receive(timeout=DEADLINE_SECONDS)
            names.append(name)
            if name == "message" and payload[0]["text"] == "after":
                break
        assert "webhook_off" not in names
    for client in (desk, later, *others):
        client.disconnect()


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("again", {"sent": "msg_0"}, 404),
        ("again", {}, 404),
        ("skip", {}, 404),
        ("replay", {"day": "yesterday"}, 400),
    ],
)
def test_what_cannot_be_done_is_said(
    webhook: tuple[str, str], boss: Visitor, act: str, fields: dict[str, str], status: int
) -> None:
    answer = boss.submit(f"/admin/outgoing-webhook/{act}", id=webhook[0], **fields)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_a_form_that_is_refused_keeps_what_was_typed(boss: Visitor) -> None:
    form = {"title": "Kept", "url": "ftp://example.org/", "event": "poll.voted"}

    answer = boss.submit("/admin/outgoing-webhooks", **form)

    assert answer.status_code == 400
    assert 'value="Kept"' in answer.text
    assert re.search(r'value="poll.voted" checked', answer.text)


def test_a_private_host_that_nobody_allows_is_not_called(boss: Visitor) -> None:
    inside = Receiver()
    form = {"title": "Inside", "url": f"http://{inside.place}/", "event": "message.posted"}

    answer = boss.submit("/admin/outgoing-webhooks", **form)

    assert answer.status_code == 400
    assert "is not called. Whoever runs the server can allow the host" in answer.text
    assert "Inside" not in boss.get("/admin/outgoing-webhooks").text
    assert inside.got == []
    inside.shutdown()
    inside.server_close()


def test_the_command_line_does_the_same_with_and_without_a_server(
    server: Server, receiver: Receiver, token: str, run_chatapp: Any
) -> None:
    def webhook(*args: str) -> Any:
        return run_chatapp("webhook", *args, env={"CHATAPP_DATA": str(server.data)})

    def listed() -> dict[str, Any]:
        rows = [json.loads(line) for line in webhook("list", "--json").stdout.splitlines()]
        return {row["title"]: row for row in rows}

    receiver.got.clear()
    secret = webhook("add", "Terminal", f"http://{receiver.place}/", "--room", "general").stdout
    assert secret.startswith("whsec_")
    row = listed()["Terminal"]
    assert (row["rooms"], row["state"], row["events"]) == (["general"], "on", ["message.posted"])
    server.stop()
    assert webhook("pause", row["id"]).returncode == 0
    assert listed()["Terminal"]["state"] == "paused"
    for url in ("ftp://example.org/", "http://127.0.0.1/"):
        refused = webhook("add", "Bad", url)
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    server.start()
    mia = with_token(server, token)
    call(mia, "message", {"text": "for later"})
    assert webhook("rotate", row["id"]).stdout.startswith("whsec_")

    assert webhook("resume", row["id"]).returncode == 0

    receiver.wait_for("for later")
    assert webhook("remove", row["id"]).returncode == 0
    assert "Terminal" not in listed()
    mia.disconnect()
