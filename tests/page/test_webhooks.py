"""What a webhook posts, on the page: as the bot, with a label beside its name; and what admins are
told of webhooks."""

from collections.abc import Callable

import requests
from playwright.sync_api import expect

from tests.page.people import enter, sign_in
from tests.page.test_accessibility import violations
from tests.support.browser import Windows
from tests.support.cast import add_account, chatapp
from tests.support.receiver import Receiver
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


def test_an_admin_is_told_once_that_a_webhook_was_switched_off(
    new_server: Callable[..., Server], windows: Windows
) -> None:
    receiver = Receiver()
    receiver.status = 410
    server = new_server(CHATAPP_OUTBOUND_HOSTS=receiver.place).start()
    add_account(server, "olga", "admin")
    chatapp(server, "webhook", "add", "CI <b>", f"http://{receiver.place}/")
    olga, ana = sign_in(windows, server, "olga"), enter(windows, server, "ana")
    notice = olga.page.locator("webhook-notice .saved-notice-card")
    expect(notice).to_be_hidden()

    ana.say("hello")

    expect(notice).to_be_visible()
    expect(notice.locator("h2")).to_have_text("Webhook “CI <b>” was switched off")
    expect(notice.locator("blockquote")).to_have_text("It answers with 410.")
    assert violations(olga.page) == []
    expect(ana.page.locator("webhook-notice .saved-notice-card")).to_be_hidden()
    shown = notice.get_by_role("link", name="Show it").get_attribute("href")
    notice.get_by_role("button", name="Close").press("Enter")
    expect(notice).to_be_hidden()
    olga.page.reload()
    olga.is_online()
    olga.say("again")
    olga.sees("hello", "again")
    expect(notice).to_be_hidden()
    olga.page.goto(f"{server.url}{shown}")
    expect(olga.page.get_by_text("the receiver said that it is gone for good")).to_be_visible()
    receiver.shutdown()
    receiver.server_close()
