"""A link shows what its page says of itself, to everyone, and without asking the host again."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.outbound.conftest import Host, host, page
from tests.page.people import enter
from tests.support.browser import Windows, comes_true
from tests.support.files import picture
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin

__all__ = ["host"]

HTML = (
    "<title>Tea & <b>biscuits</b></title><meta name=description content='All there is to know'>"
    "<meta property=og:site_name content='The house of tea'><meta property=og:image content=/pot>"
)


@pytest.fixture
def tea(host: Callable[..., Host]) -> Host:
    def say(connection: socket.socket, head: bytes) -> None:
        if b"GET /pot" in head:
            connection.sendall(page(picture("PNG", (400, 300)), "Content-Type: image/png"))
        else:
            connection.sendall(page(HTML.encode(), "Content-Type: text/html"))

    return host(say)


@pytest.fixture
def server(tmp_path: Path, tea: Host) -> Iterator[Server]:
    server = server_with_admin(tmp_path, CHATAPP_OUTBOUND_HOSTS=tea.place)
    boss = Visitor(server.url).sign_in()
    boss.submit("/admin/settings", previews="on")
    boss.close()
    yield server
    server.close()


def test_a_link_shows_what_its_page_says_until_its_author_takes_it_away(
    tea: Host, server: Server, windows: Windows
) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")

    ana.say(f"Look: {tea.url}")

    for person in (ana, bo):
        card = person.page.locator(".link-preview")
        expect(card).to_have_attribute("href", tea.url)
        expect(card.locator(".title")).to_have_text("Tea & <b>biscuits</b>")
        expect(card.locator(".about")).to_have_text("All there is to know")
        expect(card.locator(".site")).to_have_text("The house of tea")
        comes_true(person.page, "document.querySelector('.link-preview img').naturalWidth === 400")
        expect(person.page.locator(".edited:visible")).to_have_count(0)
    remove = ana.page.get_by_role("button", name="Remove preview")
    expect(remove).to_be_visible()
    bo.page.reload()
    expect(bo.page.locator(".link-preview .title")).to_have_text("Tea & <b>biscuits</b>")
    expect(bo.page.get_by_role("button", name="Remove preview")).to_have_count(0)
    assert len(tea.heads) == 2  # the page and its picture

    remove.click()

    for person in (ana, bo):
        expect(person.page.locator(".link-preview")).to_have_count(0)
        person.sees(f"Look: {tea.url}")
