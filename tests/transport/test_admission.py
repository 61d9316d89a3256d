"""Who may come in."""

from collections.abc import Callable

import pytest

from chatapp.transport.http.connection_limits import ConnectionLimits
from chatapp.transport.http.origins import is_cross_site
from tests.support.waiting import wait_until
from tests.transport.serving import Serving

OURS = ["https://chat.example"]


@pytest.mark.parametrize(
    ("method", "environ", "cross_site"),
    [
        ("GET", {}, False),
        ("GET", {"HTTP_ORIGIN": "https://chat.example"}, False),
        ("GET", {"HTTP_ORIGIN": "https://evil.example"}, True),
        ("GET", {"HTTP_ORIGIN": "null"}, True),
        ("GET", {"HTTP_SEC_FETCH_SITE": "cross-site"}, True),
        ("GET", {"HTTP_SEC_FETCH_SITE": "same-site"}, True),
        ("GET", {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_COOKIE": "a=b"}, False),
        ("GET", {"HTTP_ORIGIN": "https://CHAT.example:443"}, False),
        ("GET", {"HTTP_ORIGIN": "https://chat.example:444"}, True),
        ("GET", {"HTTP_ORIGIN": "http://chat.example"}, True),
        ("GET", {"HTTP_COOKIE": "session=b"}, False),
        ("GET", {"HTTP_COOKIE": "session=b", "HTTP_UPGRADE": "websocket"}, True),
        ("GET", {"HTTP_COOKIE": "lb=1; session=b", "HTTP_UPGRADE": "websocket"}, True),
        ("GET", {"HTTP_COOKIE": "lb=1;  __cf=session", "HTTP_UPGRADE": "websocket"}, False),
        ("POST", {"HTTP_COOKIE": "session=b"}, True),
        ("POST", {"HTTP_COOKIE": "lb=1"}, False),
        ("POST", {}, False),
    ],
)
def test_a_page_that_is_not_ours_is_told_from_one_that_is(
    method: str, environ: dict[str, str], cross_site: bool
) -> None:
    environ |= {"REQUEST_METHOD": method}

    assert is_cross_site(environ, OURS, ["session"]) is cross_site
    assert is_cross_site(environ, None, ["session"]) is False


def test_another_page_cannot_connect(serving: Serving) -> None:
    assert serving.raw(headers={"Origin": "https://evil.example"}).status == 403
    assert serving.raw(headers={"Origin": serving.url}).status == 101


def test_other_pages_can_be_allowed(serve: Callable[..., Serving]) -> None:
    serving = serve(origins=["https://friend.example"])

    assert serving.raw(headers={"Origin": "https://friend.example"}).status == 101
    assert serving.raw(headers={"Origin": serving.url}).status == 101
    assert serving.raw(headers={"Origin": "https://evil.example"}).status == 403


def test_seats_are_counted_in_all_and_by_address() -> None:
    connection_limits = ConnectionLimits(most=3, most_per_address=2)

    assert [connection_limits.take(a) for a in ("one", "one", "one", "two", "two")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    connection_limits.leave("one")
    assert connection_limits.take("two")
    assert connection_limits.count == 3


def test_the_many_addresses_of_one_place_count_as_one() -> None:
    connection_limits = ConnectionLimits(most=0, most_per_address=1)
    home = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:0DB8:1:2::1%eth0"]
    others = ["2001:db8:1:3::1", "::1", "::ffff:192.0.2.1", "::ffff:192.0.2.2", "fe80::1", "?:?"]

    assert [connection_limits.take(address) for address in home] == [True, False, False]
    assert [connection_limits.take(address) for address in others] == [True] * len(others)
    assert not connection_limits.take("192.0.2.1")

    for address in (home[1], *others):
        connection_limits.leave(address)
    assert connection_limits.count == 0
    assert [connection_limits.take(address) for address in home] == [True, False, False]


def test_no_limit_is_no_limit() -> None:
    connection_limits = ConnectionLimits(most=0, most_per_address=0)

    assert all(connection_limits.take("one") for _ in range(1000))


@pytest.mark.parametrize("limit", ["connections", "connections_per_address"])
def test_a_full_house_says_when_to_come_again(serve: Callable[..., Serving], limit: str) -> None:
    serving = serve(**{limit: 2})
    first, _ = serving.raw().join(), serving.raw().join()

    refused = serving.raw()

    assert refused.status == 503
    assert "\r\nRetry-After: " in refused.head
    first.close()
    wait_until(lambda: serving.connections == 1)
    serving.raw().join()


def test_who_does_not_finish_connecting_is_dropped(serve: Callable[..., Serving]) -> None:
    serving = serve(handshake_seconds=1.0)
    member, stranger = serving.raw().join(), serving.raw()
    stranger.packet()

    assert stranger.close_code() == 1001

    wait_until(lambda: serving.connections == 1)
    assert member.ask("echo", 1) == 1
    assert serving.chat.gone == []


def test_transports_can_be_limited(serve: Callable[..., Serving]) -> None:
    serving = serve(transports=["polling"])

    assert serving.raw().status == 400
