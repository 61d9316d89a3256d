"""Outgoing webhooks of two servers of one chat: one of them sends, and another takes over."""

import re
from collections.abc import Iterator

import pytest

from tests.support.cast import chatapp, new_token, with_token
from tests.support.cluster import two_nodes
from tests.support.postgres import Postgres
from tests.support.receiver import Receiver
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> Iterator[tuple[Server, Server]]:
    database = postgres.new_database("outgoing")
    settings = {"CHATAPP_OUTBOUND_HOSTS": receiver.place}
    with two_nodes(database, tmp_path_factory, **settings) as nodes:
        yield nodes


def test_one_server_sends_what_is_said_at_both_and_another_takes_over(
    member, here: Server, there: Server, receiver: Receiver
) -> None:
    ana = member("ana")
    desk, phone = ana.at(here), ana.at(there)
    boss = Visitor(there.url).sign_in()
    form = {"title": "CI", "url": f"http://{receiver.place}/", "event": "message.posted"}
    page = boss.submit("/admin/outgoing-webhooks", **form).text
    (id,) = {*re.findall(r'name="id" value="(\w+)"', page)}

    call(desk, "message", {"text": "at here"})
    receiver.wait_for("at here")
    call(phone, "message", {"text": "at there"})
    receiver.wait_for("at there")

    assert receiver.texts == ["at here", "at there"]
    shown = f"/admin/outgoing-webhook?id={id}"
    wait_until(
        lambda: boss.get(shown).text.count('name="sent"') == 2,
        what="the attempts to be known at the other server",
    )

    chatapp(here, "webhook", "add", "Gone", f"http://{receiver.place}/gone", "--room", "general")
    olga = with_token(there, new_token(there, "olga", "admin"))
    receiver.gone = "/gone"
    call(desk, "message", {"text": "one more"})
    assert hear(olga, "webhook_off")["title"] == "Gone"
    olga.disconnect()
    receiver.wait_for("one more")

    here.kill9()  # it has the lease, as the first of the two
    call(phone, "message", {"text": "after"})

    receiver.wait_for("after")
    assert list(dict.fromkeys(receiver.texts)) == ["at here", "at there", "one more", "after"]
    boss.close()
