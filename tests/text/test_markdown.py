"""Markdown as exports have it; tests/js/markdown.test.js holds the page to the same."""

import json
import re
from pathlib import Path

import pytest

from chatapp.text.markdown import MAX_BRACKETS, Markdown
from chatapp.text.tokens import Names
from tests.support.growth import grows_linearly

EXAMPLES = json.loads(Path(__file__).with_name("markdown.json").read_text("utf-8"))
NAMES = Names(EXAMPLES["names"])
EMOJI = {name: f'<span class="emoji">:{name}:</span>' for name in EXAMPLES["emoji"]}


@pytest.mark.parametrize("text", EXAMPLES["texts"])
def test_a_text_is_formatted_as_the_page_does_it(text: str):
    html = Markdown().html(text, NAMES, EMOJI)

    assert re.sub(r">\n+", ">", html.replace("<br>\n", "<br>")).strip() == EXAMPLES["texts"][text]


@pytest.mark.parametrize(
    "evil",
    [
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        '[x](https://a.example/"onclick="alert(1))',
        'https://a.example/"onclick="alert(1)',
        '@"><script>alert(1)</script>',
        '```"onload=alert(1)\n<script>\n```',
    ],
)
@pytest.mark.parametrize("more", ["", " **b**"])
def test_no_html_gets_through(evil: str, more: str):
    html = Markdown().html(evil + more, Names(['"><script>alert(1)</script>']))

    assert (
        re.sub(r"</?(?:p|a|strong|pre|code|span)(?: [a-z]+=\"[^\"<>]*\")*>", "", html).count("<")
        == 0
    )
    assert 'onclick="' not in html


def test_a_paragraph_with_very_many_brackets_stays_as_it_was_typed() -> None:
    markdown = Markdown()
    many = "[a](https://example.org) " * (MAX_BRACKETS + 1)

    html = markdown.html(f"**bold**\n\n{many}\n<b>\n\n```\n{many}\n```")

    assert "<strong>bold</strong>" in html
    assert "<a " not in html
    assert "<br>&lt;b&gt;" in html
    assert "<pre><code>[a](https" in html


def test_a_paragraph_with_many_links_has_them() -> None:
    assert Markdown().html("[a](https://example.org) " * 100).count("<a ") == 100


@pytest.mark.parametrize(
    "sign",
    ["[", "![](", "[[a]", "[](", "*_", "a|b\n-|-\n|", "> ", "- \n", "$", "$a ", "$$a\n", "$$a $"],
)
def test_no_text_takes_long(sign: str) -> None:
    markdown = Markdown()

    assert grows_linearly(lambda size: markdown.html(sign * (size // len(sign))), 4096)
