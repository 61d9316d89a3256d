"""An agent's draft on the page: its owner reads all of it, presses ✅, and the room says who."""

from playwright.sync_api import expect

from chatapp.client import AgentClient
from tests.features.agents.conftest import token_in
from tests.page.people import sign_in
from tests.support.browser import Windows
from tests.support.cast import add_account, chatapp
from tests.support.server import Server

LINE = "a long line that goes on and on, " * 8 + "until its end"


def test_its_owner_approves_it_on_a_phone(house: Server, windows: Windows) -> None:
    add_account(house, "olga")
    options = ("--owner", "olga", "--rooms", "general", "--agent", "--drafts")
    agent = AgentClient(house.url, token_in(chatapp(house, "bot", "add", "scout", *options)))
    olga = sign_in(windows, house, "olga")
    page = olga.page
    agent.draft("general", LINE)

    page.get_by_role("link", name="scout").first.click()
    draft = page.locator(".message", has_text="Draft")
    expect(draft.locator("pre")).to_contain_text("until its end")
    page.set_viewport_size({"width": 320, "height": 640})
    block = draft.locator("pre").evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert block[0] <= block[1]
    draft.get_by_role("button", name="✅").press("Enter")

    expect(draft).to_contain_text("Approved by olga")
    page.set_viewport_size({"width": 1200, "height": 800})
    page.get_by_role("link", name="General").first.click()
    posted = page.locator(".message", has_text="until its end")
    expect(posted.locator(".sender")).to_have_text("scout")
    expect(posted.locator(".via")).to_have_text("approved by olga")
    page.reload()  # As the server draws it.
    expect(posted.locator(".via")).to_have_text("approved by olga")
