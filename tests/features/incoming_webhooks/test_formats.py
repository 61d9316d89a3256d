"""What payloads become: `payloads/` has some of each source, with the message of each.

They were written for these tests, after the public documentation of their sources.
"""

import json
from html import unescape
from pathlib import Path
from re import sub
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.features.incoming_webhooks.formats.detection import convert
from chatapp.features.incoming_webhooks.formats.writing import cut, excerpt, line, one_line
from chatapp.features.incoming_webhooks.model import IncomingDelivery
from chatapp.text.markdown import Markdown

PAYLOADS = Path(__file__).parent / "payloads"
FILES = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(PAYLOADS.iterdir())}
CASES = [(source, case["what"], case) for source, cases in FILES.items() for case in cases]


@pytest.mark.parametrize(("source", "what", "case"), CASES, ids=[f"{s}: {w}" for s, w, _ in CASES])
def test_a_payload_becomes_this_message(source: str, what: str, case: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in case.get("headers", {}).items()}
    delivery = IncomingDelivery(json.dumps(case["payload"]).encode(), headers)

    made = convert(delivery, "auto", "general")

    assert made.text.split("\n") == case["text"]
    assert made.unknown.names == case["ignored"]
    assert (made.name, made.sign) == (case.get("name", ""), case.get("sign", ""))
    assert made.thread == case.get("thread")
    assert made.is_elsewhere == (source != "slack")
    as_configured = "slack" if source == "slack" else source
    assert convert(delivery, as_configured, "general").text == made.text


def test_nothing_but_addresses_of_the_web_becomes_a_link() -> None:
    text = "<javascript:alert(1)|click> <data:text/html,x|y> <https://x.example|z>"
    payload = {"text": text, "attachments": [{"title": "t", "title_link": "javascript:x"}]}
    delivery = IncomingDelivery(json.dumps(payload).encode(), {})

    html = Markdown().html(convert(delivery, "slack", "general").text)

    assert html.count("<a ") == 1
    assert 'href="https://x.example"' in html


def shown(markdown: str) -> str:
    """The words of a page that a text becomes."""
    return unescape(sub("<[^>]*>", "", Markdown().html(markdown))).strip("\n")


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="_\\<>&"), max_size=40))
def test_words_of_others_are_shown_as_they_are(words: str) -> None:
    """In the middle of a line, where all of them are put."""
    assert shown(f"a {line(words)} z") == f"a {one_line(words)} z"


@pytest.mark.parametrize("words", ["\\@room", "\\\\*x*", "a\\", "\\[x](https://x.example)"])
def test_backslashes_of_others_do_not_undo_escapes(words: str) -> None:
    html = Markdown().html(f"**{line(words)}** z")

    assert html.startswith("<p><strong>")
    assert "<em>" not in html
    assert ">x</a>" not in html


def test_a_long_text_is_cut_with_a_note_and_its_code_is_closed() -> None:
    text = "```\n" + "é" * 3000 + "\n```"

    short = cut(text, 1000)

    assert len(short.encode()) <= 1000
    assert short.count("```") == 2
    assert short.endswith("the message was too long)")
    assert cut(text, 7000) == text


def test_an_excerpt_has_few_lines_and_closes_its_code() -> None:
    assert excerpt("a\n```\nb\nc\nd\ne\nf\n```") == "a\n```\nb\nc\nd\ne\n``` …"
    assert excerpt("  a  ") == "a"
    assert not excerpt(" \n ")
