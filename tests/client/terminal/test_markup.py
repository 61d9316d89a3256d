"""Markdown in a terminal."""

import re
from time import process_time

import pytest

from chatapp.client.terminal.markup import styled


def marked(text: str) -> str:
    """The text with its styles as letters in brackets."""
    names = {"1": "b", "22": "/", "3": "i", "23": "/", "9": "s", "29": "/", "2": "c"}
    names |= {"1;3": "bi", "22;23": "/"}
    lines = "\n".join(styled(text.split("\n")))
    return re.sub(r"\x1b\[([\d;]+)m", lambda found: f"[{names[found[1]]}]", lines)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and __bold__", "[b]bold[/] and [b]bold[/]"),
        ("*a* and _b_ and ***c***", "[i]a[/] and [i]b[/] and [bi]c[/]"),
        ("**a *b* c** ~~gone~~", "[b]a [i]b[/] c[/] [s]gone[/]"),
        ("`**a**` and ``b`c``", "[c]**a**[/] and [c]b`c[/]"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("** a** and **", "** a** and **"),
        ("https://example.org/a_b_*c*", "https://example.org/a_b_*c*"),
        ("```\n**a**\n```\n**b**", "[c]```[/]\n[c]**a**[/]\n[c]```[/]\n[b]b[/]"),
        ("$a*b*c$ and *d*", "$a*b*c$ and [i]d[/]"),
        ("\\$a*b*c$ costs $5*6*7", "\\$a[i]b[/]c$ costs $5[i]6[/]7"),
        ("$$\na *b*\n$$\n*c*", "$$\na *b*\n$$\n[i]c[/]"),
        ("~~~\n```\n**a**", "[c]~~~[/]\n[c]```[/]\n[c]**a**[/]"),
    ],
)
def test_what_stands_within_a_line_is_styled_and_code_is_not(text: str, shown: str):
    assert marked(text) == shown


@pytest.mark.parametrize("piece", ["*a ", "**a ", "_a ", "~~a ", "`a``", "***a **b _c ~~d `e "])
def test_work_does_not_grow_with_the_square_of_a_line(piece: str):
    once, again = (_seconds(piece * count) for count in (1_000, 8_000))

    assert again < 32 * once, "linear is 8, quadratic 64"


def _seconds(line: str) -> float:
    """The least processor time of three tries."""
    tries = []
    for _ in range(3):
        start = process_time()
        styled([line])
        tries.append(process_time() - start)
    return min(tries)
