"""Markdown becomes mrkdwn, and that becomes the same Markdown again."""

import re
from collections.abc import Iterator

import pytest

from chatapp.text.slack_mrkdwn import as_markdown
from chatapp.text.to_mrkdwn import as_mrkdwn


class There:
    def person(self, id: str, label: str) -> str:
        return f"@{id.lower()}"

    def room(self, id: str, label: str) -> str:
        return f"#{label}"

    def everyone(self, word: str) -> str:
        return "@room"


def names_in(plain: str) -> Iterator[tuple[int, int, str]]:
    for found in re.finditer("@ana", plain):
        yield found.start(), found.end(), "<@ANA>"


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("plain", "plain"),
        ("**bold** and __not__", "*bold* and __not__"),
        ("a **b** c **d e**", "a *b* c *d e*"),
        ("_it_ and ~~gone~~", "_it_ and ~gone~"),
        ("2 * 3 * 4 < 5 & 6 > 1", "2 * 3 * 4 &lt; 5 &amp; 6 &gt; 1"),
        ("> quoted\nnot", "&gt; quoted\nnot"),
        ("`a < b **c** @ana`", "`a &lt; b **c** @ana`"),
        ("see\n```\nif (a < b) **x**\n```\nend", "see\n```\nif (a &lt; b) **x**\n```\nend"),
        ("https://a.test/?x=1&y=2.", "<https://a.test/?x=1&amp;y=2>."),
        ("[a & b](https://a.test/x)", "<https://a.test/x|a &amp; b>"),
        ("**[a](https://a.test)**", "*<https://a.test|a>*"),
        ("**@ana** 🎉 :party:", "*<@ANA>* 🎉 :party:"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("<@U1> <!channel>", "&lt;@U1&gt; &lt;!channel&gt;"),
    ],
)
def test_a_text_comes_back_as_it_was(markdown: str, mrkdwn: str):
    assert as_mrkdwn(markdown, names_in) == mrkdwn
    assert as_markdown(mrkdwn, There()) == markdown


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("*it*", "_it_"),
        ("```python\nprint(1)\n```", "```\nprint(1)\n```"),
        ("a\0b\1c", "abc"),
        ("**open", "**open"),
        ("www.a.test ana@a.test", "www.a.test ana@a.test"),
    ],
)
def test_what_slack_writes_otherwise(markdown: str, mrkdwn: str):
    assert as_mrkdwn(markdown, names_in) == mrkdwn


@pytest.mark.parametrize("part", ["**", "*a ", "~~", "[", "`", "**a", "](https://a.test)", "<"])
def test_the_time_is_bounded(part: str):
    text = part * (16_384 // len(part))

    assert as_mrkdwn(text, names_in)
