"""Deliveries over HTTP: what is posted, what is answered, and what is refused without an effect."""

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest

from chatapp.config import Config
from chatapp.domain.errors import ChatError
from chatapp.domain.model import Via
from chatapp.features.incoming_webhooks.views import MAX_BODY_BYTES
from chatapp.text.tokens import mentioned_keys
from tests.features.incoming_webhooks.conftest import URL, HookedChat, opened
from tests.support.accounts import PASSWORD

Hook = dict[str, Any]


def test_json_becomes_a_message_of_the_bot(chat: HookedChat, hook: Hook) -> None:
    answer = chat.post(hook, {"text": "*Done*: <https://x.example|log>"})

    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.mimetype == "text/plain"
    message = chat.last()
    assert message.sender == "ci"
    assert message.by == chat.accounts.registry.named("ci").id
    assert message.text == "**Done**: [log](https://x.example)"


def test_the_answer_names_what_is_not_shown(chat: HookedChat, hook: Hook) -> None:
    payload = {"text": "x", "blocks": [{"type": "input"}], "new\n_thing": 1}

    told = chat.post(hook, payload).text
    as_json = chat.post(hook, payload, headers={"Accept": "application/json"}).json

    assert told == "ok\nnot shown: blocks[0] (input)\nnot shown: new␊_thing"
    assert as_json["ignored"] == ["blocks[0] (input)", "new␊_thing"]
    assert as_json["ok"] is True
    assert as_json["seq"] == chat.last().seq
    assert as_json["room"] == "general"


@pytest.mark.parametrize(
    "request_",
    [
        {"data": {"payload": '{"text":"hi"}'}},
        {"data": '{"text":"hi"}', "content_type": "application/x-www-form-urlencoded"},
        {"data": '{"text":"hi"}', "content_type": "application/json; charset=utf-8"},
        {"data": '{"text":"hi"}', "content_type": "application/vnd.x+json"},
        {"data": '{"text":"hi"}'},
        {"data": "hi", "content_type": "text/plain"},
    ],
    ids=["form", "curl's default", "JSON", "a kind of JSON", "no type", "text"],
)
def test_forms_json_and_text_are_taken(chat: HookedChat, hook: Hook, request_: Any) -> None:
    assert chat.post(hook, **request_).text == "ok"
    assert chat.last().text == "hi"


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"data": "{", "content_type": "application/json"}, 400, "bad_payload"),
        ({"data": "[]", "content_type": "application/json"}, 400, "bad_payload"),
        ({"data": "", "content_type": "application/json"}, 400, "bad_payload"),
        ({"data": {"other": "x"}}, 400, "bad_payload"),
        ({"data": {"payload": "x"}}, 400, "bad_payload"),
        ({"data": {f"field{n}": "x" for n in range(200)}}, 400, "bad_payload"),
        ({"data": b"\xff", "content_type": "text/plain"}, 400, "bad_payload"),
        ({"data": " \n", "content_type": "text/plain"}, 400, "empty"),
        ({"data": '{"text":""}', "content_type": "application/json"}, 400, "empty"),
        ({"data": '{"thread":0,"text":"x"}'}, 400, "bad_payload"),
        ({"data": f'{{"thread":{2**60},"text":"x"}}'}, 400, "bad_payload"),
        ({"data": '{"thread":99999,"text":"x"}'}, 404, "not_found"),
        ({"data": "x", "content_type": "image/png"}, 415, "unsupported"),
        ({"data": "x" * (MAX_BODY_BYTES + 1), "content_type": "text/plain"}, 413, "too_large"),
    ],
)
def test_bad_deliveries_are_refused_and_post_nothing(
    chat: HookedChat, hook: Hook, request_: Any, status: int, code: str
) -> None:
    before = len(chat.messages())

    answer = chat.post(hook, **request_)
    as_json = chat.post(hook, headers={"Accept": "application/json"}, **request_)

    assert answer.status_code == as_json.status_code == status
    assert answer.text.startswith(f"{code}: ")
    assert as_json.json["error"]["code"] == code
    assert len(chat.messages()) == before


def test_the_log_never_has_the_address_of_a_webhook(
    chat: HookedChat, hook: Hook, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    chat.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("chatapp.features.incoming_webhooks.manager.convert", broken)

    assert chat.post(hook, {"text": "hi"}).status_code == 500

    assert "ZeroDivisionError" in caplog.text
    assert "/hooks/<secret>" in caplog.text
    assert hook["secret"] not in caplog.text


def test_a_long_message_is_shortened(chat: HookedChat, hook: Hook) -> None:
    text = chat.said(hook, {"text": "@room " * 10_000})

    assert text.endswith("the message was too long)")
    assert not mentioned_keys(text)


def test_an_unknown_address_says_no_more_than_a_revoked_one(chat: HookedChat) -> None:
    hook = chat.hook("short-lived")
    assert chat.post(hook, {"text": "x"}).text == "ok"

    chat.run("hook.revoke", id=hook["id"])

    revoked, unknown = chat.post(hook, {"text": "x"}), chat.post({"secret": "no"}, {"text": "x"})
    assert revoked.status_code == unknown.status_code == 404
    assert revoked.text == unknown.text
    assert chat.accounts.registry.named("short-lived")


def test_no_cookie_counts_and_none_is_set(chat: HookedChat, hook: Hook) -> None:
    client = chat.app.test_client()
    client.set_cookie("session", "nonsense")

    answer = client.post(f"/hooks/{hook['secret']}", json={"text": "x"})

    assert answer.text == "ok"
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert chat.app.test_client().get(f"/hooks/{hook['secret']}").status_code == 405


@pytest.mark.parametrize(
    "header",
    ["Idempotency-Key", "X-GitHub-Delivery", "X-Gitea-Delivery", "X-Gitlab-Event-UUID"],
)
def test_a_delivery_that_is_sent_twice_is_one_message(
    chat: HookedChat, hook: Hook, header: str
) -> None:
    other = chat.hook()
    wanted = {"Accept": "application/json", header: f"a {header}"}

    first, second = (chat.post(hook, {"text": "once"}, headers=wanted).json for _ in range(2))
    elsewhere = chat.post(other, {"text": "once"}, headers=wanted).json

    assert first["seq"] == second["seq"]
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert elsewhere["seq"] == first["seq"] + 1


def test_a_webhook_takes_sixty_deliveries_a_minute(tmp_path: Path) -> None:
    with opened(Config(data=tmp_path)) as app:
        chat = HookedChat(app)
        busy, calm = chat.hook("busy"), chat.hook("calm")
        unposted = {"X-GitHub-Event": "sponsorship"}

        taken = [chat.post(busy, {}, headers=unposted).status_code for _ in range(60)]
        refused = chat.post(busy, {}, headers=unposted)

        assert set(taken) == {200}
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert chat.post(calm, {"text": "x"}).status_code == 200


# Mentions


def test_nobody_calls_everybody_unless_the_webhook_may(chat: HookedChat, hook: Hook) -> None:
    loud = chat.hook("loud", mention_all=True)
    payload = {"text": "<!here> @all @room <@Ana> \\@room"}

    quiet_text, loud_text = chat.said(hook, payload), chat.said(loud, payload)

    assert mentioned_keys(quiet_text) == {"ana"}
    assert mentioned_keys(loud_text) == {"ana", "room", "all"}
    assert quiet_text.startswith("＠room ＠all ＠room @Ana")


def test_people_of_another_site_are_nobody_here(chat: HookedChat) -> None:
    loud = chat.hook("loud", mention_all=True)
    issue = {"title": "@Ana", "body": "@room @Ana", "number": 1, "html_url": ""}
    payload = {"action": "opened", "issue": issue, "sender": {"login": "Ana"}}

    text = chat.said(loud, payload, headers={"X-GitHub-Event": "issues"})

    assert "Ana" in text
    assert not mentioned_keys(text)


# Sources


def test_an_event_without_a_sentence_is_named_and_not_posted(chat: HookedChat, hook: Hook) -> None:
    before = len(chat.messages())

    answer = chat.post(hook, {"action": "x"}, headers={"X-GitHub-Event": "sponsorship"})

    assert answer.text == "ok\nnot shown: the event sponsorship (x)"
    assert len(chat.messages()) == before
    listed = next(one for one in chat.run("hook.list") if one["id"] == hook["id"])
    assert listed["problem"]


def test_a_webhook_for_one_source_takes_nothing_else(chat: HookedChat) -> None:
    github = chat.hook("for-github", source="github")

    refused = chat.post(github, {"text": "x"})

    assert refused.status_code == 400
    assert "X-Github-Event" in refused.text
    assert chat.said(chat.hook("for-text", source="text"), {"text": "*x*"}) == '{"text": "*x*"}'


def test_an_alert_is_recognized_by_its_shape(chat: HookedChat, hook: Hook) -> None:
    alerts = [{"status": "firing", "labels": {"severity": "warning"}, "annotations": {}}]

    text = chat.said(hook, {"status": "firing", "receiver": "x", "alerts": alerts})

    assert text.startswith("🔥 **Alerts** — 1 firing")


# What programs call themselves


def test_a_program_has_a_label_and_no_name(chat: HookedChat, hook: Hook) -> None:
    chat.said(hook, {"text": "x", "username": "Ana", "icon_emoji": ":tada:"})

    message = chat.last()
    assert message.sender == "ci"
    assert message.via == Via(name="Ana", emoji="🎉")
    assert message.via.label == "🎉 Ana"


@pytest.mark.parametrize(
    ("said", "via", "ignored"),
    [
        ({"username": "x" * 100}, Via(name="x" * 59 + "…"), []),
        ({"icon_emoji": ":robot_face:"}, Via(emoji="🤖"), []),
        ({"icon_emoji": ":our_own:"}, None, ["icon_emoji"]),
        ({"username": "a\u202eb\nc"}, Via(name="ab c"), []),
        ({"username": "\u3164"}, None, ["username"]),
        ({"username": " "}, None, []),
    ],
)
def test_a_label_is_one_line_that_can_be_seen(
    chat: HookedChat, hook: Hook, said: Any, via: Via | None, ignored: list[str]
) -> None:
    accept = {"Accept": "application/json"}

    answer = chat.post(hook, {"text": "x", **said}, headers=accept).json

    assert chat.last().via == via
    assert answer["ignored"] == ignored


# Signatures


def signed(secret: str, body: bytes, way: str, *, age: int = 0) -> dict[str, str]:
    """The headers by which a site proves that it knows the secret."""

    def digest(key: bytes, *parts: bytes) -> bytes:
        return hmac.digest(key, b"".join(parts), hashlib.sha256)

    at = str(int(time.time()) - age)
    plain, key = digest(secret.encode(), body).hex(), base64.b64decode(secret)
    timed = digest(secret.encode(), at.encode(), b":", body).hex()
    standard = digest(key, f"msg_1.{at}.".encode(), body)
    of_gitlab = {
        "webhook-id": "msg_1",
        "webhook-timestamp": at,
        "webhook-signature": f"v1,AAAA v1,{base64.b64encode(standard).decode()}",
    }
    return {
        "GitHub": {"X-Hub-Signature-256": f"sha256={plain}"},
        "Gitea": {"X-Gitea-Signature": plain},
        "Forgejo": {"X-Forgejo-Signature": plain},
        "Grafana": {"X-Grafana-Alerting-Signature": plain},
        "Grafana with a time": {
            "X-Grafana-Alerting-Signature": timed,
            "X-Grafana-Alerting-Timestamp": at,
        },
        "GitLab": {"X-Gitlab-Token": secret},
        "GitLab with a signature": of_gitlab,
    }[way]


WAYS = [
    *("GitHub", "Gitea", "Forgejo", "Grafana", "Grafana with a time"),
    *("GitLab", "GitLab with a signature"),
]


@pytest.mark.parametrize("way", WAYS)
def test_a_signed_webhook_takes_what_proves_its_secret_and_nothing_else(
    chat: HookedChat, way: str
) -> None:
    hook = chat.hook("signed", signed=True)
    secret, body = hook["signing_secret"], json.dumps({"text": f"by {way}"}).encode()

    def posted(headers: dict[str, str], body: bytes = body) -> int:
        answer = chat.post(hook, data=body, headers=headers, content_type="application/json")
        return int(answer.status_code)

    other = "0" * 64
    assert posted({}) == 401
    assert posted(signed(other, body, way)) == 401
    assert posted({**signed(other, body, way), "X-Gitlab-Token": secret}) == (
        200 if way == "GitLab" else 401
    )
    if "time" in way or "signature" in way:
        assert posted(signed(secret, body, way, age=301)) == 401
    if way != "GitLab":
        assert posted(signed(secret, body, way), body + b" ") == 401
        assert chat.last().text != f"by {way}"
    assert posted(signed(secret, body, way)) == 200
    assert chat.last().text == f"by {way}"


# Managing


def test_the_secret_is_told_once_and_kept_as_a_digest(chat: HookedChat) -> None:
    hook = chat.hook("told-once", signed=True)

    assert hook["url"] == f"{URL}/hooks/{hook['secret']}"
    listed = json.dumps(chat.run("hook.list"))
    assert hook["id"] in listed
    assert hook["secret"] not in listed
    assert hook["signing_secret"] not in listed


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"name": "Ana"}, "not_allowed"),
        ({"name": ""}, "empty"),
        ({"name": "x" * 33}, "too_long"),
        ({"room": "nowhere"}, "no_such_room"),
        ({"source": "pager"}, "bad_payload"),
        ({"owner": None, "name": "new"}, "bad_payload"),
        ({"owner": "nobody", "name": "new"}, "not_found"),
    ],
)
def test_what_a_webhook_cannot_be(chat: HookedChat, wanted: dict[str, str], code: str) -> None:
    before = chat.run("hook.list")

    with pytest.raises(ChatError) as refused:
        chat.hook(**wanted)

    assert refused.value.code == code
    assert chat.run("hook.list") == before


def test_use_and_problems_are_noted(chat: HookedChat) -> None:
    hook = chat.hook("noted")

    def listed() -> dict[str, Any]:
        return next(one for one in chat.run("hook.list") if one["id"] == hook["id"])

    assert "used_at" not in listed()
    chat.post(hook, data="{", content_type="application/json")
    assert "not JSON" in listed()["problem"]
    assert "used_at" not in listed()

    chat.post(hook, {"text": "x"})

    assert listed()["used_at"]


def test_a_removed_account_takes_its_webhooks_with_it(chat: HookedChat) -> None:
    hook = chat.hook("removed")

    chat.run("user.remove", name="removed")

    assert hook["id"] not in [one["id"] for one in chat.run("hook.list")]
    assert chat.post(hook, {"text": "x"}).status_code == 404


def test_a_webhook_ends_with_its_owner(chat: HookedChat) -> None:
    chat.run("user.add", name="Ole", password=PASSWORD, role="member")
    hook = chat.hook("of-ole", owner="Ole")
    assert chat.post(hook, {"text": "x"}).text == "ok"

    chat.run("user.ban", name="Ole", reason="gone")

    assert chat.post(hook, {"text": "x"}).status_code == 401


def test_a_banned_bot_posts_nothing(chat: HookedChat) -> None:
    hook = chat.hook("banned")
    chat.run("user.ban", name="banned", reason="noise")

    answer = chat.post(hook, {"text": "x"})

    assert answer.status_code == 401
    assert "noise" in answer.text
