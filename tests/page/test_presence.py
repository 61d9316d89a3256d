"""Who is awake, who wants to be left alone, and what one is told of while one looks away."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, own, own_item
from tests.support.browser import Windows, comes_true
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

RECORD_NOTICES = """
  window.notices = [];
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title, { body }) { window.notices.push(`${title}: ${body}`); }
  };
"""


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    return house


def member(person: Person, name: str) -> Locator:
    return person.page.locator(".member", has=person.page.get_by_text(name, exact=True))


def test_others_see_who_is_awake_idle_or_away(server: Server, windows: Windows) -> None:
    bo = enter(windows, server, "bo")
    ana = enter(windows, server, "ana")
    ana.page.clock.install()
    ana.page.reload()
    ana.is_online()
    expect(member(bo, "ana")).to_have_attribute("data-state", "online")

    ana.page.clock.fast_forward("05:30")
    expect(member(bo, "ana")).to_have_attribute("data-state", "idle")
    expect(member(bo, "ana")).to_contain_text("idle")
    ana.page.clock.fast_forward("30:00")
    expect(member(bo, "ana")).to_have_attribute("data-state", "away")

    ana.page.mouse.move(200, 200)
    expect(member(bo, "ana")).to_have_attribute("data-state", "online")


def test_do_not_disturb_is_seen_by_others_and_outlives_a_reload(
    server: Server, windows: Windows
) -> None:
    bo, ana = enter(windows, server, "bo"), enter(windows, server, "ana")
    busy = own_item(ana.page, "Do not disturb")

    own(ana.page, "Do not disturb")
    expect(member(bo, "ana")).to_have_attribute("data-state", "busy")
    ana.page.reload()
    ana.is_online()
    expect(busy).to_have_attribute("aria-checked", "true")
    expect(member(bo, "ana")).to_have_attribute("data-state", "busy")

    own(ana.page, "Online")
    expect(member(bo, "ana")).to_have_attribute("data-state", "online")


def test_nobody_is_notified_who_has_not_asked_and_only_of_what_they_do_not_see(
    server: Server, windows: Windows, connect: Connect
) -> None:
    cy = connect("cy")
    cy.call("create", {"room": "harbour", "title": "Harbour"})
    page = windows.open()
    page.add_init_script(RECORD_NOTICES)
    ana = enter(windows, server, "ana", page=page)
    ana.visit("Harbour")
    cy.call("message", {"text": "unasked"})
    expect(ana.page).to_have_title(re.compile(r"^\(1\)"))

    own(page, "Notifications")
    expect(own_item(page, "Notifications")).to_have_attribute("aria-checked", "true")
    cy.call("message", {"room": "harbour", "text": "before her eyes"})
    ana.sees("before her eyes")
    cy.call("message", {"text": "elsewhere, @ana"})
    comes_true(page, "window.notices.length > 0")
    own(page, "Do not disturb")
    cy.call("message", {"text": "not now"})
    expect(ana.page).to_have_title(re.compile(r"^\(3\)"))
    own(page, "Online")
    cy.call("message", {"text": "now again"})

    comes_true(page, "window.notices.length > 1")
    assert page.evaluate("window.notices") == [
        "@ cy · General: elsewhere, @ana",
        "cy · General: now again",
    ]
