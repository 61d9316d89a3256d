"""The limits of bots at two servers of one chat: what is decided at one holds at the other."""

from collections.abc import Iterator

import pytest
import socketio

from tests.cluster.test_pushes import hear_of
from tests.support import closing
from tests.support.cast import chatapp
from tests.support.cluster import ClusterMember, new_name, two_nodes
from tests.support.postgres import Postgres
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def nodes(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with two_nodes(postgres.new_database("bots"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def ana(member):
    return member("ana")


@pytest.fixture
def new_bot(here, there, ana, clients):
    """A bot of ana's, made at the first server and connected to the second."""

    def new_bot(*limits):
        secret = chatapp(here, "bot", "add", new_name("bot"), "--owner", ana.name, *limits)
        bot = ClusterMember("a bot", secret, clients)
        return bot, bot.at(there)

    return new_bot


def is_let_in(node, token):
    client = closing.SimpleClient()
    try:
        client.connect(node.url, auth={"token": token}, transports=["websocket"])
    except socketio.exceptions.ConnectionError:
        return False
    client.disconnect()
    return True


def test_new_limits_hold_at_the_other_server(here, there, ana, new_bot):
    call(ana.at(here), "create", {"room": "ci"})
    bot, at_there = new_bot("--scope", "post")
    name = call(at_there, "rooms", {})["me"]

    chatapp(here, "bot", "set", name, "--rooms", "ci", "--per-minute", "1")

    def limited():
        return {room["name"] for room in call(bot.at(there), "rooms", {})["rooms"]} == {"ci"}

    wait_until(limited, what="the limits at the other server")
    answers = [call(bot.at(there), "message", {"room": "ci", "text": "hi"}) for _ in range(2)]
    assert [one.get("error", {}).get("code") for one in answers] == [None, "rate_limited"]


def test_a_bot_leaves_a_private_room_with_its_owner(here, there, ana, new_bot):
    at_here = ana.at(here)
    room = new_name("attic")
    call(at_here, "create", {"room": room, "kind": "private"})
    _, at_there = new_bot("--rooms", room)
    assert call(at_there, "message", {"room": room, "text": "hi"})["ok"]

    call(at_here, "leave", {"room": room})

    hear_of(at_there, "removed", room=room)
    refused = call(at_there, "message", {"room": room, "text": "hi"})
    assert refused["error"]["code"] == "no_such_room"


@pytest.mark.parametrize("how", ["ban", "remove"])
def test_a_bot_is_out_at_the_other_server_when_its_owner_is(here, there, ana, new_bot, how):
    bot, _ = new_bot()
    before = there.connections
    assert is_let_in(there, bot.token)

    rest = ("--reason", "spam") if how == "ban" else ("--yes",)
    chatapp(here, "user", how, ana.name, *rest)

    wait_until(lambda: not is_let_in(there, bot.token), what="the bot to be refused")
    wait_until(lambda: there.connections < before, what="its connection to end")
