"""People of two servers of one chat: who is here, who types, who is asked to leave."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.support.cast import add_account, new_token, with_token
from tests.support.redis import Redis
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.test_way_of_a_message import call, hear

KEY = "a key that only ana has"


@pytest.fixture(params=["notify", "redis"])
def nodes(
    request: pytest.FixtureRequest, start_cluster: Callable[..., list[Server]]
) -> Iterator[list[Server]]:
    if request.param == "notify":
        yield start_cluster(2)
        return
    with closing(Redis()) as redis:
        yield start_cluster(2, CHATAPP_REDIS=redis.start().url)


by_notify = pytest.mark.parametrize("nodes", ["notify"], indirect=True)
"""For what does not depend on the broker; tests/ports/test_broker.py holds both to the same."""


@pytest.fixture
def at(connect) -> Callable[..., Any]:
    """`at(node, "ana")`: a client of that server."""
    return lambda node, name, **auth: connect(name, url=node.url, auth={"name": name, **auth})


def members(client, room: str = "general") -> list[str]:
    """The members online, as a client learns them when it joins; the count agrees."""
    described = call(client, "join", {"room": room})["room"]
    assert described["count"] == len(described["members"])
    return described["members"]


def presence_until(client, name: str, change: str) -> dict[str, Any]:
    """The first change of presence in which this name has `joined` or `left`."""
    while True:
        news = hear(client, "presence")
        if name in news[change]:
            return news


def test_people_of_both_are_members_and_each_hears_of_the_other(nodes, at, wait_until):
    here, there = nodes
    ana = at(here, "ana")
    eva = at(there, "eva")

    assert presence_until(ana, "eva", "joined")["count"] == 2
    wait_until(lambda: members(eva) == ["ana", "eva"], what="ana at the other server")
    assert members(ana) == ["ana", "eva"]
    call(ana, "status", {"state": "busy"})
    wait_until(
        lambda: call(eva, "join", {"room": "general"})["room"]["states"] == {"ana": "busy"},
        what="ana's state",
    )
    online = call(eva, "people", {"room": "general", "here": True})["people"]
    assert [(one["name"], one["state"]) for one in online] == [("ana", "busy"), ("eva", "online")]

    eva.disconnect()
    assert presence_until(ana, "eva", "left")["count"] == 1


@by_notify
def test_somebody_at_both_is_one_person_until_both_are_gone(nodes, at, wait_until):
    here, there = nodes
    ben = at(here, "ben")
    first, second = at(here, "ana", key=KEY), at(there, "ana", key=KEY)
    at(there, "eva")
    wait_until(lambda: members(ben) == ["ana", "ben", "eva"], what="everyone")

    first.disconnect()
    cy = at(there, "cy")  # comes later than ana's first device is gone
    presence_until(ben, "cy", "joined")
    assert members(ben) == ["ana", "ben", "cy", "eva"]

    second.disconnect()
    presence_until(ben, "ana", "left")
    wait_until(lambda: members(cy) == ["ben", "cy", "eva"], what="the end of ana's visit")


def test_typing_is_seen_at_the_other_server(nodes, at):
    here, there = nodes
    ana, eva = at(here, "ana"), at(there, "eva")

    ana.client.emit("typing", {"room": "general"})

    assert hear(eva, "typing") == {"room": "general", "name": "ana"}


@by_notify
def test_a_guest_is_asked_to_leave_by_an_admin_of_the_other_server(nodes, at, wait_until):
    here, there = nodes
    admin = with_token(here, new_token(here, "Ada", "admin"))
    gus, other = at(there, "gus"), at(there, "other")

    assert call(admin, "kick", {"name": "Gus", "reason": "noise"})["ok"]

    assert hear(gus, "closing") == {"reason": "You were asked to leave: noise"}
    wait_until(lambda: members(other) == ["Ada", "other"], what="the guest's departure")


@by_notify
def test_when_somebody_was_last_seen_is_known_at_both_at_once(nodes, wait_until):
    here, there = nodes
    ben, ana = (with_token(here, new_token(here, name, "member")) for name in ("Ben", "Ana"))
    token = new_token(there, "Eva", "member")
    eva = with_token(there, token)

    def profile(client) -> dict[str, Any]:
        (found,) = call(client, "people", {"names": ["Eva"]})["people"]
        return found

    wait_until(lambda: profile(ben).get("state") == "online", what="Eva")
    began = call(ben, "message", {"text": "now"})["message"]["at"]
    eva.disconnect()
    wait_until(lambda: "last_seen" in profile(ben), what="the end of Eva's visit")

    assert profile(ana)["last_seen"] > began
    ben.disconnect()
    ana.disconnect()


@by_notify
def test_wrong_passwords_are_counted_at_both_together(nodes, wait_until):
    here = nodes[0]
    add_account(here, "Mia")
    visitors = [Visitor(node.url) for node in nodes]

    def attempt(number: int) -> int:
        return visitors[number % 2].submit("/login", name="Mia", password="wrong").status_code

    attempts = iter(range(40))
    tried = 0
    while attempt(next(attempts)) != 429:
        tried += 1

    assert 5 <= tried < 10, "each server alone would allow five"
    wait_until(lambda: attempt(next(attempts)) == attempt(next(attempts)) == 429, what="a refusal")
    for visitor in visitors:
        visitor.close()


def test_rooms_that_somebody_makes_are_counted_at_both_together(at, start_cluster, wait_until):
    here, there = start_cluster(2, CHATAPP_ROOM_RATE="2 burst, 2 per hour")
    ana, again, eva = at(here, "ana", key=KEY), at(there, "ana", key=KEY), at(there, "eva")
    at(here, "herald")
    wait_until(lambda: "herald" in members(eva), what="news of the other server")
    for room in ("one", "two"):
        assert call(ana, "create", {"room": room})["ok"]

    ana.emit("typing", {"room": "general"})
    hear(eva, "typing")  # What a process tells the others is heard in its order.

    assert call(again, "create", {"room": "three"})["error"]["code"] == "rate_limited"
