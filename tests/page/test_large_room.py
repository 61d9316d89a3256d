"""A room with more people than its description names."""

import re
from collections.abc import Callable
from contextlib import ExitStack, closing

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import enter
from tests.support.browser import Windows
from tests.support.server import Server
from tests.test_way_of_a_message import call
from tests.transport.raw import RawClient

HERE = 130


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    return house


def test_the_first_hundred_are_listed_and_the_others_on_demand(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    with ExitStack() as crowd:
        for number in range(HERE):
            client = RawClient(("127.0.0.1", server.port))
            crowd.enter_context(closing(client.join({"name": f"guest {number:03}"})))
        ana = enter(windows, server, "ana")
        ana.is_online()
        joined = call(connect("bo"), "join", {"room": "general"})["room"]
        assert (len(joined["members"]), joined["count"]) == (100, HERE + 2)
        page = ana.page.request.get(server.url).text()
        assert len(set(re.findall(r"guest \d{3}", page))) <= 100

        members, more = ana.page.locator("member-list .people .member"), ana.page.locator(".more")
        expect(members).to_have_count(100)
        expect(more).to_have_text("and 32 more")

        more.click()

        expect(members).to_have_count(HERE + 2)
        expect(more).to_be_hidden()
