"""A text on one line, without the marks that only the formatter needs: as a quote has it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from chatapp.features.pages.richness import in_short
from tests.page.people import enter
from tests.support.browser import Windows
from tests.support.growth import grows_linearly
from tests.support.server import Server

CASES: dict[str, str] = json.loads(Path(__file__).with_name("in_short.json").read_text("utf-8"))
"""tests/js/texts.test.js holds the script to the same."""


def test_the_server_says_it_as_the_script_does() -> None:
    assert {text: in_short(text) for text in CASES} == CASES
    assert len(in_short("word " * 1000)) == 200
    assert in_short("x" + "😀" * 300) == "x" + "😀" * 199


def test_a_quote_and_what_one_answers_are_plain_words(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    bo = connect("bo")
    bo.call("message", {"text": "soy **bo**, see [the plan](https://example.org)"})
    bo.call("message", {"text": "an answer", "reply_to": 1})
    ana = enter(windows, server, "ana")
    quote = ana.page.locator(".quoted-text").last
    expect(quote).to_have_text("soy bo, see the plan")
    page = ana.page.request.get(server.url).text()
    assert '<span class="quoted-text" dir="auto">soy bo, see the plan</span>' in page

    ana.sent.first.hover()
    ana.page.get_by_role("button", name="Reply").click()

    expect(ana.page.locator(".aim-text")).to_have_text("soy bo, see the plan")


@pytest.mark.parametrize("mark", ["*a\t", "_a ", "[", "[a](", "\n", "\r", "\t", "`", "~~", ">"])
def test_however_many_marks_a_text_has_it_costs_next_to_nothing(mark: str) -> None:
    assert grows_linearly(lambda size: in_short(mark * (size // len(mark))), 65_536)
