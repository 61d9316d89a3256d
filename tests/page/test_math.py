"""Formulas and diagrams in messages."""

import re

import pytest
from playwright.sync_api import Page, expect
from socketio import SimpleClient

from tests.page.people import Person
from tests.page.test_accessibility import violations
from tests.support.browser import Windows, comes_true
from tests.support.server import Server

SELECT = """node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""
COPIED = """() => {
  const data = new DataTransfer();
  document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data }));
  return data.getData("text/plain");
}"""
DEPTH = 300
"""As deep as this, elements of elements make browsers crash."""


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    return house


def loaded(page: Page, what: str) -> bool:
    names = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    return any(what in name for name in names)


def test_formulas_are_drawn_where_there_are_some_and_copied_as_they_were_typed(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    page = ana.page
    ana.say("**It** costs $5 and $6")
    expect(ana.sent.last.locator("strong")).to_be_visible()
    assert not loaded(page, "katex")

    said = "Then $a_1 * b_2$ and *so*:\n\n$$\n\\frac{1}{2}\n$$\n\n```math\nx\n```\n\n$\\frac{1$"
    bo.call("message", {"room": room, "text": said})

    text = ana.sent.last
    expect(text.locator(".katex-display")).to_have_count(2)
    expect(text.locator("math").first).to_be_attached()
    expect(text.locator("em")).to_have_text("so")
    expect(text.locator(".math.broken code")).to_have_text("$\\frac{1$")
    expect(text.locator(".math-hint")).to_contain_text("This formula can't be shown: ")
    text.evaluate(SELECT)
    copied = page.evaluate(COPIED)
    assert "Then $a_1 * b_2$ and so:" in copied
    assert "$$\n\\frac{1}{2}\n$$" in copied
    page.evaluate("getSelection().removeAllRanges()")

    hostile = [
        "$" + "\\sqrt{" * DEPTH + "x" + "}" * DEPTH + "$",
        "$\\def\\a{\\a\\a}\\a$ $\\href{javascript:alert(1)}{x}$ $\\rule{9999em}{9999em}$",
        "$x$ " * 500,
    ]
    newest = page.locator(".said > .text").last  # KaTeX has elements of class "text" too
    for number, formulas in enumerate(hostile):
        bo.call("message", {"room": room, "text": f"{number}. {formulas}"})
        expect(newest.locator(".math").first).to_have_attribute(
            "data-source", re.compile(r"^\$.*\$$")
        )
    assert page.locator(".text a, .text [onclick]").count() == 0
    assert page.evaluate("document.querySelector('.messages').scrollWidth") <= 1280


def test_a_diagram_is_a_picture_with_its_source(
    windows: Windows, ana: Person, bo: SimpleClient, room: str
) -> None:
    page = ana.page
    source = 'flowchart LR\n  A[<b>Ana</b>] --> B[Bo]\n  click A href "javascript:alert(1)"'
    ana.say(f"```mermaid\n{source}\n```")

    block = ana.sent.last.locator(".code.drawn")
    picture = block.locator("img")
    expect(picture).to_be_visible()
    comes_true(page, "document.querySelector('.diagram img').naturalWidth > 0")
    assert source in (picture.get_attribute("alt") or "")
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"

    block.get_by_role("button", name="Show source").click()
    expect(ana.sent.last.locator("pre")).to_be_visible()
    expect(picture).to_be_hidden()
    ana.sent.last.get_by_role("button", name="Show source").click()
    expect(picture).to_be_visible()
    by_day = picture.get_attribute("src")
    page.emulate_media(color_scheme="dark")
    expect(picture).not_to_have_attribute("src", by_day or "")

    bo.call("message", {"room": room, "text": "$x^2$\n\n```mermaid\nno such diagram\n```"})
    problem = ana.sent.last.locator(".diagram-problem")
    expect(problem).to_contain_text("can't be drawn")
    expect(ana.sent.last.locator("pre")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 700})
    comes_true(page, "document.documentElement.scrollWidth <= innerWidth")
    windows.complaints.expect("Applying inline style")  # of axe, which copies what KaTeX drew
    assert violations(page) == []
