"""What people write is formatted, and stays text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from chatapp.features.pages.richness import is_formatted_by_script
from chatapp.text.markdown import MAX_BRACKETS
from tests.page.people import Person, enter
from tests.support.browser import RECORD_SHIFTS, Windows, nothing_has_moved
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

TEXTS = {
    "plain": [
        "Hello, you.",
        "https://example.org/a-b?c=d",
        "Well - yes.",
        "3 + 4 = 7",
        "¡Olé!",
        "$5 or so",
    ],
    "formatted": [
        "**b**",
        "a_b",
        "- one",
        "1. one",
        "> said",
        "    code",
        "`x`",
        "a | b",
        "[x]",
        "$x$",
        "$$\nx\n$$",
    ],
}


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here; each has a room of its own."""
    return house


def newest(person: Person) -> Locator:
    return person.sent.last


def test_marks_become_what_they_mean(ana: Person) -> None:
    ana.say("**bold** *leaning* ~~gone~~ `code` [here](https://example.org)")

    text = newest(ana)
    expect(text.locator("strong")).to_have_text("bold")
    expect(text.locator("em")).to_have_text("leaning")
    expect(text.locator("s")).to_have_text("gone")
    expect(text.locator("code")).to_have_text("code")
    link = text.locator("a")
    expect(link).to_have_attribute("href", "https://example.org")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")


def test_lists_quotes_and_tables_stand_as_such(ana: Person) -> None:
    ana.say("- one\n- two\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |")

    text = newest(ana)
    expect(text.locator("li")).to_have_text(["one", "two"])
    expect(text.locator("blockquote")).to_have_text("said")
    expect(text.locator("td")).to_have_text(["1", "2"])


def test_a_paragraph_with_very_many_brackets_stays_as_it_was_typed(ana: Person) -> None:
    many = "[a](https://example.org) " * (MAX_BRACKETS + 1)

    ana.say(f"**bold**\n\n{many}<b>")

    text = newest(ana)
    expect(text.locator("strong")).to_have_text("bold")
    expect(text).to_contain_text("[a](https://example.org) <b>")
    expect(text.locator("a")).to_have_count(0)


def test_code_keeps_its_indent_and_is_coloured(ana: Person) -> None:
    ana.say('```python\nfor each in "abc":\n    print(each)\n```')

    code = newest(ana).locator("pre code")
    expect(code.locator(".hljs-keyword").first).to_have_text("for")
    assert code.inner_text().rstrip("\n") == 'for each in "abc":\n    print(each)'


def test_lines_and_their_indent_stay_without_a_fence(ana: Person) -> None:
    ana.say("if a[b]:\n    c()")

    expect(newest(ana)).to_have_class("text rich")
    assert newest(ana).inner_text() == "if a[b]:\n    c()"


@pytest.mark.parametrize(
    "evil",
    [
        "<img src=x onerror=alert(1)> **b**",
        "[x](javascript:alert(1)) **b**",
        "[x](data:text/html,<script>alert(1)</script>) **b**",
        '```"onload=alert(1)\n<script>alert(1)</script>\n```',
        "**<svg/onload=alert(1)>**",
        "![x](https://example.org/x.png) **b**",
        "&lt;b&gt; **b**",
    ],
)
def test_evil_text_stays_text(ana: Person, evil: str) -> None:
    ana.say(evil)

    expect(newest(ana)).to_have_class("text rich")
    assert newest(ana).locator("img, script, svg, b, [onload], [onerror]").count() == 0
    assert newest(ana).locator("a:not([href^='https://'])").count() == 0


def test_emoji_alone_are_large(ana: Person) -> None:
    ana.say("not 🚢 alone")
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    ana.sees("not 🚢 alone")
    usual = newest(ana).evaluate(size)

    ana.say("🚢 ❤️")

    ana.sees("not 🚢 alone", "🚢 ❤️")
    assert newest(ana).evaluate(size) > usual * 1.5


def test_mentions_are_marked_and_own_ones_more(ana: Person, bo: SimpleClient, room: str) -> None:
    bo.call("message", {"room": room, "text": "@ana and @chidi, not `@code` or me@example.org"})

    marks = newest(ana).locator(".mention")
    expect(marks).to_have_text(["@ana", "@chidi"])
    expect(newest(ana).locator(".mention.own")).to_have_text("@ana")


def test_nothing_moves_when_a_page_with_formatted_messages_loads(
    windows: Windows, server: Server, bo: SimpleClient, room: str
) -> None:
    for number in range(30):
        bo.call(
            "message", {"room": room, "text": f"**{number}**\n\n- one\n- two\n\n```\ncode\n```"}
        )
    bo.call("message", {"room": room, "text": "🚢"})
    ana = enter(windows, server, "ana", f"/rooms/{room}")
    ana.page.add_init_script(RECORD_SHIFTS)

    ana.page.reload()
    ana.is_online()

    expect(ana.page.locator("strong").last).to_be_visible()
    nothing_has_moved(ana.page)


def test_server_and_page_agree_on_what_is_formatted(ana: Person) -> None:
    said = ana.page.evaluate(
        """async (texts) => {
          const { isRich } = await import("/static/js/lib/markdown/richness.js");
          return texts.map(isRich);
        }""",
        TEXTS["plain"] + TEXTS["formatted"],
    )

    assert said == [False] * len(TEXTS["plain"]) + [True] * len(TEXTS["formatted"])
    assert not any(map(is_formatted_by_script, TEXTS["plain"]))
    assert all(map(is_formatted_by_script, TEXTS["formatted"]))


def test_lists_begin_where_they_do_and_columns_stand_as_they_are_told(ana: Person) -> None:
    ana.say("1986. A great season\n\n|a|b|\n|-|-:|\n|1|2|")

    text = newest(ana)
    expect(text.locator("ol")).to_have_attribute("start", "1986")
    expect(text.locator("td").last).to_have_css("text-align", "right")


@pytest.mark.parametrize("more", ["", " **b**"])
def test_addresses_are_links_in_plain_and_in_formatted_texts(ana: Person, more: str) -> None:
    ana.say(f"ana@example.org, https://example.org/foo。次 www.example.org{more}")

    links = newest(ana).locator("a")
    expect(links).to_have_text(["ana@example.org", "https://example.org/foo", "www.example.org"])
    assert [link.get_attribute("href") for link in links.all()] == [
        "mailto:ana@example.org",
        "https://example.org/foo",
        "http://www.example.org",
    ]
