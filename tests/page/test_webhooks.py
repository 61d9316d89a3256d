"""What a webhook posts, on the page: as the bot, with a label beside its name."""

import requests
from playwright.sync_api import expect

from tests.page.people import enter
from tests.support.browser import Windows
from tests.support.cast import add_account, chatapp
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS


def test_a_label_stands_beside_the_name_of_the_bot(house: Server, windows: Windows) -> None:
    add_account(house, "olga")
    address = chatapp(house, "hook", "add", "ci", "general", "--owner", "olga")
    url = house.url + address[address.index("/hooks/") :]

    def post(text: str, **said: str) -> None:
        answer = requests.post(url, json={"text": text, **said}, timeout=DEADLINE_SECONDS)
        assert answer.text == "ok"

    post("first", username="Jenkins", icon_emoji=":tada:")
    ana = enter(windows, house, "ana")
    first = ana.page.locator(".message", has_text="first")
    expect(first.locator(".sender")).to_have_text("ci")
    expect(first.locator(".via")).to_have_text("via 🎉 Jenkins")

    post("second", username="<b>Other</b>")
    post("third", username="<b>Other</b>")
    second = ana.page.locator(".message", has_text="second")
    expect(second.locator(".via")).to_have_text("via <b>Other</b>")
    expect(second.locator(".sender")).to_be_visible()
    expect(ana.page.locator(".message.continued", has_text="third")).to_be_visible()
