"""A private room that an admin has opened in the console of one server is open at all of them."""

from contextlib import closing

from tests.support.cast import new_token, with_token
from tests.support.cluster import two_nodes
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


def test_the_next_request_of_the_browser_may_reach_another_server(postgres, tmp_path_factory):
    with two_nodes(postgres.new_database("viewings"), tmp_path_factory) as (here, there):
        mia = with_token(here, new_token(here, "mia", "member"))
        call(mia, "create", {"room": "cellar", "kind": "private"})
        call(mia, "message", {"room": "cellar", "text": "where the wine is"})
        mia.disconnect()
        with closing(Visitor(here.url).sign_in()) as admin:
            elsewhere = Visitor(there.url)
            elsewhere.http = admin.http  # The same browser: cookies do not depend on a port.
            page = "/admin/message?room=cellar&seq=1"
            wait_until(lambda: "/admin/rooms/view" in elsewhere.get(page).text, what="a form")

            admin.submit("/admin/rooms/view", room="cellar", reason="A member has asked for it.")

            wait_until(lambda: "where the wine is" in elsewhere.get(page).text, what="the text")
