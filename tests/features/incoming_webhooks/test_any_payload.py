"""Whatever is sent to a webhook, the answer is a message or a clear error, and it comes soon."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.domain.errors import ChatError
from chatapp.features.incoming_webhooks.formats.detection import convert
from chatapp.features.incoming_webhooks.formats.gitea import EVENTS as GITEA
from chatapp.features.incoming_webhooks.formats.github.events import EVENTS as GITHUB
from chatapp.features.incoming_webhooks.formats.gitlab import EVENTS as GITLAB
from chatapp.features.incoming_webhooks.model import SOURCES, IncomingDelivery, Source
from tests.features.incoming_webhooks.conftest import HookedChat

WORDS = [
    *("text", "blocks", "attachments", "type", "elements", "fields"),
    *("accessory", "title", "title_link", "value", "url", "style"),
    *("image_url", "alt_text", "pretext", "color", "ts", "footer"),
    *("actions", "username", "icon_emoji", "thread", "thread_ts", "channel"),
    *("rich_text_section", "rich_text_list", "rich_text_quote", "section", "header", "context"),
    *("image", "rich_text", "mrkdwn", "repository", "sender", "commits"),
    *("ref", "action", "issue", "pull_request", "comment", "review"),
    *("object_attributes", "project", "user", "alerts", "labels", "annotations"),
    *("commonLabels", "status", "groupLabels", "evalMatches", "state", "ruleName"),
    *("author", "id", "message", "head", "base", "label"),
    *("alert", "rule", "pages", "release", "number", "html_url"),
    *("full_name", "login", "object_kind"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from([*WORDS, "<!here>", "*b*", "`c", "\u202e", "https://x.org", "opened", "1e99"])
)
KEYS = st.sampled_from(WORDS) | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)
EVENTS = st.sampled_from([*GITHUB, *GITEA, *GITLAB, "no event"])
DEEP = 20_000
SECONDS = 2.0


@given(
    payload=st.dictionaries(KEYS, ANYTHING, max_size=8),
    source=st.sampled_from(SOURCES),
    event=EVENTS,
)
@settings(max_examples=100)
def test_any_payload_is_converted_or_refused(payload: Any, source: Source, event: str) -> None:
    headers = {"x-github-event": event, "x-gitea-event": event} if source != "slack" else {}
    if source == "gitlab":
        payload["object_kind"] = event
    delivery = IncomingDelivery(json.dumps(payload).encode(), headers)

    try:
        made = convert(delivery, source, "general")
    except ChatError:
        return

    assert isinstance(made.text, str)
    assert all(isinstance(name, str) for name in made.unknown.names)


@given(body=st.binary(max_size=200) | ANYTHING.map(lambda any: json.dumps(any).encode()))
@settings(max_examples=30)
def test_any_body_gets_an_answer(chat: HookedChat, hook: dict[str, Any], body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", "x/y"):
        answer = chat.post(hook, data=body, content_type=kind)

        assert answer.status_code in (200, 400, 415), answer.text


HOSTILE = {
    "nested lists": b'{"text":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "nested objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "many attachments": json.dumps({"attachments": [{}] * 10_000}).encode(),
    "many blocks": json.dumps({"blocks": [{"type": "x"}] * 4_000}).encode(),
    "many stars": json.dumps({"text": "*a " * 20_000}).encode(),
    "many angles": json.dumps({"text": "<a" * 30_000}).encode(),
    "many backticks": json.dumps({"text": "`a" * 30_000}).encode(),
    "many mentions": json.dumps({"text": "@room " * 10_000}).encode(),
    "many backslashes": json.dumps({"mrkdwn": False, "text": "\\" * 30_000}).encode(),
    "half a character": b'{"text":"\\ud800 x"}',
    "a huge number": b'{"text":' + b"9" * 5_000 + b',"thread":' + b"9" * 400 + b"}",
    "a NUL": b'{"text":"a\\u0000b"}',
    "two keys": b'{"text":"a","text":"b"}',
    "only a string": b'"hello"',
    "only a number": b"1",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_answered_soon(
    chat: HookedChat, hook: dict[str, Any], name: str
) -> None:
    before = time.process_time()

    answer = chat.post(hook, data=HOSTILE[name], content_type="application/json")

    assert answer.status_code in (200, 400), answer.text
    assert time.process_time() - before < SECONDS
